/** Members of a rule that say one word for all builders, or one for each role. */
import { isJsonObject, quote } from "../bytes/index.ts";
import type { Shape } from "../bytes/index.ts";
import { MAX_ROLE_WORDS } from "../limits.ts";
import { assertName } from "./labels.ts";
import type { Builder, ByRole } from "./types.ts";

/** What a result that contradicts does, the strictest first. */
export const ON_CONTRADICTION = ["refuse", "majority", "warn"] as const;
/** What a result from other inputs or another environment does, the strictest first. */
export const ON_DIFFERENCE = ["contradict", "show"] as const;

/** Stands for whoever has none of the roles that are named. */
const OTHERS = "*";

/**
 * One word, or a table of roles and words. `heard` are the builders that the rule hears: a role that none of them has would be a
 * misspelt one that changes nothing. Throws `shape/…`, `policy/bad-name`, `policy/unknown-name`.
 */
export function readByRole<Word extends string>(
  shape: Shape | undefined,
  words: readonly Word[],
  fallback: Word,
  heard: readonly Builder[],
): ByRole<Word> {
  if (shape === undefined) return Object.freeze({ others: fallback, roles: new Map() });
  if (!isJsonObject(shape.value)) return Object.freeze({ others: shape.oneOf(words), roles: new Map() });
  const roles = new Map<string, Word>();
  let others = fallback;
  for (const [role, entry] of shape.table(MAX_ROLE_WORDS)) {
    const word = entry.oneOf(words);
    if (role === OTHERS) {
      others = word;
      continue;
    }
    assertName(entry, role);
    if (!heard.some((builder) => builder.roles.includes(role)))
      entry.fail("policy/unknown-name", `no builder that the rule counts has the role ${quote(role)}`);
    roles.set(role, word);
  }
  return Object.freeze({ others, roles });
}

/** The word for a builder: of several of its roles that are named the strictest, so that no further role makes it milder. */
export function wordFor<Word extends string>(
  { others, roles }: ByRole<Word>,
  builder: Builder,
  words: readonly Word[],
): Word {
  const named = builder.roles.flatMap((role) => roles.get(role) ?? []);
  return words.find((word) => named.includes(word)) ?? others;
}

/** A sentence for each word: of the roles that it is for, then of the others. */
export function byRoleInWords<Word extends string>(
  { others, roles }: ByRole<Word>,
  sentences: Readonly<Record<Word, string>>,
): readonly string[] {
  if (roles.size === 0) return [sentences[others]];
  const named = [...roles].map(([role, word]) => `Of the role ${role}: ${lowered(sentences[word])}`);
  return [...named, `Of the others: ${lowered(sentences[others])}`];
}

function lowered(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

/** Rules on artifacts, as words (in-toto specification 4.3.3). */
import { quote } from "../bytes/index.ts";
import type { JsonValue, Shape } from "../bytes/index.ts";
import { MAX_LAYOUT_RULES, MAX_PATH_BYTES, MAX_RULE_WORDS } from "../limits.ts";
import type { ArtifactRule } from "./types.ts";

/** What a rule is, for messages. */
export const RULE_FORMS =
  "CREATE, DELETE, MODIFY, ALLOW, DISALLOW, REQUIRE and a pattern, or MATCH pattern [IN prefix] WITH MATERIALS|PRODUCTS [IN prefix] FROM step";
const SIMPLE = ["create", "delete", "modify", "allow", "disallow", "require"] as const;

/** The rules of a list. Throws `layout/bad-document`. */
export function readRules(shape: Shape): readonly ArtifactRule[] {
  return Object.freeze(shape.list(MAX_LAYOUT_RULES).map(readRule));
}

function readRule(shape: Shape): ArtifactRule {
  const words = shape.list(MAX_RULE_WORDS).map((word) => word.string(MAX_PATH_BYTES));
  return (
    ruleOfWords(words) ??
    shape.fail("layout/bad-document", `${quote(words.join(" "))} is no rule: ${RULE_FORMS}`)
  );
}

/** The rule of these words; null where they are none. Keywords are read in any case, as in-toto's tools do. */
export function ruleOfWords(words: readonly string[]): ArtifactRule | null {
  const [keyword = "", pattern, ...rest] = words;
  if (pattern === undefined) return null;
  const kind = SIMPLE.find((word) => word === keyword.toLowerCase());
  if (kind !== undefined) return rest.length === 0 ? Object.freeze({ kind, pattern }) : null;
  if (keyword.toLowerCase() !== "match") return null;
  const left = [...rest];
  const after = (word: string): string | null => {
    if (left.length < 2 || left[0]?.toLowerCase() !== word) return null;
    return left.splice(0, 2)[1] ?? null;
  };
  const source = after("in");
  const type = after("with")?.toLowerCase();
  const destination = after("in");
  const step = after("from");
  if ((type !== "materials" && type !== "products") || step === null || left.length > 0) return null;
  return Object.freeze({ kind: "match", pattern, source, with: type, destination, step });
}

/** The words of a rule. */
export function wordsOfRule(rule: ArtifactRule): readonly string[] {
  if (rule.kind !== "match") return [rule.kind.toUpperCase(), rule.pattern];
  const { pattern, source, destination, step } = rule;
  const prefix = (text: string | null): readonly string[] => (text === null ? [] : ["IN", text]);
  const type = rule.with.toUpperCase();
  return ["MATCH", pattern, ...prefix(source), "WITH", type, ...prefix(destination), "FROM", step];
}

/** A rule as layouts have it. */
export function ruleJson(rule: ArtifactRule): JsonValue {
  return [...wordsOfRule(rule)];
}

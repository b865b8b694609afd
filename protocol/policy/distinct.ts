/** What no two seats of a rule may share: builder, operator, country, distribution, architecture. */
import { isJsonArray } from "../bytes/index.ts";
import type { RecordShape, Shape } from "../bytes/index.ts";
import type { Builder, Distinct, Trait } from "./types.ts";

const TRAITS: readonly Trait[] = ["country", "distribution", "architecture"];
const BY_BUILDER: readonly Distinct[] = Object.freeze(["builder"]);
const WORDS: readonly Distinct[] = ["builder", "operator", ...TRAITS];

/** Compared letter by letter, so that there is one writing: `DE`, `debian`, `arm64`. */
const WRITING: Readonly<Record<Trait, readonly [form: RegExp, words: string]>> = {
  country: [/^[A-Z]{2}$/, 'two capital letters, as in "DE"'],
  distribution: [/^[a-z0-9][a-z0-9.+-]{0,63}$/, 'small letters and digits, as in "debian"'],
  architecture: [/^[a-z0-9][a-z0-9_-]{0,63}$/, 'small letters and digits, as in "arm64"'],
};

/** Somebody who can take a seat: a builder that speaks of a step. Two voters that are equal at one place of `voices` never take two seats. */
export interface Voter {
  /** As seats have it. */
  readonly sitter: string;
  /** As long for all voters of a rule. */
  readonly voices: readonly string[];
}

/** `country`, `distribution` and `architecture` of a builder. Throws `policy/bad-name`. */
export function readTraits(fields: RecordShape): Builder["traits"] {
  return Object.freeze({
    country: readTrait(fields, "country"),
    distribution: readTrait(fields, "distribution"),
    architecture: readTrait(fields, "architecture"),
  });
}

function readTrait(fields: RecordShape, trait: Trait): string | null {
  const shape = fields.optional(trait);
  if (shape === undefined) return null;
  const [form, words] = WRITING[trait];
  const text = shape.string();
  if (!form.test(text)) shape.fail("policy/bad-name", `a ${trait} is written in ${words}`);
  return text;
}

/** One word or a list of them. Throws `shape/…`, `policy/duplicate-name`, `policy/mixed-distinct`. */
export function readDistinct(shape: Shape | undefined): readonly Distinct[] {
  if (shape === undefined) return BY_BUILDER;
  const words = new Set<Distinct>();
  for (const item of isJsonArray(shape.value) ? shape.list(WORDS.length) : [shape]) {
    const word = item.oneOf(WORDS);
    if (words.has(word)) item.fail("policy/duplicate-name", "listed twice");
    words.add(word);
  }
  if (words.size === 0 || (words.has("builder") && words.size > 1)) {
    shape.fail("policy/mixed-distinct", '"builder" alone, or what else no two may share, is expected');
  }
  // Else one operator in two countries would be two votes.
  if (!words.has("builder")) words.add("operator");
  return Object.freeze(WORDS.filter((word) => words.has(word)));
}

/** A counted builder that does not state what is distinct could be like any other: it can't be counted. Throws `policy/missing-trait`. */
export function assertTraits(shape: Shape, distinct: readonly Distinct[], counted: readonly Builder[]): void {
  for (const trait of TRAITS.filter((one) => distinct.includes(one))) {
    const silent = counted.find(({ traits }) => traits[trait] === null);
    if (silent !== undefined) {
      shape.fail(
        "policy/missing-trait",
        `no ${trait} counts twice here, and ${silent.name} states none: write ${trait} = "…" in [builders.${silent.name}]`,
      );
    }
  }
}

/** Who sits for what: names of builders have no blank. */
export function sitterOf(builder: string, step: string): string {
  return `${builder} ${step}`;
}

/** What a builder takes with its seat under `distinct`, whichever step it speaks of. */
export function voterOf(
  { name, operator, traits }: Builder,
  step: string,
  distinct: readonly Distinct[],
): Voter {
  const voices = distinct.map((word) => {
    if (word === "builder") return name;
    return word === "operator" ? operator : (traits[word] ?? "");
  });
  return { sitter: sitterOf(name, step), voices };
}

/** `an operator counts once`, `an operator and a country count once each`. */
export function onceInWords(distinct: readonly Distinct[]): string {
  const words = distinct.map((word) => `${/^[aeiou]/.test(word) ? "an" : "a"} ${word}`).join(" and ");
  return distinct.length === 1 ? `${words} counts once` : `${words} count once each`;
}

/** Rules on artifacts as people write them: one a line, words between blanks; in a list of words where a pattern has a blank. */
import { isJsonArray, quote } from "../../protocol/index.ts";
import type { ArtifactRule, Shape } from "../../protocol/index.ts";

type Simple = Exclude<ArtifactRule["kind"], "match">;
const SIMPLE: ReadonlyMap<string, Simple> = new Map([
  ["CREATE", "create"],
  ["DELETE", "delete"],
  ["MODIFY", "modify"],
  ["ALLOW", "allow"],
  ["DISALLOW", "disallow"],
  ["REQUIRE", "require"],
]);
const FORMS = `${[...SIMPLE.keys()].join(", ")} and a pattern, or MATCH pattern [IN prefix] WITH MATERIALS|PRODUCTS [IN prefix] FROM step`;

/** Reads one rule: `MATCH * WITH PRODUCTS FROM build`, or the list of its words. Throws `layout/bad-document` with its place. */
export function readRuleLine(shape: Shape): ArtifactRule {
  const words = wordsOf(shape);
  const [keyword = "", pattern = "", ...rest] = words;
  const kind = SIMPLE.get(keyword);
  const rule =
    kind === undefined
      ? keyword === "MATCH" && pattern !== ""
        ? matchRule(pattern, rest)
        : null
      : pattern !== "" && rest.length === 0
        ? { kind, pattern }
        : null;
  return rule ?? shape.fail("layout/bad-document", `${quote(words.join(" "))} is no rule: ${FORMS} expected`);
}

/** Words: of a list as they are, of a line between blanks. */
export function wordsOf(shape: Shape): readonly string[] {
  if (isJsonArray(shape.value)) return shape.list(MAX_WORDS).map((word) => word.string());
  return shape
    .string()
    .split(/[ \t]+/)
    .filter((word) => word !== "");
}

/** More than any rule has; a command of more words stands in a script. */
const MAX_WORDS = 256;

function matchRule(pattern: string, words: readonly string[]): ArtifactRule | null {
  const left = [...words];
  const after = (keyword: string): string | null => {
    if (left[0] !== keyword || left[1] === undefined) return null;
    return left.splice(0, 2)[1] ?? null;
  };
  const source = after("IN");
  const where = after("WITH");
  const destination = after("IN");
  const step = after("FROM");
  if ((where !== "MATERIALS" && where !== "PRODUCTS") || step === null || left.length > 0) return null;
  return {
    kind: "match",
    pattern,
    source,
    with: where === "MATERIALS" ? "materials" : "products",
    destination,
    step,
  };
}

/** A rule in the words that it is written in. */
export function ruleLine(rule: ArtifactRule): string {
  if (rule.kind !== "match") return `${rule.kind.toUpperCase()} ${rule.pattern}`;
  const { pattern, source, destination, step } = rule;
  const prefix = (text: string | null): string => (text === null ? "" : ` IN ${text}`);
  return `MATCH ${pattern}${prefix(source)} WITH ${rule.with.toUpperCase()}${prefix(destination)} FROM ${step}`;
}

/** The same in words: what a step takes or gives, in the order in which it is decided. */
export function ruleWords(rules: readonly ArtifactRule[]): readonly string[] {
  const words = rules.map(wordsOfRule);
  const last = rules.at(-1);
  const isClosed = last?.kind === "disallow" && last.pattern === "*";
  return isClosed ? words : [...words, words.length === 0 ? "anything" : "and anything else"];
}

function wordsOfRule(rule: ArtifactRule): string {
  const { pattern } = rule;
  switch (rule.kind) {
    case "create":
      return `${pattern}, new`;
    case "delete":
      return `${pattern}, which it takes away`;
    case "modify":
      return `${pattern}, which it changes`;
    case "allow":
      return pattern;
    case "disallow":
      return pattern === "*" ? "nothing else" : `no other ${pattern}`;
    case "require":
      return `${pattern} must be there`;
    case "match": {
      const { source, destination, step } = rule;
      const name = source === null ? pattern : `${source}/${pattern}`;
      const there = destination === null ? "" : ` in ${destination}`;
      return `${name} as ${step} ${rule.with === "products" ? "gave" : "took"} it${there}`;
    }
  }
}

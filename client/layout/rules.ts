/** Rules on artifacts as people write them: one a line, words between blanks; in a list of words where a pattern has a blank. */
import { isJsonArray, quote, RULE_FORMS, ruleOfWords, wordsOfRule } from "../../protocol/index.ts";
import type { ArtifactRule, Shape } from "../../protocol/index.ts";

/** Reads one rule: `MATCH * WITH PRODUCTS FROM build`, or the list of its words. Throws `layout/bad-document` with its place. */
export function readRuleLine(shape: Shape): ArtifactRule {
  const words = wordsOf(shape);
  const rule = ruleOfWords(words);
  // Written back, keywords in small letters show.
  if (rule !== null && rule.pattern !== "" && wordsOfRule(rule).every((word, at) => word === words[at]))
    return rule;
  return shape.fail("layout/bad-document", `${quote(words.join(" "))} is no rule: ${RULE_FORMS} expected`);
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

/** A rule in the words that it is written in. */
export function ruleLine(rule: ArtifactRule): string {
  return wordsOfRule(rule).join(" ");
}

/** The same in words: what a step takes or gives, in the order in which it is decided. */
export function ruleWords(rules: readonly ArtifactRule[]): readonly string[] {
  const words = rules.map(inWords);
  const last = rules.at(-1);
  const isClosed = last?.kind === "disallow" && last.pattern === "*";
  return isClosed ? words : [...words, words.length === 0 ? "anything" : "and anything else"];
}

function inWords(rule: ArtifactRule): string {
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

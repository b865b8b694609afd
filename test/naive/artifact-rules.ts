/**
 * in-toto's patterns and artifact rules, read off the specification (4.3.3, 5.3) a second time, without care for time: sets and recursion.
 */
export type NaiveFiles = Readonly<Record<string, Readonly<Record<string, string>>>>;
export interface NaiveFlow {
  readonly materials: NaiveFiles;
  readonly products: NaiveFiles;
}

/** Whether a pattern of letters, `*`, `?` and closed classes without ranges is the text's. */
export function naiveMatches(pattern: string, text: string): boolean {
  if (pattern === "") return text === "";
  const rest = pattern.slice(1);
  switch (pattern[0]) {
    case "*":
      return naiveMatches(rest, text) || (text !== "" && naiveMatches(pattern, text.slice(1)));
    case "?":
      return text !== "" && naiveMatches(rest, text.slice(1));
    case "[": {
      const end = rest.indexOf("]");
      const negated = rest.startsWith("!");
      const members = rest.slice(negated ? 1 : 0, end);
      if (text === "" || members.includes(text[0] ?? "") === negated) return false;
      return naiveMatches(rest.slice(end + 1), text.slice(1));
    }
    default:
      return text[0] === pattern[0] && naiveMatches(rest, text.slice(1));
  }
}

/** Whether the rules let everything by that stands on one side; rules are words. */
export function naiveRulesHold(
  rules: readonly (readonly string[])[],
  side: "materials" | "products",
  flow: NaiveFlow,
  flows: Readonly<Record<string, NaiveFlow>>,
): boolean {
  let queue = Object.keys(flow[side]);
  for (const rule of rules) {
    const [kind = "", pattern = ""] = rule;
    const matching = queue.filter((path) => naiveMatches(pattern, path));
    if (kind === "REQUIRE" && !queue.includes(pattern)) return false;
    if (kind === "DISALLOW" && matching.length > 0) return false;
    const before = (path: string): string | undefined => flow.materials[path]?.["sha256"];
    const after = (path: string): string | undefined => flow.products[path]?.["sha256"];
    const consumers: Readonly<Record<string, () => readonly string[]>> = {
      ALLOW: () => matching,
      CREATE: () => matching.filter((path) => before(path) === undefined),
      DELETE: () => matching.filter((path) => after(path) === undefined),
      MODIFY: () =>
        matching.filter(
          (path) => before(path) !== undefined && after(path) !== undefined && before(path) !== after(path),
        ),
      MATCH: () => queue.filter((path) => isMatched(rule, path, flow[side], flows)),
    };
    const consumed = consumers[kind]?.() ?? [];
    queue = queue.filter((path) => !consumed.includes(path));
  }
  return true;
}

function isMatched(
  rule: readonly string[],
  path: string,
  here: NaiveFiles,
  flows: Readonly<Record<string, NaiveFlow>>,
): boolean {
  const withAt = rule.indexOf("WITH");
  const source = rule[2] === "IN" ? `${rule[3]}/` : "";
  const destination = rule[withAt + 2] === "IN" ? `${rule[withAt + 3]}/` : "";
  const there = flows[rule.at(-1) ?? ""];
  if (there === undefined || !path.startsWith(source)) return false;
  const rest = path.slice(source.length);
  if (!naiveMatches(rule[1] ?? "", rest)) return false;
  const other = (rule[withAt + 1] === "MATERIALS" ? there.materials : there.products)[destination + rest];
  return other !== undefined && other["sha256"] === here[path]?.["sha256"];
}

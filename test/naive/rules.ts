/**
 * Which rules may be for a file, said a second time: by going through every way in which what is not known may turn out. The second opinion
 * for `rulesFor` of protocol/policy.
 */

export interface NaiveRule {
  readonly name: string;
  readonly matches: boolean;
  /** Each null = not asked. */
  readonly origins: readonly string[] | null;
  readonly suites: readonly string[] | null;
}

export interface NaiveList {
  readonly origin: string | null;
  readonly suites: readonly string[] | null;
}

/** Names in the policy's order, null for none of them; `values` are all that an origin or a suite may be. */
export function naiveRules(
  rules: readonly NaiveRule[],
  lists: readonly NaiveList[],
  values: readonly string[],
): readonly (string | null)[] {
  const found = new Set(worldsOf(lists, values).map((world) => firstIn(rules, world)));
  return [...rules.map(({ name }) => name), null].filter((name) => found.has(name));
}

interface World {
  readonly origin: string;
  readonly suites: readonly string[];
}

/** The file is from one of the lists, whichever; or, in none, from anywhere. */
function worldsOf(lists: readonly NaiveList[], values: readonly string[]): readonly World[] {
  const known = lists.length === 0 ? [{ origin: null, suites: null }] : lists;
  return known.flatMap(({ origin, suites }) =>
    (origin === null ? values : [origin]).flatMap((one) =>
      (suites === null ? values.map((value) => [value]) : [suites]).map((some) => ({
        origin: one,
        suites: some,
      })),
    ),
  );
}

function firstIn(rules: readonly NaiveRule[], { origin, suites }: World): string | null {
  const first = rules.find(
    (rule) =>
      rule.matches &&
      (rule.origins === null || rule.origins.some((pattern) => fits(pattern, origin))) &&
      (rule.suites === null || rule.suites.some((pattern) => suites.some((suite) => fits(pattern, suite)))),
  );
  return first?.name ?? null;
}

/** Patterns here have a `*` at their end or none. */
function fits(pattern: string, text: string): boolean {
  return pattern.endsWith("*") ? text.startsWith(pattern.slice(0, -1)) : text === pattern;
}

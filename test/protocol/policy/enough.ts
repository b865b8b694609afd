/** What a policy asks for a purl, by trying every set of the builders that it counts. */
import { buildersOf, readPolicy, rulesFor, stepsOf, tally, voterOf } from "../../../protocol/policy/index.ts";

export interface Enough {
  readonly sha256: string;
  /** Name of the rule, or null. */
  readonly rule: string | null;
  /** Builders that it counts, in the policy's order. */
  readonly counted: readonly string[];
  /** The sets of these that meet it and of which nobody can be left out. */
  readonly least: readonly (readonly string[])[];
}

/** Throws what `readPolicy` throws. */
export function enough(text: string, purl: string): Enough {
  const policy = readPolicy(text);
  const [rule = null] = rulesFor(policy, purl);
  if (rule === null) return { sha256: policy.sha256, rule: null, counted: [], least: [] };
  const builders = buildersOf(rule, policy);
  const isMet = (set: number): boolean => {
    const voters = builders.filter((_, index) => (set >> index) & 1);
    const { needed, taken } = tally(
      rule.ways,
      voters.flatMap((builder) =>
        stepsOf(rule, builder.name).map((step) => voterOf(builder, step, rule.distinct)),
      ),
    );
    return needed === taken;
  };
  const sets = Array.from({ length: 2 ** builders.length }, (_, set) => set).filter(isMet);
  const least = sets.filter((set) => !sets.some((other) => other !== set && (other & set) === other));
  return {
    sha256: policy.sha256,
    rule: rule.name,
    counted: builders.map(({ name }) => name),
    least: least.map((set) => builders.filter((_, index) => (set >> index) & 1).map(({ name }) => name)),
  };
}

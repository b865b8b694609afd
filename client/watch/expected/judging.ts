/** What the judge says of files that are waited for: by the rule that covers each, on what the node at hand knows. */
import type { Policy, Rule, Verdict } from "../../../protocol/index.ts";
import type { Source } from "../../edges.ts";
import { ClientError } from "../../errors.ts";
import { examineDigest, verify } from "../../verify/index.ts";
import type { FileRow } from "./rows.ts";
import { ruleOf } from "./sightings.ts";

/** How a file stands. */
export interface Standing {
  readonly verdict: Verdict;
  readonly policy: Policy;
  readonly rule: Rule;
}

export interface JudgingOptions {
  /** Who speaks for a package; null = nobody at present. */
  readonly policyFor: (purl: string) => Policy | null;
  /** A node that answers out of its own store. */
  readonly source: Source;
  readonly network: string;
  readonly dataDir: string;
  /** ms since 1970. */
  readonly now: number;
}

const DEADLINE_MS = 10_000;

/** Enough have rebuilt it, whatever else the verdict waits for. */
export function isRebuilt({ verdict, needed, agreeing }: Verdict): boolean {
  return verdict === "reproduced" || (needed > 0 && agreeing >= needed);
}

/** What is known of the release behind a file: somebody has stated its source, or nobody has, or nobody says what that is. */
export type Release = "stated" | "unstated" | "untraced";

export function releaseOf({ stated = [] }: Verdict): Release {
  if (stated.some(({ needed, taken }) => taken >= needed)) return "stated";
  return stated.length > 0 ? "unstated" : "untraced";
}

/**
 * Judges files, each by the first rule that may be for it and by that alone: apt's lists are not asked. By id of the row; those for which no
 * policy speaks, or none has a rule any more, are null. Throws `api/…` where the node does not answer.
 */
export async function judgeRows(
  rows: readonly FileRow[],
  { policyFor, source, network, dataDir, now }: JudgingOptions,
): Promise<ReadonlyMap<string, Standing | null>> {
  const standings = new Map<string, Standing | null>();
  const groups = new Map<Rule, { readonly policy: Policy; readonly some: FileRow[] }>();
  for (const row of rows) {
    const policy = policyFor(row.purl);
    const rule = policy === null ? null : ruleOf(policy, row.purl);
    standings.set(row.id, null);
    if (policy === null || rule === null) continue;
    const group = groups.get(rule) ?? { policy, some: [] };
    groups.set(rule, group);
    group.some.push(row);
  }
  for (const [rule, { policy, some }] of groups) {
    const { judged, failures, nobodyAsked } = await verify(
      some.map(({ sha256, purl, file }) => examineDigest(sha256, purl, file)),
      {
        policy: onlyBy(policy, rule),
        network,
        dataDir,
        source,
        isNear: true,
        bundles: [],
        mirrors: null,
        deadlineMs: DEADLINE_MS,
        mirrorsMs: 0,
        now,
      },
    );
    const [failure] = failures;
    if (nobodyAsked || failure !== undefined)
      throw failure ?? new ClientError("api/unreachable", `${source.name} does not answer`);
    for (const [at, { verdict }] of judged.entries()) {
      const row = some[at];
      if (row !== undefined) standings.set(row.id, { verdict, policy, rule });
    }
  }
  return standings;
}

/** The policy with this rule only, whatever apt's lists say; one for each rule. */
const single = new WeakMap<Rule, Policy>();

function onlyBy(policy: Policy, rule: Rule): Policy {
  const known = single.get(rule);
  if (known !== undefined) return known;
  const only = { ...policy, rules: [{ ...rule, apt: null }], exceptions: [] };
  single.set(rule, only);
  return only;
}

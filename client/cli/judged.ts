/** Files judged by a command's policies: each by that of whoever speaks for it. */
import { fromHex, LAST_ASKED_MS, publicKeyOf, toHex } from "../../protocol/index.ts";
import type { Former } from "../../protocol/index.ts";
import type { Policies, PolicyFile } from "../policy-file.ts";
import { uptimeMs } from "../uptime.ts";
import { formerVotes, verify, VerdictMemory } from "../verify/index.ts";
import type { Examined, FormerKey, Judged, Outcome, Rested, VerifyOptions } from "../verify/index.ts";

export interface JudgedBy extends Judged {
  readonly by: PolicyFile;
  /** What keys said that the trust domain has removed since. */
  readonly former: readonly Former[];
}

export interface Outcomes extends Omit<Outcome, "judged"> {
  readonly judged: readonly JudgedBy[];
}

/**
 * Judges the files, those of one policy together; their order is kept. Throws as `verify` does, and `trust/…` where who speaks for one of
 * them says nothing at present.
 */
export async function judgeByAll(
  files: readonly Examined[],
  policies: Policies,
  options: Omit<VerifyOptions, "policy">,
): Promise<Outcomes> {
  const groups = groupsOf(files, policies);
  const outcomes: (Outcome & { readonly by: PolicyFile })[] = [];
  const until = uptimeMs() + options.deadlineMs;
  for (const { by, some } of groups) {
    // Somebody waits for a hook, and its node has all at hand: it gets one time for all of them.
    const left = Math.max(LAST_ASKED_MS, Math.floor(until - uptimeMs()));
    const deadlineMs = options.isNear === true ? Math.min(left, options.deadlineMs) : options.deadlineMs;
    outcomes.push({ ...(await verify(some, { ...options, deadlineMs, policy: by.policy })), by });
  }
  const raw = outcomes.flatMap((outcome) => outcome.raw);
  const [first] = outcomes;
  const { policy } = first?.by ?? policies.of(null);
  const removed = await removedKeys(policies, options.now);
  const former = await formerVotes(raw, removed, { policy, network: options.network });
  const judged = outcomes.flatMap(({ judged: some, by }) =>
    some.map((one) => ({ ...one, by, former: outside(by, former.of(one.artifact)) })),
  );
  const kept = remember(judged, options);
  const place = new Map(files.map(({ artifact }, at) => [artifact, at]));
  return {
    judged: judged.toSorted((a, b) => (place.get(a.artifact) ?? 0) - (place.get(b.artifact) ?? 0)),
    state: kept === "none" || outcomes.some(({ state }) => state === "none") ? "none" : "kept",
    nobodyAsked: outcomes.some(({ nobodyAsked }) => nobodyAsked),
    failures: outcomes.flatMap(({ failures }) => failures),
    junk: outcomes.reduce((sum, { junk }) => sum + junk, 0),
    raw,
    evidenceFile: (evidence) => first?.evidenceFile(evidence) ?? "",
  };
}

/** What rested on a trust domain, for when it removes a key. */
function remember(
  judged: readonly JudgedBy[],
  { dataDir, network, now }: Omit<VerifyOptions, "policy">,
): Outcome["state"] {
  const rows = judged.flatMap(({ artifact: { target, sha256 }, verdict, by }): readonly Rested[] => {
    if (by.domain === null || verdict.verdict !== "reproduced" || target === null) return [];
    const keyids = verdict.votes.flatMap(({ vote, keyid }) => (vote === "agrees" ? (keyid ?? []) : []));
    return [{ purl: target.purl, file: target.file, sha256: toHex(sha256), time: now, keyids }];
  });
  return rows.length === 0 ? "kept" : new VerdictMemory(dataDir, network).keep(rows);
}

interface Group {
  readonly by: PolicyFile;
  readonly some: Examined[];
}

function groupsOf(files: readonly Examined[], policies: Policies): Iterable<Group> {
  const groups = new Map<string, Group>();
  for (const file of files) {
    const by = policies.of(file.artifact.target?.purl ?? null);
    const group = groups.get(by.path) ?? { by, some: [] };
    groups.set(by.path, group);
    group.some.push(file);
  }
  return groups.values();
}

/** Of keys that this policy does not have at all: of its own, one that it revoked too, the votes tell. */
function outside({ policy }: PolicyFile, former: readonly Former[]): readonly Former[] {
  if (former.length === 0) return former;
  const own = new Set([...policy.builders.values()].flatMap(({ keys }) => keys.map(({ raw }) => toHex(raw))));
  return former.filter(({ key }) => !own.has(key));
}

async function removedKeys({ domain }: Policies, now: number): Promise<readonly FormerKey[]> {
  if (domain === null) return [];
  const { removedAt } = await import("../trust/index.ts");
  return removedAt(domain.state, now).map(({ builder, key, role, version }) => ({
    builder,
    keys: [publicKeyOf(fromHex(key))],
    role,
    version,
  }));
}

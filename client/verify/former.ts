import { collectFound, joinRaw, toHex } from "../../protocol/index.ts";
import type { Artifact, Builder, Former, FoundClaim, Policy, RawFindings } from "../../protocol/index.ts";

/** A key that a trust domain's policies had, and have no more. */
export interface FormerKey {
  readonly builder: string;
  readonly keys: Builder["keys"];
  readonly role: string;
  readonly version: number;
}

/** What was collected that removed keys have signed, by file. */
export interface FormerVotes {
  of(artifact: Artifact): readonly Former[];
}

/** Reads what sources and bundles handed over by keys that no policy has any more. It decides nothing; users are told of it. */
export async function formerVotes(
  raw: readonly RawFindings[],
  keys: readonly FormerKey[],
  by: { readonly policy: Policy; readonly network: string },
): Promise<FormerVotes> {
  if (keys.length === 0) return { of: () => [] };
  const { entries } = await collectFound(joinRaw(raw), {
    policy: { ...by.policy, builders: buildersOf(keys), witnesses: new Map() },
    network: by.network,
    strict: false,
  });
  const known = new Map(
    keys.flatMap((key) => key.keys.map(({ raw: octets }) => [toHex(octets), key] as const)),
  );
  return { of: (artifact) => saidOf(artifact, entries, known) };
}

function buildersOf(keys: readonly FormerKey[]): Policy["builders"] {
  const traits = { country: null, distribution: null, architecture: null };
  return new Map(
    keys.map((key, at) => {
      const name = String(at);
      return [name, { name, keys: key.keys, revoked: [], operator: name, roles: [], traits, feeds: [] }];
    }),
  );
}

/** One for each key and digest. */
function saidOf(
  { target }: Artifact,
  entries: readonly FoundClaim[],
  known: ReadonlyMap<string, FormerKey>,
): readonly Former[] {
  const said = new Map<string, Former>();
  for (const { verified } of entries) {
    const key = toHex(verified.signer.raw);
    const former = known.get(key);
    if (former === undefined) continue;
    for (const claim of verified.claims) {
      if (claim.kind !== "positive" || claim.sha256 === null || claim.target?.keyHex !== target?.keyHex)
        continue;
      const sha256 = toHex(claim.sha256);
      const { builder, role, version } = former;
      if (target !== null) said.set(`${key} ${sha256}`, { builder, key, sha256, role, version });
    }
  }
  return [...said.values()];
}

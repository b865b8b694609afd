import { collectFound, fromUtf8, joinRaw, writeBundleFile } from "../../protocol/index.ts";
import type { Policy, RawFindings } from "../../protocol/index.ts";
import { NOTHING } from "./gather.ts";

/** Whose claims go into a bundle, and when it is made. */
export interface BundleOptions {
  readonly policy: Policy;
  readonly network: string;
  /** ms since 1970. */
  readonly now: number;
}

/**
 * A bundle of what a verification was given: all that holds, votes and dissent alike (RULES R24). What does not hold stays out: whoever
 * names the bundle has it checked to the last octet. With the number of different envelopes in it.
 */
export async function collectBundle(
  raw: readonly RawFindings[],
  options: BundleOptions,
): Promise<{ readonly bytes: Uint8Array; readonly attestations: number }> {
  const all = joinRaw(raw);
  const single = [
    ...all.heads.map((head) => ({ ...NOTHING, heads: [head] })),
    ...all.entries.map((entry) => ({ ...NOTHING, entries: [entry] })),
    ...all.envelopes.map((envelope) => ({ ...NOTHING, envelopes: [envelope] })),
    ...all.evidence.map((evidence) => ({ ...NOTHING, evidence: [evidence] })),
    ...(all.joins ?? []).map((join) => ({ ...NOTHING, joins: [join] })),
    ...(all.documents ?? []).map((document) => ({ ...NOTHING, documents: [document] })),
  ];
  const good: RawFindings[] = [];
  for (const one of single) if (await holds(one, options)) good.push(one);
  const held = joinRaw(good);
  const envelopes = new Set([...held.entries.map(({ entry }) => entry), ...held.envelopes].map(fromUtf8));
  return {
    bytes: writeBundleFile(held, { network: options.network, time: options.now }),
    attestations: envelopes.size + (held.documents ?? []).length,
  };
}

function holds(one: RawFindings, { policy, network }: BundleOptions): Promise<boolean> {
  return collectFound(one, { policy, network, strict: true }).then(
    () => true,
    () => false,
  );
}

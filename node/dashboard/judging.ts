/** The verdict on a file, made here: every signature and proof is checked, and the policy's rule decides, with the core that the command uses. */
import {
  heardBy,
  collectFound,
  equalBytes,
  judge,
  MAX_ASKED_KEYS,
  parseAttestation,
  parseTarget,
  ProtocolError,
  rulesFor,
  sourceSignersOf,
  toHex,
} from "../../protocol/index.ts";
import type {
  Artifact,
  Collected,
  FileForm,
  Policy,
  RawFindings,
  Target,
  Verdict,
} from "../../protocol/index.ts";

export interface DroppedFile {
  readonly name: string;
  readonly sha256: Uint8Array;
  /** Left out: only its digest is known. */
  readonly octets?: Blob;
}

export interface Judgement {
  readonly verdict: Verdict;
  /** Items that were handed over and do not hold. */
  readonly junk: ReadonlyMap<string, number>;
  /** Statements that hold, by builders of the policy. */
  readonly statements: number;
  /** Statements of keys that the policy does not name. */
  readonly strangers: number;
}

/** What the verdict is asked by, and how much was asked. */
export interface Circumstances {
  readonly policy: Policy;
  readonly network: string;
  /** The user named the bytes (a bundle): the first that is bad rejects everything. */
  readonly strict: boolean;
  readonly peers: number;
  readonly ended: boolean;
  /** ms since 1970. */
  readonly now: number;
  /** Of the file, where a rule asks for it; not there = not known. */
  readonly form?: FileForm;
}

/** Judges a file as this package. Rejects with a ProtocolError where `strict` and something does not hold. */
export async function judgeFile(
  file: DroppedFile,
  target: Target,
  raw: RawFindings,
  { policy, network, strict, peers, ended, now, form }: Circumstances,
): Promise<Judgement> {
  const collected = await collectFound(raw, { policy, network, strict });
  const artifact: Artifact = { sha256: file.sha256, name: file.name, target, inside: null };
  const heads = [...collected.heads, ...headsOfEntries(collected)];
  const builders = new Set(collected.entries.map(({ builder }) => builder));
  const verdict = judge(
    artifact,
    {
      entries: collected.entries,
      documents: collected.documents,
      heads,
      evidence: collected.evidence,
      cosignatures: collected.cosignatures,
      joins: collected.joins,
      endings: collected.endings,
      settled: ended ? "all" : builders,
      asked: { local: 1, mirrors: 0, peers, dht: 0 },
      memory: new Map(),
      ...(form === undefined ? {} : { forms: new Map([[toHex(file.sha256), form]]) }),
    },
    policy,
    now,
  );
  return {
    verdict,
    junk: collected.junk,
    statements: collected.entries.length,
    strangers: collected.strangers,
  };
}

function headsOfEntries({ entries }: Collected): Collected["heads"] {
  return entries.flatMap(({ head }) => (head === null ? [] : [{ head, complete: false }]));
}

/** Raw keys, in hex, of those whom the policy hears on a package: who is asked for. */
export function keysAsked(policy: Policy, target: Target): readonly string[] {
  const builders = rulesFor(policy, target.purl).flatMap((rule) =>
    rule === null ? [] : [...heardBy(rule, policy), ...sourceSignersOf(rule, policy)],
  );
  const keys = new Set(builders.flatMap((builder) => builder.keys.map(({ raw }) => toHex(raw))));
  return [...keys].slice(0, MAX_ASKED_KEYS);
}

/** What a file may be, as those say who state these octets or this name. Names of packages that can't be are left out. */
export function candidates(
  names: readonly { readonly purl: string | null; readonly file: string }[],
): readonly Target[] {
  const targets = names.flatMap(({ purl, file }) => {
    const target = purl === null ? null : targetOf(purl, file);
    return target === null ? [] : [target];
  });
  return [...new Map(targets.map((target) => [target.keyHex, target])).values()];
}

function targetOf(purl: string, file: string): Target | null {
  try {
    return parseTarget(purl, file);
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}

/** What the statements of a bundle say that the file is: by its octets first, else by its name. */
export function candidatesIn(raw: RawFindings, { name, sha256 }: DroppedFile): readonly Target[] {
  const envelopes = [...raw.envelopes, ...raw.entries.map(({ entry }) => entry)];
  const claims = envelopes.flatMap((envelope) => {
    try {
      return parseAttestation(envelope).claims;
    } catch (error) {
      if (error instanceof ProtocolError) return [];
      throw error;
    }
  });
  const named = claims.filter(({ target }) => target !== null);
  const same = named.filter((claim) => claim.sha256 !== null && equalBytes(claim.sha256, sha256));
  const said = [...same, ...named.filter(({ file }) => file === name)];
  return candidates(said.map(({ target, file }) => ({ purl: target?.purl ?? null, file })));
}

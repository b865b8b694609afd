/** Owners of trust domains, and what they sign. */
import {
  addSignature,
  buildRoot,
  buildTargets,
  ed25519Key,
  keyIdPlain,
  publicFromSeed,
  signDomain,
} from "../../../protocol/index.ts";
import type {
  DelegationChoice,
  MetadataKind,
  PublicKey,
  Role,
  RootChoice,
  TargetsChoice,
} from "../../../protocol/index.ts";

export interface Owner {
  readonly seed: Uint8Array;
  readonly key: PublicKey;
}

/** ms: some time that the documents last. */
export const LATER: number = Date.UTC(2030, 0, 1);

export function owner(number: number): Owner {
  const seed = new Uint8Array(32).fill(number);
  return { seed, key: ed25519Key(publicFromSeed(seed)) };
}

/** A root of these owners, of whom `threshold` have to sign; the first one signs targets. */
export function rootOf(
  version: number,
  owners: readonly Owner[],
  threshold: number,
  said: Partial<RootChoice> = {},
): Uint8Array {
  const keys = owners.map(({ key }) => key);
  return buildRoot({
    version,
    expires: LATER,
    root: { keys, threshold },
    targets: { keys: keys.slice(0, 1), threshold: 1 },
    ...said,
  });
}

export function targetsOf(version: number, said: Partial<TargetsChoice> = {}): Uint8Array {
  return buildTargets({ version, expires: LATER, files: [], delegations: [], ...said });
}

export function delegationTo(
  name: string,
  to: Owner,
  said: Partial<DelegationChoice> = {},
): DelegationChoice {
  return {
    name,
    keys: [to.key],
    threshold: 1,
    paths: [`${name}/*`],
    purls: [`pkg:deb/${name}/*`],
    ...said,
  };
}

/** The document with signatures of these owners, whatever role they are in. */
export function signedBy(bytes: Uint8Array, kind: MetadataKind, ...owners: readonly Owner[]): Uint8Array {
  return owners.reduce((document, { seed, key }) => {
    const role: Role = { keys: new Map([[keyIdPlain(key), key]]), threshold: 1 };
    return addSignature(document, kind, [role], key, (message) => signDomain(seed, message));
  }, bytes);
}

/** What is signed, as JSON to change. */
export function opened(bytes: Uint8Array): { signatures: unknown[]; signed: Record<string, unknown> } {
  return JSON.parse(new TextDecoder().decode(bytes)) as never;
}

export function closed(document: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(document));
}

/** A document changed in what is signed, and signed anew by these owners. */
export function changed(
  bytes: Uint8Array,
  kind: MetadataKind,
  change: (signed: Record<string, unknown>) => void,
  ...owners: readonly Owner[]
): Uint8Array {
  const { signed } = opened(bytes);
  change(signed);
  return signedBy(closed({ signatures: [], signed }), kind, ...owners);
}

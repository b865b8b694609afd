/** Documents of a trust domain as we write them, and signatures added one machine after the other. */
import { formatTime } from "../attestation/index.ts";
import { concat, jsonObject, toHex, writeJson } from "../bytes/index.ts";
import type { JsonValue } from "../bytes/index.ts";
import { keyIdPlain, sameKey } from "../crypto/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_ROOT_BYTES, MAX_TARGETS_BYTES } from "../limits.ts";
import { readMetadata } from "./metadata.ts";
import type { MetadataKind } from "./metadata.ts";
import type { Role } from "./role.ts";
import type { TargetFile } from "./targets.ts";

/** Keys of which `threshold` have to sign. */
export interface RoleChoice {
  readonly keys: readonly PublicKey[];
  readonly threshold: number;
}

export interface RootChoice {
  readonly version: number;
  /** ms since 1970; fractions of a second are cut. */
  readonly expires: number;
  readonly root: RoleChoice;
  readonly targets: RoleChoice;
}

export interface DelegationChoice extends RoleChoice {
  readonly name: string;
  readonly paths: readonly string[];
  readonly purls: readonly string[];
}

export interface TargetsChoice {
  readonly version: number;
  readonly expires: number;
  readonly files: readonly TargetFile[];
  readonly delegations: readonly DelegationChoice[];
}

const SPEC_VERSION = "1.0.31";
const NEWLINE = Uint8Array.of(0x0a);

/**
 * A root that nobody has signed. TUF wants roles for snapshots and time stamps too: here nothing is signed by them, and the targets' keys
 * stand for them.
 */
export function buildRoot({ version, expires, root, targets }: RootChoice): Uint8Array {
  const targetsRole = roleJson(targets);
  return unsigned({
    _type: "root",
    consistent_snapshot: true,
    expires: formatTime(expires),
    keys: keysJson([...root.keys, ...targets.keys]),
    roles: jsonObject({
      root: roleJson(root),
      snapshot: targetsRole,
      targets: targetsRole,
      timestamp: targetsRole,
    }),
    spec_version: SPEC_VERSION,
    version,
  });
}

/** Targets that nobody has signed. */
export function buildTargets({ version, expires, files, delegations }: TargetsChoice): Uint8Array {
  return unsigned({
    _type: "targets",
    delegations: delegations.length === 0 ? undefined : delegationsJson(delegations),
    expires: formatTime(expires),
    spec_version: SPEC_VERSION,
    targets: new Map(
      files.map(({ path, length, sha256 }): [string, JsonValue] => [
        path,
        jsonObject({ hashes: jsonObject({ sha256: toHex(sha256) }), length }),
      ]),
    ),
    version,
  });
}

/**
 * The document with one more signature, or with this key's made anew; `sign` gets what is signed. The same octets sign in whatever
 * order keys come. Throws `trust/not-a-signer` where none of `roles` has the key, and what `readMetadata` throws.
 */
export function addSignature(
  bytes: Uint8Array,
  kind: MetadataKind,
  roles: readonly Role[],
  key: PublicKey,
  sign: (message: Uint8Array) => Uint8Array,
): Uint8Array {
  const document = readMetadata(bytes, kind, kind === "root" ? MAX_ROOT_BYTES : MAX_TARGETS_BYTES);
  const keyid = roles.map((role) => idIn(role, key)).find((id) => id !== null) ?? null;
  if (keyid === null) {
    throw new ProtocolError(
      "trust/not-a-signer",
      `the key ${keyIdPlain(key)} is in no role that signs this document: sign with one of its own`,
    );
  }
  const signatures = new Map([...document.signatures].filter(([, sig]) => sig.length > 0));
  signatures.set(keyid, sign(document.signedBytes));
  const list = [...signatures]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, sig]) => jsonObject({ keyid: id, sig: toHex(sig) }));
  return line(jsonObject({ signatures: list, signed: document.signed.shape.value }));
}

function idIn(role: Role, key: PublicKey): string | null {
  for (const [keyid, one] of role.keys) if (sameKey(one, key)) return keyid;
  return null;
}

function unsigned(members: Readonly<Record<string, JsonValue | undefined>>): Uint8Array {
  return line(jsonObject({ signatures: [], signed: jsonObject(members) }));
}

/** One line of JSON: files of others' tools are laid out otherwise, and signed the same. */
function line(value: JsonValue): Uint8Array {
  return concat(writeJson(value), NEWLINE);
}

function roleJson({ keys, threshold }: RoleChoice): JsonValue {
  return jsonObject({ keyids: idsOf(keys), threshold });
}

function delegationsJson(delegations: readonly DelegationChoice[]): JsonValue {
  return jsonObject({
    keys: keysJson(delegations.flatMap(({ keys }) => keys)),
    roles: delegations.map(({ name, keys, threshold, paths, purls }) =>
      jsonObject({
        keyids: idsOf(keys),
        name,
        paths: [...paths],
        terminating: true,
        threshold,
        "x-samebits-purls": [...purls],
      }),
    ),
  });
}

function idsOf(keys: readonly PublicKey[]): string[] {
  return [...new Set(keys.map(keyIdPlain))].sort();
}

function keysJson(keys: readonly PublicKey[]): JsonValue {
  const byId = keys.map((key): [string, JsonValue] => [
    keyIdPlain(key),
    jsonObject({
      keytype: "ed25519",
      keyval: jsonObject({ public: toHex(key.raw) }),
      scheme: "ed25519",
    }),
  ]);
  return new Map([...new Map(byId)].sort(([a], [b]) => (a < b ? -1 : 1)));
}

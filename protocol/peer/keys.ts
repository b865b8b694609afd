/** Keys that this peer knows: of builders it follows. Key ids only say which of them to try first (RULES R3). */
import type { Attestation } from "../attestation/index.ts";
import { toHex } from "../bytes/index.ts";
import { keyIdKha, keyIdPlain, publicKeyOf, sameKey, sha256 } from "../crypto/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_KEYS_TRIED } from "../limits.ts";
import type { FeedState } from "./feed-state.ts";
import { KEY_PREFIX_BYTES } from "./rows.ts";

export class KnownKeys {
  readonly #followed: readonly PublicKey[];
  /** Both dialects' key ids of the followed keys. */
  readonly #byId: ReadonlyMap<string, PublicKey>;
  /** As the keys of records name them. */
  readonly #hashes: ReadonlySet<string>;

  constructor(followed: readonly PublicKey[]) {
    this.#followed = followed;
    this.#hashes = new Set(followed.map(({ raw }) => toHex(sha256(raw).subarray(0, KEY_PREFIX_BYTES))));
    this.#byId = byKeyId(followed);
  }

  /** The followed keys that an attestation names. */
  namedBy(attestation: Attestation): readonly PublicKey[] {
    return named(attestation, this.#byId);
  }

  /**
   * Whose signature an entry may bear, likeliest first: the feed's own (RULES R9), keys that it names, others that were asked for. At
   * most MAX_KEYS_TRIED: strangers choose how many signatures an entry has.
   */
  candidates(
    attestation: Attestation,
    feed: Pick<FeedState, "publicKey"> | null,
    asked: AskedKeys = noKeys,
  ): readonly PublicKey[] {
    const mayBeOwn = feed !== null && attestation.form === "dsse" && attestation.signatures.length === 1;
    const all = [
      ...(mayBeOwn ? [feed.publicKey] : []),
      ...this.namedBy(attestation),
      ...named(attestation, asked.byId),
      ...asked.keys,
      ...(this.#followed.length <= MAX_KEYS_TRIED ? this.#followed : []),
    ];
    const distinct = all.filter((key, i) => all.findIndex((other) => sameKey(other, key)) === i);
    return distinct.slice(0, MAX_KEYS_TRIED);
  }

  /** Whether somebody here follows this key. */
  follows(key: PublicKey): boolean {
    return this.#followed.some((other) => sameKey(other, key));
  }

  /** Whether somebody here follows the key with this hash, as the key of a record has it (`signerOfRecord`). */
  followsHash(hash: Uint8Array): boolean {
    return this.#hashes.has(toHex(hash));
  }
}

/** Keys that a question names. */
export interface AskedKeys {
  readonly keys: readonly PublicKey[];
  readonly byId: ReadonlyMap<string, PublicKey>;
}

export const noKeys: AskedKeys = { keys: [], byId: new Map() };

/** Reads the keys of a question; what is no key is left out. */
export function askedKeys(builders: readonly Uint8Array[]): AskedKeys {
  const keys: PublicKey[] = [];
  for (const octets of builders) {
    try {
      keys.push(publicKeyOf(octets));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
    }
  }
  return { keys, byId: byKeyId(keys) };
}

function byKeyId(keys: readonly PublicKey[]): ReadonlyMap<string, PublicKey> {
  const byId = new Map<string, PublicKey>();
  for (const key of keys) byId.set(keyIdPlain(key), key).set(keyIdKha(key), key);
  return byId;
}

function named(attestation: Attestation, byId: ReadonlyMap<string, PublicKey>): readonly PublicKey[] {
  if (byId.size === 0) return [];
  return attestation.signatures.flatMap(({ keyid }) => {
    const key = keyid === null ? undefined : byId.get(keyid);
    return key === undefined ? [] : [key];
  });
}

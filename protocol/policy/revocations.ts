/** Keys of a builder, and which of them anybody may hold from a time on: `keys = [ "…", { key = "…", revoked = "2026-10-01" } ]`. */
import { isJsonObject, reading } from "../bytes/index.ts";
import type { Shape } from "../bytes/index.ts";
import { guiseName, keyName, parsePublicKey } from "../crypto/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import { readDate } from "./date.ts";
import type { Revocation, Witness } from "./types.ts";
import { majorityOf, readQuorum } from "./witnesses.ts";

/** Keys, each once, and those of them that are revoked. */
export interface ReadKeys {
  readonly keys: readonly PublicKey[];
  readonly revoked: readonly Revocation[];
}

/**
 * Two writings of one key are one key; a revoked key stands there once. Two guises of one material, by itself and as OpenPGP's, are two keys,
 * each with signatures that only it verifies; but who holds the material signs in both, so both are revoked, as of one time, or none is.
 * Throws `shape/…`, `policy/…`.
 */
export function readKeyList(shapes: readonly Shape[], witnesses: ReadonlyMap<string, Witness>): ReadKeys {
  const keys = new Map<string, PublicKey>();
  const revoked = new Map<string, Revocation>();
  /** By material: as of when it is revoked, null where it is not. */
  const times = new Map<string, number | null>();
  for (const shape of shapes) {
    const { key, revocation } = readKey(shape, witnesses);
    const name = guiseName(key);
    const atMs = revocation?.atMs ?? null;
    if (keys.has(name) && (revocation !== null || revoked.has(name)))
      shape.fail("policy/duplicate-name", "this key is listed twice, and once as revoked");
    const other = times.get(keyName(key));
    if (other !== undefined && other !== atMs)
      shape.fail(
        "policy/duplicate-name",
        "this key is listed by itself and as OpenPGP's, and both are not revoked as of one time",
      );
    times.set(keyName(key), atMs);
    keys.set(name, key);
    if (revocation !== null) revoked.set(name, revocation);
  }
  return { keys: Object.freeze([...keys.values()]), revoked: Object.freeze([...revoked.values()]) };
}

interface ReadKey {
  readonly key: PublicKey;
  readonly revocation: Revocation | null;
}

function readKey(shape: Shape, witnesses: ReadonlyMap<string, Witness>): ReadKey {
  if (!isJsonObject(shape.value)) return { key: keyIn(shape), revocation: null };
  const fields = shape.record();
  const key = keyIn(fields.member("key"));
  const atMs = readDate(fields.member("revoked"));
  const quorum = fields.optional("witnesses");
  const revocation = Object.freeze({
    key,
    atMs,
    witnesses: quorum === undefined ? majorityOf(witnesses) : readQuorum(quorum.record(), witnesses),
  });
  fields.done();
  return { key, revocation };
}

function keyIn(shape: Shape): PublicKey {
  const text = shape.string();
  return reading(
    "policy/bad-key",
    () => shape.where,
    () => parsePublicKey(text.trim()),
  );
}

/** Cosignatures with a time, type 04: c2sp.org/tlog-cosignature, `cosignature/v1`. */
import { concat, Cursor, quote, reading, toDecimal, u64be, utf8 } from "../bytes/index.ts";
import { NOTE_COSIGNATURE, SIGNATURE_BYTES, noteKeyId, verifyEd25519 } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import { isOfKey } from "./note.ts";
import type { NoteSignature } from "./note.ts";

/** Who cosigns: a name and a raw Ed25519 key. */
export interface Cosigner {
  readonly name: string;
  readonly raw: Uint8Array;
}

/** The octets that a cosigner signs: `cosignature/v1\ntime <seconds since 1970>\n` ‖ checkpoint body. */
export function cosignatureMessage(time: number, checkpointBody: Uint8Array): Uint8Array {
  return concat(utf8(`cosignature/v1\ntime ${toDecimal(time)}\n`), checkpointBody);
}

/** The line for a signature that was made over `cosignatureMessage(time, body)`. */
export function cosignatureLine(cosigner: Cosigner, time: number, signature: Uint8Array): NoteSignature {
  const { name } = cosigner;
  return Object.freeze({
    name,
    keyId4: cosignatureKeyId(cosigner),
    signature: concat(u64be(time), signature),
  });
}

/** Whether the line says that it is a cosignature by this key. */
export function isCosignatureOf(line: NoteSignature, cosigner: Cosigner): boolean {
  return isOfKey(line, { name: cosigner.name, keyId4: cosignatureKeyId(cosigner) });
}

/**
 * Time, in seconds since 1970, at which the cosigner saw this checkpoint as the largest of its origin. `line` must be of its key.
 * Throws `cosignature/malformed`, `cosignature/bad-signature`.
 */
export function verifyCosignatureLine(
  checkpointBody: Uint8Array,
  line: NoteSignature,
  cosigner: Cosigner,
): number {
  if (!isCosignatureOf(line, cosigner)) {
    throw new ProtocolError(
      "cosignature/malformed",
      `the line is not a cosignature by ${quote(cosigner.name)}`,
    );
  }
  const { time, signature } = readCosignatureLine(line);
  if (!verifyEd25519(cosigner.raw, cosignatureMessage(time, checkpointBody), signature)) {
    throw new ProtocolError(
      "cosignature/bad-signature",
      `the cosignature of ${quote(line.name)} does not hold`,
    );
  }
  return time;
}

/** What a line says, unverified. Throws `cosignature/malformed`. */
export function readCosignatureLine(line: NoteSignature): {
  readonly time: number;
  readonly signature: Uint8Array;
} {
  return reading(
    "cosignature/malformed",
    () => `cosignature of ${quote(line.name)}`,
    () => {
      const cursor = new Cursor(line.signature);
      const read = { time: cursor.u64(), signature: cursor.take(SIGNATURE_BYTES) };
      cursor.done();
      return read;
    },
  );
}

/**
 * Time of the cosigner's newest line in a checkpoint, in seconds since 1970; null if it did not cosign. A bad line of it spoils
 * the checkpoint. Throws as `parseCheckpoint` and `verifyCosignatureLine`.
 */
export function verifyCosignature(note: Uint8Array, cosigner: Cosigner): number | null {
  const { body, signatures } = parseCheckpoint(note);
  const times = signatures
    .filter((line) => isCosignatureOf(line, cosigner))
    .map((line) => verifyCosignatureLine(body, line, cosigner));
  return times.length === 0 ? null : Math.max(...times);
}

/** Seconds since 1970 that the last line of a checkpoint says, unverified: of a head with its own time line. Throws as `parseCheckpoint`, `cosignature/malformed`. */
export function timeOfTimed(note: Uint8Array): number {
  const line = parseCheckpoint(note).signatures.at(-1);
  if (line === undefined) throw new ProtocolError("cosignature/malformed", "the checkpoint has no line");
  return readCosignatureLine(line).time;
}

/** Made with type 04, whatever type the cosigner's vkey was published with. */
function cosignatureKeyId(cosigner: Cosigner): Uint8Array {
  return noteKeyId(cosigner.name, NOTE_COSIGNATURE, cosigner.raw);
}

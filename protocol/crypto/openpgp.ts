/**
 * OpenPGP signatures (RFC 9580, version 4) over documents, by the choices of `protocol/spec/openpgp.md`: what they say depends on their
 * octets and the key's alone, not on a clock, a certificate or a library's version.
 */
import { concat, Cursor, equalBytes, reading, tried, u32be } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { verifyEcdsaRaw } from "./ecdsa.ts";
import { KEY_BYTES, verifyEd25519 } from "./ed25519.ts";
import { OPENPGP, readMpi, readOpenPgpKey, writeMpi } from "./openpgp-key.ts";
import { verifyRsaPkcs1 } from "./rsa.ts";

/** A signature packet as far as it is signed, and the numbers. */
export interface OpenPgpSignature {
  readonly algorithm: number;
  readonly hash: Sha2;
  /** The octets of the packet that are signed: from the version to the last hashed subpacket. */
  readonly signed: Uint8Array;
  /** When, as the signer says; ms since 1970. */
  readonly created: number;
  /** The numbers, not yet read: of which form depends on the key. */
  readonly numbers: Uint8Array;
}

/** The hashes that hold: RFC 9580 9.5, without those that are broken or that WebCrypto lacks. */
export type Sha2 = "SHA-256" | "SHA-384" | "SHA-512";
const HASHES: ReadonlyMap<number, Sha2> = new Map([
  [8, "SHA-256"],
  [9, "SHA-384"],
  [10, "SHA-512"],
]);

const VERSION = 4;
/** Of a document as it stands, octet for octet. */
const BINARY_DOCUMENT = 0x00;
const TRAILER = Uint8Array.of(VERSION, 0xff);
/** Where a key's packet says of which algorithm it is, and where a signature's. */
const ALGORITHM_AT = 5;
const ALGORITHM_OF_SIGNATURE_AT = 2;
const NO: Promise<boolean> = Promise.resolve(false);

const CREATED = 2;
const EXPIRES = 3;
/** Subpackets that may be marked critical: issuer, notice of who signed, the issuer's fingerprint, and when. */
const UNDERSTOOD: ReadonlySet<number> = new Set([CREATED, 16, 28, 33]);
const CRITICAL = 0x80;

/**
 * Whether `signature` (the octets of a signature packet) is the key's (those of a key packet) over `message`, which ends with what such
 * a signature adds (`openPgpTail`). False for whatever is wrong.
 */
export function verifyOpenPgp(key: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const read = tried(() => readOpenPgpSignature(signature));
  const { created, material } = readOpenPgpKey(key);
  if (read === null || read.algorithm !== key[ALGORITHM_AT] || read.created < created) return NO;
  if (!endsWith(message, openPgpTail(read.signed))) return NO;
  const { spki } = material;
  const numbers = tried(() => numbersOf(read, material.key.length));
  if (numbers === null) return NO;
  switch (read.algorithm) {
    case OPENPGP.rsa:
      return verifyRsaPkcs1(spki, read.hash, message, numbers);
    case OPENPGP.ecdsa:
      return verifyEcdsaRaw(spki, read.hash, message, numbers);
    default:
      return crypto.subtle
        .digest(read.hash, new Uint8Array(message))
        .then((digest) => verifyEd25519(material.key, new Uint8Array(digest), numbers));
  }
}

/** What is hashed behind the document: the signed octets of the signature, and their length. */
export function openPgpTail(signed: Uint8Array): Uint8Array {
  return concat(signed, TRAILER, u32be(signed.length));
}

/**
 * Reads the octets of a signature packet. Throws `openpgp/bad-signature` for what is none, or of a kind that never holds: not version 4,
 * not over a document's octets, a hash other than SHA-2 of 256, 384 or 512 bits, one that expires, or that says something critical that
 * is not understood.
 */
export function readOpenPgpSignature(body: Uint8Array): OpenPgpSignature {
  try {
    return readBody(body);
  } catch (cause) {
    if (!(cause instanceof ProtocolError) || cause.code === "openpgp/bad-signature") throw cause;
    throw new ProtocolError("openpgp/bad-signature", `OpenPGP signature: ${cause.message}`, { cause });
  }
}

/**
 * The octets of a signature packet out of what in-toto keeps of it: the signed part, and the value, which is RSA's number, or two numbers
 * side by side.
 */
export function openPgpPacket(signed: Uint8Array, value: Uint8Array): Uint8Array {
  // No unhashed subpackets; the two octets of the digest are never looked at.
  return concat(signed, new Uint8Array(4), ...numbersIn(signed[ALGORITHM_OF_SIGNATURE_AT], value));
}

function numbersIn(algorithm: number | undefined, value: Uint8Array): readonly Uint8Array[] {
  if (algorithm === OPENPGP.ed25519) return [value];
  if (algorithm === OPENPGP.rsa) return [writeMpi(value)];
  const half = value.length / 2;
  return [writeMpi(value.subarray(0, half)), writeMpi(value.subarray(half))];
}

/** What in-toto keeps of a signature packet: `openPgpPacket` of both is the same signature. Throws `openpgp/bad-signature`. */
export function openPgpParts(packet: Uint8Array): {
  readonly signed: Uint8Array;
  readonly value: Uint8Array;
} {
  const read = readOpenPgpSignature(packet);
  const { signed, algorithm, numbers } = read;
  const value = reading("openpgp/bad-signature", "OpenPGP signature", () =>
    algorithm === OPENPGP.rsa ? readMpi(new Cursor(numbers)) : numbersOf(read, KEY_BYTES),
  );
  return { signed, value };
}

function readBody(body: Uint8Array): OpenPgpSignature {
  const cursor = new Cursor(body);
  const version = cursor.u8();
  const type = cursor.u8();
  if (version !== VERSION || type !== BINARY_DOCUMENT) {
    throw bad(`version ${version}, type ${type}: only version 4 over the octets of a document (type 0)`);
  }
  const algorithm = cursor.u8();
  const hash = HASHES.get(cursor.u8());
  if (hash === undefined) throw bad("made over a hash that is weak or unknown; SHA-256, 384 and 512 hold");
  const created = readSubpackets(cursor.take(cursor.u16()));
  const signed = body.slice(0, cursor.offset);
  cursor.take(cursor.u16()); // not hashed: hints that anybody can change
  cursor.take(2); // the first octets of the digest: likewise
  return Object.freeze({ algorithm, hash, signed, created, numbers: cursor.take(cursor.left).slice() });
}

/** When it was made, as the hashed subpackets say. */
function readSubpackets(octets: Uint8Array): number {
  const cursor = new Cursor(octets);
  const created: number[] = [];
  while (cursor.left > 0) {
    const subpacket = new Cursor(cursor.take(subpacketLength(cursor)));
    const marked = subpacket.u8();
    const type = marked & ~CRITICAL;
    if (type === CREATED) {
      created.push(1_000 * subpacket.u32());
      subpacket.done();
    }
    if (type === EXPIRES) throw bad("it expires: whether it holds would depend on the clock");
    if (marked >= CRITICAL && !UNDERSTOOD.has(type)) {
      throw bad(`it says something critical (subpacket ${type}) that is not understood`);
    }
  }
  const [time] = created;
  if (time === undefined || created.length > 1) throw bad("it does not say once when it was made");
  return time;
}

/** Octets of the next subpacket (RFC 9580 5.2.3.7). */
export function subpacketLength(cursor: Cursor): number {
  const first = cursor.u8();
  if (first < 192) return first;
  return first < 255 ? (first - 192) * 256 + cursor.u8() + 192 : cursor.u32();
}

/** The numbers of a signature side by side, each in its full width, and nothing after them. */
function numbersOf({ algorithm, numbers }: OpenPgpSignature, modulusBytes: number): Uint8Array {
  if (algorithm === OPENPGP.ed25519) return numbers;
  const [count, width] = algorithm === OPENPGP.rsa ? [1, modulusBytes] : [2, KEY_BYTES];
  const cursor = new Cursor(numbers);
  const padded = new Uint8Array(count * width);
  for (let end = width; end <= padded.length; end += width) {
    const number = readMpi(cursor);
    if (number.length > width) throw bad(`one of its numbers exceeds ${width} octets`);
    padded.set(number, end - number.length);
  }
  cursor.done();
  return padded;
}

function endsWith(message: Uint8Array, tail: Uint8Array): boolean {
  return equalBytes(message.subarray(Math.max(0, message.length - tail.length)), tail);
}

function bad(problem: string): ProtocolError {
  return new ProtocolError("openpgp/bad-signature", `OpenPGP signature: ${problem}`);
}

/** OpenPGP signatures (RFC 9580, RFC 4880) as to their shape: every octet belongs to something that a signature has. */
import { Cursor } from "../bytes/index.ts";
import { readDetached, subpacketLength } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_OPENPGP_NUMBER_BITS } from "../limits.ts";

/** Of packets before version 4: five octets that are signed, a key id, two algorithms, two octets of the digest. */
const OLD_SIGNED_BYTES = 5;
const KEY_ID_BYTES = 8;

/** How many numbers a signature has, by its algorithm: RSA, DSA, ECDSA, EdDSA in the writing of before RFC 9580. */
const NUMBERS: ReadonlyMap<number, number> = new Map([
  [1, 1],
  [3, 1],
  [17, 2],
  [19, 2],
  [22, 2],
]);
/** And of which length, where they stand as they are: Ed25519, Ed448. */
const PLAIN: ReadonlyMap<number, number> = new Map([
  [27, 64],
  [28, 114],
]);

/** What may stand where nobody has signed it: when, who (id, user, fingerprint). Anybody could put anything into other kinds. */
const CRITICAL = 0x80;
const UNSIGNED_KINDS: ReadonlySet<number> = new Set([2, 16, 28, 33]);

/** What armor begins with. */
const DASH = 0x2d;

/**
 * How many signature packets stand there, and nothing else. Throws `normal-form/not-a-signature`, `bytes/truncated` and `bytes/trailing`, and
 * what `readDetached` does. Armor is refused: its headers are free text, and no format that embeds signatures uses it.
 */
export function readOpenPgp(octets: Uint8Array): number {
  if (octets[0] === DASH) throw bad("an armored OpenPGP signature: its lines may say anything");
  const packets = readDetached(octets);
  for (const packet of packets) packetBody(packet);
  return packets.length;
}

/** Reads the body of one signature packet to its end. */
function packetBody(body: Uint8Array): void {
  const cursor = new Cursor(body);
  const version = cursor.u8();
  if (version === 2 || version === 3) return oldBody(cursor);
  if (version !== 4 && version !== 6) throw bad(`an OpenPGP signature of version ${version}`);
  const wide = version === 6;
  cursor.u8(); // type
  const algorithm = cursor.u8();
  cursor.u8(); // digest
  subpackets(cursor.take(wide ? cursor.u32() : cursor.u16()), false);
  subpackets(cursor.take(wide ? cursor.u32() : cursor.u16()), true);
  cursor.u16(); // the digest's first octets
  if (wide) cursor.take(cursor.u8()); // salt
  numbers(cursor, algorithm);
}

function oldBody(cursor: Cursor): void {
  const length = cursor.u8();
  if (length !== OLD_SIGNED_BYTES)
    throw bad(`an OpenPGP signature of version 3 with ${length} signed octets`);
  cursor.take(OLD_SIGNED_BYTES + KEY_ID_BYTES);
  const algorithm = cursor.u8();
  cursor.u8();
  cursor.u16();
  numbers(cursor, algorithm);
}

function numbers(cursor: Cursor, algorithm: number): void {
  const plain = PLAIN.get(algorithm);
  const count = NUMBERS.get(algorithm);
  if (plain !== undefined) cursor.take(plain);
  else if (count === undefined)
    throw bad(`an OpenPGP signature by algorithm ${algorithm}, which is not read`);
  else for (let i = 0; i < count; i++) number(cursor);
  cursor.done();
}

function number(cursor: Cursor): void {
  const bits = cursor.u16();
  const octets = cursor.take(Math.ceil(bits / 8));
  const top = octets[0] ?? 0;
  if (bits > MAX_OPENPGP_NUMBER_BITS || 8 * octets.length - Math.clz32(top) + 24 !== bits) {
    throw bad(`a number of an OpenPGP signature has not the ${bits} bits that it says`);
  }
}

function subpackets(octets: Uint8Array, isUnsigned: boolean): void {
  const cursor = new Cursor(octets);
  while (cursor.left > 0) {
    const [kind] = cursor.take(subpacketLength(cursor));
    if (kind === undefined) throw bad("an OpenPGP signature has an empty subpacket");
    if (isUnsigned && !UNSIGNED_KINDS.has(kind & ~CRITICAL)) {
      throw bad(`an OpenPGP signature says something (subpacket ${kind}) that nobody signed`);
    }
  }
}

function bad(problem: string): ProtocolError {
  return new ProtocolError("normal-form/not-a-signature", problem);
}

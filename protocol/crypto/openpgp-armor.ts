/** How OpenPGP data lie in files: armor (RFC 9580 6.2) and packets (4.2), as far as signatures and certificates need it. */
import { concat, Cursor, fromBase64, reading } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_CERTIFICATE_BYTES, MAX_SIGNATURES } from "../limits.ts";

const SIGNATURE_BLOCK = "PGP SIGNATURE";
const SIGNATURE_TAG = 2;
/** What armor begins with; a packet begins with an octet above 127. */
const DASH = 0x2d;

/**
 * The octets inside all armored blocks of one label, or those given where they are not armored. The checksum, which RFC 9580 makes
 * optional, is not looked at. Throws `openpgp/bad-armor`.
 */
export function dearmor(octets: Uint8Array, label: string): Uint8Array {
  if (octets[0] !== DASH) return octets;
  const lines = new TextDecoder("latin1")
    .decode(octets)
    .split(/\r?\n/)
    .map((line) => line.trimEnd());
  const parts: Uint8Array[] = [];
  for (let at = 0; at < lines.length;) {
    if (lines[at] === "") {
      at++;
      continue;
    }
    const end = lines.indexOf(`-----END ${label}-----`, at);
    const blank = lines.indexOf("", at);
    if (lines[at] !== `-----BEGIN ${label}-----` || end === -1 || blank === -1 || blank > end) {
      throw new ProtocolError("openpgp/bad-armor", `line ${at + 1}: a whole block of ${label} expected`);
    }
    const text = lines
      .slice(blank + 1, end)
      .filter((line) => !line.startsWith("="))
      .join("");
    parts.push(reading("openpgp/bad-armor", label, () => fromBase64(text)));
    at = end + 1;
  }
  return concat(...parts);
}

/**
 * The octets of each signature packet of a detached signature, armored or not. Throws `openpgp/bad-armor`, `openpgp/bad-signature`:
 * whether any of them is of a kind that holds is for `readOpenPgpSignature` to say.
 */
export function readDetached(octets: Uint8Array): readonly Uint8Array[] {
  if (octets.length > MAX_CERTIFICATE_BYTES) throw bad(`it has more than ${MAX_CERTIFICATE_BYTES} octets`);
  const binary = dearmor(octets, SIGNATURE_BLOCK);
  const packets = reading("openpgp/bad-signature", "detached signature", () => packetsOf(new Cursor(binary)));
  if (packets.length === 0 || packets.length > MAX_SIGNATURES) {
    throw bad(`it holds ${packets.length} signatures; 1 to ${MAX_SIGNATURES} are read`);
  }
  return packets;
}

function packetsOf(cursor: Cursor): readonly Uint8Array[] {
  const packets: Uint8Array[] = [];
  while (cursor.left > 0) {
    const header = cursor.u8();
    const isNew = header >= 0xc0;
    const tag = isNew ? header & 0x3f : (header & 0x3f) >> 2;
    if (header < 0x80 || tag !== SIGNATURE_TAG) throw bad("something other than signatures stands in it");
    packets.push(cursor.take(isNew ? newLength(cursor) : oldLength(cursor, header & 3)).slice());
  }
  return packets;
}

function newLength(cursor: Cursor): number {
  const first = cursor.u8();
  if (first < 192) return first;
  if (first < 224) return (first - 192) * 256 + cursor.u8() + 192;
  if (first === 255) return cursor.u32();
  throw bad("a packet of partial lengths, which no signature has");
}

function oldLength(cursor: Cursor, type: number): number {
  if (type === 0) return cursor.u8();
  if (type === 1) return cursor.u16();
  if (type === 2) return cursor.u32();
  throw bad("a packet without a length, which no signature is");
}

function bad(problem: string): ProtocolError {
  return new ProtocolError("openpgp/bad-signature", `detached signature: ${problem}`);
}

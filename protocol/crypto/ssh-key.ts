/** Public keys as OpenSSH writes them (RFC 4253 6.6, RFC 5656 3.1, RFC 8709 4): strings and numbers, each behind its length. */
import {
  concat,
  Cursor,
  fromBase64,
  quote,
  reading,
  u32be,
  writeEd25519Spki,
  writeP256Spki,
  writeRsaSpki,
} from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";

const KEY_BYTES = 32;
/** Types of keys that are read, as the line that holds one begins. */
export const SSH_KEY_TYPES: readonly string[] = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"];

/** The SubjectPublicKeyInfo of a line `TYPE BASE64 [COMMENT]`, as in `id_ed25519.pub`. Throws `key/bad-ssh`, `key/unsupported`. */
export function sshLineToSpki(line: string): Uint8Array {
  const [type = "", base64 = ""] = line.trim().split(/ +/);
  const blob = reading("key/bad-ssh", "OpenSSH key", () => fromBase64(base64));
  const { spki, type: inside } = readSshKey(blob);
  if (inside !== type)
    throw new ProtocolError(
      "key/bad-ssh",
      `OpenSSH key: the line says ${quote(type)}, the key ${quote(inside)}`,
    );
  return spki;
}

/** The same of the octets inside, with the type that they state. */
export function readSshKey(blob: Uint8Array): { readonly type: string; readonly spki: Uint8Array } {
  return reading("key/bad-ssh", "OpenSSH key", () => {
    const cursor = new Cursor(blob);
    const type = sshText(cursor);
    const spki = readNumbers(type, cursor);
    cursor.done();
    return { type, spki };
  });
}

function readNumbers(type: string, cursor: Cursor): Uint8Array {
  switch (type) {
    case "ssh-ed25519": {
      const raw = sshString(cursor);
      if (raw.length !== KEY_BYTES) throw new ProtocolError("key/bad-ssh", "an Ed25519 key has 32 octets");
      return writeEd25519Spki(raw);
    }
    case "ecdsa-sha2-nistp256": {
      const curve = sshText(cursor);
      if (curve !== "nistp256")
        throw new ProtocolError("key/bad-ssh", `a key on nistp256 that says ${quote(curve)}`);
      return writeP256Spki(sshString(cursor));
    }
    case "ssh-rsa": {
      const exponent = sshNumber(cursor);
      return writeRsaSpki(sshNumber(cursor), exponent);
    }
    default:
      throw new ProtocolError(
        "key/unsupported",
        `OpenSSH keys of the type ${quote(type)} are not read: ${SSH_KEY_TYPES.join(", ")} are`,
      );
  }
}

/** Octets behind their length (RFC 4251 5). */
export function sshString(cursor: Cursor): Uint8Array {
  return cursor.take(cursor.u32()).slice();
}

/** The same, written. */
export function writeSshString(octets: Uint8Array): Uint8Array {
  return concat(u32be(octets.length), octets);
}

/** A string as ASCII. */
export function sshText(cursor: Cursor): string {
  return new TextDecoder("latin1").decode(sshString(cursor));
}

/** A positive number without zeros in front, but for the one that keeps it from being negative. Throws `key/bad-ssh`. */
export function sshNumber(cursor: Cursor): Uint8Array {
  const octets = sshString(cursor);
  const [first = 0, second = 0] = octets;
  const isPadded = first === 0 && octets.length > 1;
  if (octets.length === 0 || first >= 0x80 || (isPadded && second < 0x80))
    throw new ProtocolError("key/bad-ssh", "a number of it is not positive, or not in its one writing");
  return isPadded ? octets.slice(1) : octets;
}

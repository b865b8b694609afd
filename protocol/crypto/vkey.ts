/** Verifier keys of signed notes: `name+keyid+base64(type || key)` (C2SP signed-note, section "Verifier keys"; tlog-cosignature). */
import {
  concat,
  equalBytes,
  fromBase64,
  fromHex,
  quote,
  reading,
  toBase64,
  toHex,
  utf8,
} from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_KEY_NAME_BYTES, MAX_VKEY_CHARS } from "../limits.ts";
import { assertUsableKey, KEY_BYTES } from "./ed25519.ts";
import { sha256 } from "./hash.ts";

/** Ed25519 over the note's text: feeds. */
export const NOTE_ED25519 = 0x01;
/** Ed25519 over `cosignature/v1`: witnesses, and a feed's own time line. */
export const NOTE_COSIGNATURE = 0x04;
export type NoteKeyType = typeof NOTE_ED25519 | typeof NOTE_COSIGNATURE;

export interface Vkey {
  readonly name: string;
  /** The 4 octets that stand before a signature: a hint, forgeable. */
  readonly keyId4: Uint8Array;
  readonly type: NoteKeyType;
  /** The Ed25519 key, 32 octets. */
  readonly raw: Uint8Array;
}

const KEY_ID_BYTES = 4;

/** `SHA-256(name || 0x0a || type || key)`, its first 4 octets. */
export function noteKeyId(name: string, type: NoteKeyType, raw: Uint8Array): Uint8Array {
  return sha256(utf8(name), Uint8Array.of(0x0a, type), raw).slice(0, KEY_ID_BYTES);
}

/** The verifier key of an Ed25519 key, of a feed unless `type` says otherwise. Throws `key/bad-vkey`, `key/small-order`. */
export function toVkey(name: string, raw: Uint8Array, type: NoteKeyType = NOTE_ED25519): string {
  assertKeyName(name);
  assertUsableKey(raw);
  return `${name}+${toHex(noteKeyId(name, type, raw))}+${toBase64(concat(Uint8Array.of(type), raw))}`;
}

/** Reads a verifier key of type 01 or 04. Throws `key/bad-vkey`, `key/unsupported` for other types, `key/small-order`. */
export function parseVkey(text: string): Vkey {
  if (text.length > MAX_VKEY_CHARS) throw bad(text, `it has more than ${MAX_VKEY_CHARS} characters`);
  // The base64 may hold a plus sign: only the first two divide.
  const first = text.indexOf("+");
  const second = text.indexOf("+", first + 1);
  if (first < 0 || second < 0) throw bad(text, "it is not name+keyid+key");
  const name = text.slice(0, first);
  assertKeyName(name);
  const where = (): string => `verifier key ${quote(text)}`;
  const keyId4 = reading("key/bad-vkey", where, () => fromHex(text.slice(first + 1, second), KEY_ID_BYTES));
  const typed = reading("key/bad-vkey", where, () => fromBase64(text.slice(second + 1)));
  const type = typed[0];
  if (type !== NOTE_ED25519 && type !== NOTE_COSIGNATURE) {
    throw new ProtocolError(
      "key/unsupported",
      `verifier key ${quote(text)}: only the types 01 and 04 are read`,
    );
  }
  const raw = typed.slice(1);
  if (raw.length !== KEY_BYTES) throw bad(text, `its key has ${raw.length} octets, not ${KEY_BYTES}`);
  assertUsableKey(raw);
  if (!equalBytes(keyId4, noteKeyId(name, type, raw)))
    throw bad(text, "its key id is not that of name and key");
  return Object.freeze({ name, keyId4, type, raw });
}

/** Whether `name` may name a key: not empty, no Unicode space, no plus sign (C2SP signed-note), no control character. */
export function isKeyName(name: string): boolean {
  return (
    name.length >= 1 &&
    name.length <= MAX_KEY_NAME_BYTES &&
    name.isWellFormed() &&
    utf8(name).length <= MAX_KEY_NAME_BYTES &&
    !/[\p{White_Space}\p{Cc}+]/u.test(name)
  );
}

function assertKeyName(name: string): void {
  if (isKeyName(name)) return;
  throw new ProtocolError(
    "key/bad-vkey",
    `${quote(name)} can't name a key: 1 to ${MAX_KEY_NAME_BYTES} octets without space, control character and +`,
  );
}

function bad(text: string, problem: string): ProtocolError {
  return new ProtocolError("key/bad-vkey", `verifier key ${quote(text)}: ${problem}`);
}

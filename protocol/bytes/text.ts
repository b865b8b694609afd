/** Strict text encodings: exactly one spelling of every value, so that what was read can be written back octet for octet. */
import { ProtocolError } from "../errors.ts";
import type { ProtocolCode } from "../errors.ts";

const encoder = new TextEncoder();
// ignoreBOM keeps a leading U+FEFF: dropping it would let two octet strings read as one text.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const NOT_A_DIGIT = 255;
const HEX_DIGITS = "0123456789abcdef";
const HEX_CODES = encoder.encode(HEX_DIGITS);
const BASE64_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

interface Alphabet {
  readonly code: ProtocolCode;
  readonly name: string;
  /** By ASCII code: the digit's value, or NOT_A_DIGIT. */
  readonly values: Uint8Array;
}
const HEX = alphabetOf("bytes/bad-hex", "a lowercase hex digit", HEX_DIGITS);
const BASE64 = alphabetOf("bytes/bad-base64", "a base64 digit", BASE64_DIGITS);
const BASE64URL = alphabetOf(
  "bytes/bad-base64",
  "a URL-safe base64 digit",
  BASE64_DIGITS.replace("+/", "-_"),
);

function alphabetOf(code: ProtocolCode, name: string, digits: string): Alphabet {
  const values = new Uint8Array(128).fill(NOT_A_DIGIT);
  for (let value = 0; value < digits.length; value++) values[digits.charCodeAt(value)] = value;
  return { code, name, values };
}

const BASE64_CODES = encoder.encode(BASE64_DIGITS);
const PAD = 0x3d; // =

/**
 * Lowercase hex of `bytes`. Made in one piece: a text that is put together stays in its pieces until somebody looks at it, and an index of digests
 * has ten times the memory.
 */
export function toHex(bytes: Uint8Array): string {
  const codes = new Uint8Array(2 * bytes.length);
  let to = 0;
  for (const octet of bytes) {
    codes[to++] = HEX_CODES[octet >> 4] ?? 0;
    codes[to++] = HEX_CODES[octet & 15] ?? 0;
  }
  return decoder.decode(codes);
}

/** Octets of lowercase hex; with `length`, exactly that many octets. Throws `bytes/bad-hex`. */
export function fromHex(text: string, length?: number): Uint8Array {
  if (text.length % 2 !== 0 || (length !== undefined && text.length !== 2 * length)) {
    const wanted = length === undefined ? "an even number of" : String(2 * length);
    throw new ProtocolError("bytes/bad-hex", `hex has ${text.length} digits; it needs ${wanted}`);
  }
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = (digit(text, 2 * i, HEX) << 4) | digit(text, 2 * i + 1, HEX);
  }
  return bytes;
}

/** RFC 4648 section 4 base64: standard alphabet, padded. */
export function toBase64(bytes: Uint8Array): string {
  const codes = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  let to = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    codes[to++] = BASE64_CODES[group >> 18] ?? 0;
    codes[to++] = BASE64_CODES[(group >> 12) & 63] ?? 0;
    codes[to++] = BASE64_CODES[(group >> 6) & 63] ?? 0;
    codes[to++] = BASE64_CODES[group & 63] ?? 0;
  }
  const padding = (3 - (bytes.length % 3)) % 3;
  codes.fill(PAD, codes.length - padding);
  return decoder.decode(codes);
}

/** Octets of RFC 4648 base64: standard alphabet, padded, trailing bits zero, nothing skipped. Throws `bytes/bad-base64`. */
export function fromBase64(text: string): Uint8Array {
  if (text.length % 4 !== 0) {
    throw new ProtocolError(
      "bytes/bad-base64",
      `base64 has ${text.length} characters; pad it with = to a multiple of 4`,
    );
  }
  return decodeBase64(text, BASE64);
}

/**
 * Octets of base64 in either alphabet (DSSE v1.0.2 envelope.md: "Either standard or URL-safe encoding is allowed"): standard and
 * padded, or URL-safe and padded or not; never a mixture. Trailing bits are zero all the same. Throws `bytes/bad-base64`.
 */
export function fromBase64Either(text: string): Uint8Array {
  const urlSafe = text.length % 4 !== 0 || text.includes("-") || text.includes("_");
  return urlSafe ? decodeBase64(text, BASE64URL) : fromBase64(text);
}

/** Decimal of a safe integer ≥ 0. */
export function toDecimal(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0 || Object.is(value, -0)) {
    throw new ProtocolError("bytes/bad-decimal", `${value} is no integer from 0 to 2^53 - 1`);
  }
  return String(value);
}

/** The integer from 0 to `max` that `text` writes: digits only, no sign, no leading zero. Throws `bytes/bad-decimal`. */
export function fromDecimal(text: string, max: number = Number.MAX_SAFE_INTEGER): number {
  const value = text.length >= 1 && text.length <= 16 ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value) || value < 0 || value > max || String(value) !== text) {
    throw new ProtocolError(
      "bytes/bad-decimal",
      `${quote(text)} is no decimal from 0 to ${max}, without sign and leading zeros`,
    );
  }
  return value;
}

/** UTF-8 octets of `text`. Throws `bytes/bad-utf8` where `text` holds half a surrogate pair, which UTF-8 can't carry. */
export function utf8(text: string): Uint8Array {
  if (!text.isWellFormed()) {
    throw new ProtocolError(
      "bytes/bad-utf8",
      `${quote(text)} holds an unpaired surrogate; UTF-8 cannot carry it`,
    );
  }
  return encoder.encode(text);
}

/** Octets of `text` as UTF-8, or more than `limit` without counting: a UTF-16 unit takes 1 to 3. Throws `bytes/bad-utf8`. */
export function utf8Length(text: string, limit: number): number {
  return text.length > limit ? text.length : utf8(text).length;
}

/** Text of valid UTF-8; a leading byte order mark stays. Throws `bytes/bad-utf8`. */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new ProtocolError("bytes/bad-utf8", `${bytes.length} octets are not valid UTF-8`, { cause });
  }
}

/** What a screen would obey: controls but for tab and line feed, line ends, and what hides text or turns it around. */
const UNSHOWABLE =
  // oxlint-disable-next-line no-control-regex -- the very characters to escape
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\udb40[\udc00-\udfff]/g;

/** `text` for an error message: quoted, escaped, cut where it is long. Foreign text enters messages only so. */
export function quote(text: string): string {
  return showable(JSON.stringify(text.length > 64 ? `${text.slice(0, 63)}…` : text));
}

/**
 * `text` with what a screen would obey in JSON's escapes; line feeds and tabs stay. Of a JSON text it is another writing, which says the same: what is
 * escaped stands nowhere but in strings.
 */
export function showable(text: string): string {
  return text.replace(UNSHOWABLE, (found) =>
    Array.from({ length: found.length }, (_, i) => escaped(found.charCodeAt(i))).join(""),
  );
}

/** The same on one line: a line feed is `\n`, a tab `\t`. A name with more lines makes up none of ours. */
export function showableLine(text: string): string {
  return showable(text)
    .replaceAll("\n", String.raw`\n`)
    .replaceAll("\t", String.raw`\t`);
}

function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, "0")}`;
}

/** A count in words: `1 rule`, `2 rules`, `0 entries`. `many` is for what the last word alone does not tell. */
export function counted(count: number, one: string, many: string = pluralOf(one)): string {
  return `${count} ${count === 1 ? one : many}`;
}

function pluralOf(noun: string): string {
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`;
  return /(s|sh|ch|x)$/.test(noun) ? `${noun}es` : `${noun}s`;
}

/** The value of one digit, or `code`. */
function digit(text: string, at: number, alphabet: Alphabet): number {
  const value = alphabet.values[text.charCodeAt(at)] ?? NOT_A_DIGIT;
  if (value === NOT_A_DIGIT) {
    throw new ProtocolError(
      alphabet.code,
      `character ${at}, ${quote(text.charAt(at))}, is not ${alphabet.name}`,
    );
  }
  return value;
}

/** Decodes padded or unpadded digits; the caller has settled which of the two may come. */
function decodeBase64(text: string, alphabet: Alphabet): Uint8Array {
  const padded = text.length % 4 === 0;
  const digits = text.length - (padded && text.endsWith("==") ? 2 : padded && text.endsWith("=") ? 1 : 0);
  const left = digits % 4;
  if (left === 1) {
    throw new ProtocolError("bytes/bad-base64", `base64 of ${digits} digits stops within an octet`);
  }
  const bytes = new Uint8Array(Math.floor((digits * 3) / 4));
  let to = 0;
  const whole = digits - left;
  for (let i = 0; i < whole; i += 4) {
    const group =
      (digit(text, i, alphabet) << 18) |
      (digit(text, i + 1, alphabet) << 12) |
      (digit(text, i + 2, alphabet) << 6) |
      digit(text, i + 3, alphabet);
    bytes[to++] = group >> 16;
    bytes[to++] = (group >> 8) & 255;
    bytes[to++] = group & 255;
  }
  if (left > 0) {
    const first = digit(text, whole, alphabet);
    const second = digit(text, whole + 1, alphabet);
    const third = left === 3 ? digit(text, whole + 2, alphabet) : 0;
    if ((left === 2 && (second & 15) !== 0) || (left === 3 && (third & 3) !== 0)) {
      throw new ProtocolError("bytes/bad-base64", "base64 ends in bits that are not zero");
    }
    bytes[to++] = (first << 2) | (second >> 4);
    if (left === 3) bytes[to] = ((second & 15) << 4) | (third >> 2);
  }
  return bytes;
}

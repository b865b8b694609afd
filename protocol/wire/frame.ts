/** What every frame goes through: size, decode, exact re-encode (`protocol/spec/wire.md`). */
import type { DecodeOptions } from "protons-runtime";
import { equalBytes, quote } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { HASH_BYTES } from "../feed/index.ts";
import { MAX_ANSWER_CODE_CHARS, MAX_FEED_SIZE, MAX_ORIGIN_CHARS, MAX_PAGE_BYTES } from "../limits.ts";
import type { MessageCodec } from "./messages.ts";

/**
 * The one message that `bytes` write: at most `maxBytes`, and octet for octet what our encoder makes of it. That rules out unknown
 * fields, repeated single fields, explicit defaults, padded numbers and trailing octets at one stroke. Byte fields are views into
 * `bytes`, which must not change afterwards. `writes` is a quicker way to find out whether a message is what those octets write. Throws
 * `wire/too-big`, `wire/undecodable`, `wire/not-canonical`.
 */
export function decodeExact<T>(
  codec: MessageCodec<T>,
  bytes: Uint8Array,
  maxBytes: number,
  limits: NonNullable<DecodeOptions<T>["limits"]>,
  writes: (message: T, bytes: Uint8Array) => boolean = (message, octets) =>
    equalBytes(codec.encode(message), octets),
): T {
  if (bytes.length > maxBytes) throw tooBig(bytes.length, maxBytes);
  // A Buffer's subarrays are Buffers: what we hand on is plain.
  const plain = bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes);
  let message: T;
  let isExact: boolean;
  try {
    message = codec.decode(plain, { limits });
    isExact = writes(message, plain);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ProtocolError(
      "wire/undecodable",
      `a frame of ${bytes.length} octets does not decode: ${reason}`,
      { cause },
    );
  }
  if (!isExact) {
    throw new ProtocolError(
      "wire/not-canonical",
      `a frame of ${bytes.length} octets is not what an encoder without unknown fields, defaults and padding writes`,
    );
  }
  return message;
}

/** Octets of `message`; throws `wire/too-big` where a reader would. */
export function encodeWithin<T>(codec: MessageCodec<T>, message: T, maxBytes: number): Uint8Array {
  return within(codec.encode(message), maxBytes);
}

/** The octets of a message that is written; throws `wire/too-big` where a reader would. */
export function within(bytes: Uint8Array, maxBytes: number): Uint8Array {
  if (bytes.length > maxBytes) throw tooBig(bytes.length, maxBytes);
  return bytes;
}

/** A frame of more octets than are allowed. */
export function tooBig(size: number, maxBytes: number): ProtocolError {
  return new ProtocolError("wire/too-big", `a frame of ${size} octets; at most ${maxBytes} are allowed`);
}

// Fields, checked alike when read and when written.

/** Exactly `length` octets. */
export function checkLength(bytes: Uint8Array, name: string, length: number = HASH_BYTES): void {
  if (bytes.length !== length) throw badField(name, `has ${bytes.length} octets, not ${length}`);
}

/** 1 to `max` octets. */
export function checkFilled(bytes: Uint8Array, name: string, max: number): void {
  if (bytes.length === 0 || bytes.length > max)
    throw badField(name, `has ${bytes.length} octets, not 1 to ${max}`);
}

/** At most `max` elements, each of `HASH_BYTES`. */
export function checkHashes(hashes: readonly Uint8Array[], name: string, max: number): void {
  checkCount(hashes, name, max);
  for (const hash of hashes) checkLength(hash, name);
}

/** At most `max` elements. */
export function checkCount(items: readonly unknown[], name: string, max: number): void {
  if (items.length > max) throw badField(name, `has ${items.length} elements, not at most ${max}`);
}

/** A safe integer from `min` to `max`. */
export function checkNumber(value: number, name: string, min: number, max: number): void {
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw badField(name, `is ${value}, not from ${min} to ${max}`);
  }
}

/** An index or a size of a feed. */
export function checkIndex(value: number, name: string): void {
  checkNumber(value, name, 0, MAX_FEED_SIZE);
}

/** Printable ASCII without spaces, as every origin is; whether it *is* one, the feed's reader says. */
export function checkOrigin(text: string, name: string): void {
  if (text.length > MAX_ORIGIN_CHARS || !/^[!-~]+$/.test(text))
    throw badField(name, `is no origin: ${quote(text)}`);
}

/** Empty (all is well), or one of our error codes. */
export function checkCode(text: string): void {
  if (text.length > MAX_ANSWER_CODE_CHARS || !/^(?:[a-z-]+\/[a-z0-9-]+)?$/.test(text)) {
    throw badField("code", `is no code: ${quote(text)}`);
  }
}

/** Empty (from the start; nothing left), or a mark of whoever answers. */
export function checkPage(bytes: Uint8Array, name: string): void {
  if (bytes.length > MAX_PAGE_BYTES)
    throw badField(name, `has ${bytes.length} octets, not at most ${MAX_PAGE_BYTES}`);
}

/** A field that breaks its limit. */
export function badField(name: string, reason: string): ProtocolError {
  return new ProtocolError("wire/bad-field", `${name} ${reason}`);
}

/** Throws `wire/not-one-of` unless exactly one of `members` is there. */
export function checkOneOf(members: Readonly<Record<string, boolean>>): void {
  const names = Object.keys(members);
  const there = names.filter((name) => members[name] === true);
  if (there.length !== 1) {
    throw new ProtocolError(
      "wire/not-one-of",
      `exactly one of ${names.join(", ")} is wanted; there is ${there.join(" and ") || "none"}`,
    );
  }
}

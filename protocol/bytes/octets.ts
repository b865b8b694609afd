/** Joining, comparing and writing octets. */

/** All parts, one after the other, in a new array. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(octetsIn(parts));
  gather(parts, joined);
  return joined;
}

/**
 * Puts all parts, one after the other, at the beginning of `into`, which has room for them (RangeError where it has not); returns the octets that they
 * take of it. For what a sender may have cut into more parts than a call takes arguments, and for what needs no array of its own.
 */
export function gather(parts: Iterable<Uint8Array>, into: Uint8Array): number {
  let at = 0;
  for (const part of parts) {
    into.set(part, at);
    at += part.length;
  }
  return at;
}

/** How many octets all parts have together. */
export function octetsIn(parts: readonly Uint8Array[]): number {
  let octets = 0;
  for (const part of parts) octets += part.length;
  return octets;
}

/** From so many octets on they are compared in words: below, making the views costs more than it saves. */
const WORDS_FROM = 64;

/** Whether both hold the same octets. Not constant in time: for public values. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  // Read once: in a process that has ever detached a buffer V8 looks a length up anew each time, and frames have 1 MB.
  const { length } = a;
  if (length !== b.length) return false;
  const inWords = length < WORDS_FROM ? 0 : length - (length % 8);
  if (inWords > 0 && !equalWords(a, b, inWords)) return false;
  for (let i = inWords; i < length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The first `length` octets, a multiple of 8: two words a step take less than half as long as eight octets. */
function equalWords(a: Uint8Array, b: Uint8Array, length: number): boolean {
  const left = new DataView(a.buffer, a.byteOffset, length);
  const right = new DataView(b.buffer, b.byteOffset, length);
  for (let i = 0; i < length; i += 8) {
    const first = left.getInt32(i) ^ right.getInt32(i);
    if ((first | (left.getInt32(i + 4) ^ right.getInt32(i + 4))) !== 0) return false;
  }
  return true;
}

/** Whether `part` is nothing but a view of what stands in `whole` from `at` on, and so the same without being compared. */
export function isViewAt(part: Uint8Array, whole: Uint8Array, at: number): boolean {
  const isWithin = at >= 0 && at + part.length <= whole.length;
  return isWithin && part.buffer === whole.buffer && part.byteOffset === whole.byteOffset + at;
}

/**
 * `length` octets of the memory that `part` is a view of, from `before` octets in front of it on; null where there is less. What they are is unknown until
 * it is compared: for views of one frame that stand beside each other.
 */
export function viewAround(part: Uint8Array, before: number, length: number): Uint8Array | null {
  const at = part.byteOffset - before;
  return at >= 0 && at + length <= part.buffer.byteLength ? new Uint8Array(part.buffer, at, length) : null;
}

/** Lexicographic order of octets, shorter first: negative, 0 or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Whether `bytes` begins with all of `prefix`. */
export function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return bytes.length >= prefix.length && equalBytes(bytes.subarray(0, prefix.length), prefix);
}

/** 2 octets, big-endian, of 0 … 2^16 - 1. */
export function u16be(value: number): Uint8Array {
  return bigEndian(value, 2);
}

/** 4 octets, big-endian, of 0 … 2^32 - 1. */
export function u32be(value: number): Uint8Array {
  return bigEndian(value, 4);
}

/** 8 octets, big-endian, of 0 … 2^53 - 1. */
export function u64be(value: number): Uint8Array {
  return bigEndian(value, 8);
}

function bigEndian(value: number, width: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0 || value >= 256 ** width) {
    throw new RangeError(`${value} does not fit into ${width} octets`);
  }
  const bytes = new Uint8Array(width);
  for (let at = width - 1, rest = value; at >= 0; at--, rest = Math.floor(rest / 256)) bytes[at] = rest % 256;
  return bytes;
}

/** The same octets as numbers in either order, at any place. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/**
 * The row of octets that an answer begins with, field 1: a megabyte, of which an encoder makes an operation and a copy for each blob. Here it is written
 * in one piece, and read back by where its blobs stand: these are views, so that to compare them with themselves would show nothing.
 */
import { isViewAt, octetsIn, viewAround } from "../bytes/index.ts";

/** Field 1, octets: `1 << 3 | 2`. */
const TAG = 0x0a;
const MORE = 0x80;
/** Of a tag, and of a length below 2^35 behind it, at most. */
const HEAD_BYTES = 6;
const NONE = new Uint8Array(0);

/** The blobs as an encoder writes them, each with its tag and its length, and `rest` behind them. */
export function joinBlobs(blobs: readonly Uint8Array[], rest: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(lengthOf(blobs) + rest.length);
  let at = 0;
  for (const blob of blobs) {
    at = writeHead(bytes, at, blob.length);
    bytes.set(blob, at);
    at += blob.length;
  }
  bytes.set(rest, at);
  return bytes;
}

/** Where the blobs, views of `bytes`, end, if they begin it and are written as `joinBlobs` writes them; else null. */
export function endOfBlobs(bytes: Uint8Array, blobs: readonly Uint8Array[]): number | null {
  const head = new Uint8Array(HEAD_BYTES);
  let at = 0;
  for (const blob of blobs) {
    const length = writeHead(head, 0, blob.length);
    for (let i = 0; i < length; i++) if (bytes[at++] !== head[i]) return null;
    // An empty one is nowhere.
    if (blob.length > 0 && !isViewAt(blob, bytes, at)) return null;
    at += blob.length;
  }
  return at;
}

/** The blobs as `joinBlobs` writes them, with nothing behind them: where they stand so already, as in the answer that brought them, a view of it. */
export function blobsInPlace(blobs: readonly Uint8Array[]): Uint8Array {
  const [first] = blobs;
  if (first === undefined) return NONE;
  const view = viewAround(first, headLength(first.length), lengthOf(blobs));
  return view !== null && endOfBlobs(view, blobs) === view.length ? view : joinBlobs(blobs, NONE);
}

/** Views of the blobs that `joinBlobs` wrote with nothing behind them; null for what it does not write. */
export function splitBlobs(bytes: Uint8Array): readonly Uint8Array[] | null {
  const blobs: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const head = at;
    let length = 0;
    for (let shift = 1; ; shift *= MORE) {
      const octet = bytes[++at];
      if (octet === undefined || at - head >= HEAD_BYTES) return null;
      length += (octet & (MORE - 1)) * shift;
      if (octet < MORE) break;
    }
    at++;
    const isHead = bytes[head] === TAG && at - head === headLength(length);
    if (!isHead || length > bytes.length - at) return null;
    blobs.push(bytes.subarray(at, at + length));
    at += length;
  }
  return blobs;
}

/** Octets of the blobs as they are written. */
function lengthOf(blobs: readonly Uint8Array[]): number {
  let octets = octetsIn(blobs);
  for (const { length } of blobs) octets += headLength(length);
  return octets;
}

/** Octets of a tag and a length. */
function headLength(length: number): number {
  let octets = 2;
  for (let rest = length; rest >= MORE; rest >>>= 7) octets++;
  return octets;
}

/** Tag and length, this as a varint, from `at` on; returns where they end. */
function writeHead(bytes: Uint8Array, at: number, length: number): number {
  bytes[at++] = TAG;
  for (; length >= MORE; length >>>= 7) bytes[at++] = (length & (MORE - 1)) | MORE;
  bytes[at++] = length;
  return at;
}

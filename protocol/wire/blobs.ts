/**
 * The row of octets that an answer begins with, field 1: a megabyte, of which an encoder makes an operation and a copy for each blob. Here it is written
 * in one piece, and read back by where its blobs stand: these are views, so that to compare them with themselves would show nothing.
 */
import { isViewAt } from "../bytes/index.ts";

/** Field 1, octets: `1 << 3 | 2`. */
const TAG = 0x0a;
const MORE = 0x80;

/** The blobs as an encoder writes them, each with its tag and its length, and `rest` behind them. */
export function joinBlobs(blobs: readonly Uint8Array[], rest: Uint8Array): Uint8Array {
  const size = blobs.reduce((sum, { length }) => sum + 1 + octetsOf(length) + length, rest.length);
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const blob of blobs) {
    bytes[at++] = TAG;
    let { length } = blob;
    for (; length >= MORE; length >>>= 7) bytes[at++] = (length & (MORE - 1)) | MORE;
    bytes[at++] = length;
    bytes.set(blob, at);
    at += blob.length;
  }
  bytes.set(rest, at);
  return bytes;
}

/** Where the blobs, views of `bytes`, end, if they begin it and are written as `joinBlobs` writes them; else null. */
export function endOfBlobs(bytes: Uint8Array, blobs: readonly Uint8Array[]): number | null {
  let at = 0;
  for (const blob of blobs) {
    if (bytes[at++] !== TAG) return null;
    let { length } = blob;
    for (; length >= MORE; length >>>= 7) if (bytes[at++] !== ((length & (MORE - 1)) | MORE)) return null;
    if (bytes[at++] !== length) return null;
    // An empty one is nowhere.
    if (blob.length > 0 && !isViewAt(blob, bytes, at)) return null;
    at += blob.length;
  }
  return at;
}

/** Octets of a length as a varint. */
function octetsOf(length: number): number {
  let octets = 1;
  for (let left = length; left >= MORE; left >>>= 7) octets++;
  return octets;
}

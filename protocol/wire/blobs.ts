/**
 * The row of octets that an answer begins with, field 1: a megabyte, of which an encoder makes an operation and a copy for each blob. Here it is written
 * in one piece, and read back by where its blobs stand: these are views, so that to compare them with themselves would show nothing.
 */
import { isViewAt, octetsIn } from "../bytes/index.ts";

/** Field 1, octets: `1 << 3 | 2`. */
const TAG = 0x0a;
const MORE = 0x80;
/** Of a tag, and of a length below 2^35 behind it, at most. */
const HEAD_BYTES = 6;

/** The blobs as an encoder writes them, each with its tag and its length, and `rest` behind them. */
export function joinBlobs(blobs: readonly Uint8Array[], rest: Uint8Array): Uint8Array {
  const head = new Uint8Array(HEAD_BYTES);
  let size = octetsIn(blobs) + rest.length;
  for (const { length } of blobs) size += writeHead(head, 0, length);
  const bytes = new Uint8Array(size);
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

/** Tag and length, this as a varint, from `at` on; returns where they end. */
function writeHead(bytes: Uint8Array, at: number, length: number): number {
  bytes[at++] = TAG;
  for (; length >= MORE; length >>>= 7) bytes[at++] = (length & (MORE - 1)) | MORE;
  bytes[at++] = length;
  return at;
}

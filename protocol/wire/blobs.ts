/**
 * The row of octets that an answer begins with, field 1: a megabyte, of which an encoder makes an operation and a copy for each blob. Here it is written
 * in one piece, and read back by where its blobs stand: these are views, so that to compare them with themselves would show nothing.
 */
import { concat, isViewAt } from "../bytes/index.ts";

/** Field 1, octets: `1 << 3 | 2`. */
const TAG = 0x0a;
const MORE = 0x80;

/** The blobs as an encoder writes them, each with its tag and its length, and `rest` behind them. */
export function joinBlobs(blobs: readonly Uint8Array[], rest: Uint8Array): Uint8Array {
  return concat(...blobs.flatMap((blob) => [headOf(blob), blob]), rest);
}

/** Where the blobs, views of `bytes`, end, if they begin it and are written as `joinBlobs` writes them; else null. */
export function endOfBlobs(bytes: Uint8Array, blobs: readonly Uint8Array[]): number | null {
  let at = 0;
  for (const blob of blobs) {
    for (const octet of headOf(blob)) if (bytes[at++] !== octet) return null;
    // An empty one is nowhere.
    if (blob.length > 0 && !isViewAt(blob, bytes, at)) return null;
    at += blob.length;
  }
  return at;
}

/** Tag and length, this as a varint. */
function headOf({ length }: Uint8Array): Uint8Array {
  const octets = [TAG];
  let left = length;
  for (; left >= MORE; left >>>= 7) octets.push((left & (MORE - 1)) | MORE);
  return Uint8Array.from([...octets, left]);
}

/** A file's SHA-256, worked out in the page, in pieces: no copy of it is ever whole in memory, and nothing of it leaves the machine. */
import { sha256 } from "@noble/hashes/sha2.js";

/** Octets at a time: large enough to be quick, small enough that the page answers in between. */
const PIECE_BYTES = 2 * 1024 * 1024;

/** A SHA-256 that is fed piece by piece. */
export function startHash(): Pick<ReturnType<typeof sha256.create>, "update" | "digest"> {
  return sha256.create();
}

/** 32 octets. `tell` is given the octets done so far. Rejects where the file can't be read, and when `signal` says so. */
export async function hashFile(
  file: Blob,
  tell: (done: number) => void,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const hash = startHash();
  for (let at = 0; at < file.size; at += PIECE_BYTES) {
    signal.throwIfAborted();
    const piece = await file.slice(at, at + PIECE_BYTES).arrayBuffer();
    hash.update(new Uint8Array(piece));
    tell(Math.min(at + PIECE_BYTES, file.size));
  }
  return hash.digest();
}

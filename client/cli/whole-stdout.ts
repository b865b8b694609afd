import { fstatSync, writeSync } from "node:fs";

/** How long what takes nothing at the moment is left alone. */
const PAUSE_MS = 10;

/**
 * Has a stream that is a file or a device write all that it is given, or fail: Node's own drops without a word what a disk that
 * is full, or a limit, left no room for. Pipes and terminals it serves well.
 */
export function writeWholly(stream: NodeJS.WriteStream & { readonly fd: number }): void {
  const { fd } = stream;
  if (stream.isTTY) return;
  const there = fstatSync(fd);
  if (there.isFIFO() || there.isSocket()) return;
  stream._write = (chunk: Uint8Array, _encoding, done) => {
    try {
      for (let at = 0; at < chunk.length;) at += writeSome(fd, chunk.subarray(at));
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    done();
  };
}

/** How many octets there was room for; throws where there is none at all. */
function writeSome(fd: number, octets: Uint8Array): number {
  try {
    return writeSync(fd, octets);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    return 0;
  }
}

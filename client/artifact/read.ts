import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { ProtocolError } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";

/** Room for what has no size of its own (a pipe, a device), to begin with. */
const FIRST_BYTES = 64 * 1024;

/**
 * A whole file, `maxBytes` at most: no more is read, whatever it is. Throws `input/missing`, `input/unreadable`, `input/too-big`.
 * Synchronous: for what configures or feeds a command, the threads that the others need would take longer to start.
 */
export function readWhole(path: string, maxBytes: number): Uint8Array {
  let file: number | null = null;
  try {
    file = openSync(path, "r");
    const { size } = fstatSync(file);
    const bytes = size > maxBytes ? null : readUpTo(file, size, maxBytes);
    if (bytes !== null) return bytes;
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    if (file !== null) closeSync(file);
  }
  throw new ClientError(
    "input/too-big",
    `${path}: it has more than the ${maxBytes} octets that may be read of it`,
  );
}

/** The same; null where there is no such file. Throws `input/unreadable`, `input/too-big`. */
export function readIfThere(path: string, maxBytes: number): Uint8Array | null {
  try {
    return readWhole(path, maxBytes);
  } catch (error) {
    if (error instanceof ClientError && error.code === "input/missing") return null;
    throw error;
  }
}

/** All of stdin, `maxBytes` at most; null where there is more. Throws `input/unreadable`. */
export async function readStdin(maxBytes: number): Promise<Uint8Array | null> {
  assertReadable();
  const parts: Uint8Array[] = [];
  let total = 0;
  try {
    for await (const part of process.stdin) {
      if (!(part instanceof Uint8Array)) continue;
      total += part.length;
      if (total > maxBytes) return null;
      parts.push(part);
    }
  } catch (error) {
    // What whoever destroyed it said of it is said already.
    throw error instanceof ClientError ? error : unreadable("stdin", error);
  }
  return Uint8Array.from(Buffer.concat(parts));
}

/** Of what can't be read as a stream (a folder, a disk) Node makes an empty stdin, as if nothing had been said. */
function assertReadable(): void {
  const stat = fstatSync(0);
  if (stat.isFile() || stat.isFIFO() || stat.isSocket() || stat.isCharacterDevice()) return;
  const what = stat.isDirectory() ? "it is a folder" : "it is neither a file nor a pipe";
  throw new ClientError("input/unreadable", `stdin: cannot be read: ${what}`);
}

/** A whole file as text. */
export function readText(path: string, maxBytes: number): string {
  return new TextDecoder().decode(readWhole(path, maxBytes));
}

/** The same; null where there is no such file. */
export function textIfThere(path: string, maxBytes: number): string | null {
  const bytes = readIfThere(path, maxBytes);
  return bytes === null ? null : new TextDecoder().decode(bytes);
}

/** Null where there is more. */
function readUpTo(file: number, size: number, maxBytes: number): Uint8Array | null {
  let bytes = new Uint8Array(Math.min(size === 0 ? FIRST_BYTES : size + 1, maxBytes + 1));
  let length = 0;
  for (;;) {
    if (length > maxBytes) return null;
    if (length === bytes.length) {
      const wider = new Uint8Array(Math.min(2 * length, maxBytes + 1));
      wider.set(bytes);
      bytes = wider;
    }
    const bytesRead = readSync(file, bytes, length, bytes.length - length, null);
    if (bytesRead === 0) return bytes.subarray(0, length);
    length += bytesRead;
  }
}

/** Reads what a file holds: what is wrong with its octets is told under the same code, with its path in front. */
export function parseFile<Value>(path: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ProtocolError(error.code, `${path}: ${error.message}`, { cause: error });
  }
}

/** Turns an error of the file system into one that says what to do. */
export function unreadable(path: string, error: unknown): ClientError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new ClientError("input/missing", `${path}: no such file`, { cause: error });
  }
  const why = new Map([
    ["EISDIR", "it is a folder; name a file"],
    ["EACCES", "permission denied; run as a user who may read it"],
  ]).get(code);
  return new ClientError("input/unreadable", `${path}: cannot be read: ${why ?? String(error)}`, {
    cause: error,
  });
}

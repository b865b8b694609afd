/** Files that the user names for what a command gives: they may be pipes, devices and links, which a new file must not stand in the place of. */
import { constants, readlinkSync, realpathSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { ClientError } from "./errors.ts";
import { cannotWrite, statOf } from "./folder.ts";
import { putting, writeWhole, writeWith } from "./write-file.ts";
import type { Put, WriteOptions } from "./write-file.ts";

const STDOUT: ReadonlySet<string> = new Set(["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"]);

/** Whether that is stdout, which then has nothing else on it. */
export function isStdout(path: string): boolean {
  return STDOUT.has(path);
}

/** Whether two paths are of one file or folder, so that writing the one changes the other. A terminal may be both at once. */
export function isSame(one: string, other: string): boolean {
  if (isStdout(one) || isStdout(other)) return false;
  const [a, b] = [statOf(one), statOf(other)];
  return a !== undefined && b !== undefined && !a.isCharacterDevice() && a.dev === b.dev && a.ino === b.ino;
}

/**
 * Writes what the user wants in `path`: `-` is stdout, a device or pipe is written into, a link stays and its file is
 * written; a file whole or not at all. Throws `output/…`.
 */
export async function writeOutput(
  path: string,
  bytes: Uint8Array | string,
  options: WriteOptions = { replace: true },
): Promise<void> {
  await writeOutputWith(path, options, (put) => put(bytes));
}

/** Writes where the user wants it or, where nothing was said, into a file of our own name, in whose place no link is followed. Throws `output/…`. */
export async function writeNamed(
  named: string | undefined,
  own: string,
  bytes: Uint8Array | string,
): Promise<void> {
  await (named === undefined ? writeWhole(own, bytes, { replace: true }) : writeOutput(named, bytes));
}

/** The same as `writeOutput`, piece by piece: what `write` throws is thrown, and a file is left as it was. */
export async function writeOutputWith(
  path: string,
  options: WriteOptions,
  write: (put: Put) => Promise<void>,
): Promise<void> {
  if (isStdout(path)) return write(toStdout);
  const { at, isStream } = placeOf(path);
  if (isStream) await writeInto(at, write);
  else await writeWith(at, options, write);
}

/** Writes back what was read from there: of a link its file. A pipe has nothing to write back to. Throws `output/…`. */
export async function rewrite(path: string, bytes: Uint8Array): Promise<void> {
  const { at, isStream } = placeOf(path);
  if (isStream) throw unfit(path, "it is no file: say where it goes");
  await writeWith(at, { replace: true }, (put) => put(bytes));
}

async function toStdout(piece: Uint8Array | string): Promise<void> {
  if (process.stdout.write(piece)) return;
  await new Promise((drained) => process.stdout.once("drain", drained));
}

interface Place {
  readonly at: string;
  /** A pipe or a device, which takes octets and holds none. */
  readonly isStream: boolean;
}

/** Where the octets go, links followed. */
function placeOf(path: string): Place {
  const there = looking(path, () => statSync(path, { throwIfNoEntry: false }));
  if (there === undefined) return { at: looking(path, () => endOf(path)), isStream: false };
  if (there.isFile()) return { at: looking(path, () => realpathSync(path)), isStream: false };
  // Whoever means a disk has tools for that.
  if (there.isBlockDevice()) throw unfit(path, "it is a disk: name a file");
  return { at: path, isStream: !there.isDirectory() };
}

/** Where links lead that lead to nothing yet; `stat` has found that they end. */
function endOf(path: string): string {
  let next: string;
  try {
    next = readlinkSync(path);
  } catch {
    return path;
  }
  return endOf(resolve(realpathSync(dirname(path)), next));
}

/** Writes into what stands there, and makes nothing. */
async function writeInto(path: string, write: (put: Put) => Promise<void>): Promise<void> {
  const stream = await open(path, constants.O_WRONLY | constants.O_NOCTTY).catch((error: unknown) => {
    throw cannotWrite(path, error);
  });
  try {
    await write(putting(path, stream));
  } finally {
    await stream.close();
  }
}

function looking<Value>(path: string, look: () => Value): Value {
  try {
    return look();
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

function unfit(path: string, why: string): ClientError {
  return new ClientError("output/cannot-write", `${path}: cannot be written: ${why}`);
}

import { mkdirSync, rmSync, statSync } from "node:fs";
import type { Stats } from "node:fs";
import { dirname } from "node:path";
import { ClientError } from "./errors.ts";

/**
 * Makes a folder, and those above it, where they lack. Throws `output/cannot-write`. By hand: Node's own recursion never ends where a
 * folder can't be made in one that is there (/proc).
 */
export function makeFolder(path: string, mode: number = 0o777): void {
  try {
    make(path, mode, true);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

function make(path: string, mode: number, parents: boolean): void {
  try {
    mkdirSync(path, mode);
  } catch (error) {
    const code = systemCode(error);
    if (code === "EEXIST" && statSync(path).isDirectory()) return;
    if (code !== "ENOENT" || !parents) throw error;
    make(dirname(path), mode, dirname(path) !== path);
    make(path, mode, false);
  }
}

/** What stands there, links followed; undefined where nothing does that can be looked at: no permission, links in a circle, too long a name. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (systemCode(error) === "") throw error;
    return undefined;
  }
}

/** Whether a folder stands there. */
export function isFolder(path: string): boolean {
  return statOf(path)?.isDirectory() === true;
}

/** Takes a file away, if it is there. Throws `output/cannot-write`. */
export function removeFile(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

const WHY: ReadonlyMap<string, string> = new Map([
  ["ENOSPC", "the disk is full: make room"],
  ["EDQUOT", "your share of the disk is full: make room"],
  ["EACCES", "permission denied: choose another folder, or mend its permissions"],
  ["EPERM", "that is not allowed there: choose another folder"],
  ["EROFS", "the file system is read-only: choose another folder"],
  ["ENOENT", "the folder does not exist: make it, or choose another"],
  ["ENOTDIR", "a part of the path is no folder: choose another"],
  ["EISDIR", "it is a folder: name a file"],
  ["EEXIST", "a file stands where the folder should: choose another"],
]);

/** An error of the file system as `output/cannot-write`, with what to do. */
export function cannotWrite(path: string, error: unknown): ClientError {
  const why = WHY.get(systemCode(error)) ?? String(error);
  return new ClientError("output/cannot-write", `${path}: cannot be written: ${why}`, { cause: error });
}

/** The code of an error of the file system, such as ENOENT; empty for others. */
export function systemCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

import { statSync } from "node:fs";
import { ClientError } from "../errors.ts";
import { statOf, systemCode } from "../folder.ts";
import { unreadable } from "./read.ts";

/** What makes a file another one, or the same one written again; null where there is none. Throws `input/unreadable`. */
export function stateOf(path: string): string | null {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(" ");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error))) return null;
    throw unreadable(path, error);
  }
}

/** What `use` makes of a file that nobody changes meanwhile: it may be opened several times. Throws `input/unreadable` where somebody did, so that nothing is said of it. */
export async function steady<Value>(path: string, use: () => Promise<Value>): Promise<Value> {
  // A pipe changes by being read.
  if (statOf(path)?.isFile() !== true) return use();
  const before = stateOf(path);
  const value = await use();
  if (stateOf(path) === before) return value;
  throw new ClientError(
    "input/unreadable",
    `${path}: it changed while it was read: nothing was signed; try again when nobody writes to it`,
  );
}

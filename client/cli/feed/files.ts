import { join } from "node:path";
import {
  checkFeed,
  CHECKPOINT_PATH,
  MAX_CHECKPOINT_BYTES,
  MAX_FEED_FILE_BYTES,
  verifyHead,
} from "../../../protocol/index.ts";
import type { SignedHead } from "../../../protocol/index.ts";
import { parseFile, readWhole } from "../../artifact/index.ts";
import { ClientError } from "../../errors.ts";

/** What was read, once it is known to be the feed's. */
export interface Checked {
  readonly files: number;
  readonly octets: number;
}

/** The head of the feed in a folder. Throws `input/…`, `note/…`, `checkpoint/…`. */
export function readHead(folder: string): SignedHead {
  const path = join(folder, CHECKPOINT_PATH);
  const note = readWhole(path, MAX_CHECKPOINT_BYTES);
  return parseFile(path, () => verifyHead(note));
}

/** A file of the folder, null where it is not there. Throws `input/…` where it can't be read, or is too long for any. */
export function readFile(folder: string, path: string): Uint8Array | null {
  try {
    return readWhole(join(folder, path), MAX_FEED_FILE_BYTES);
  } catch (error) {
    if (error instanceof ClientError && error.code === "input/missing") return null;
    throw error;
  }
}

/**
 * Checks all files of a feed, as `checkFeed`. `read` gives them; `good` is told of each one that is in order as far as it can be known
 * before the others were read. `name` stands before each path in messages.
 */
export async function checkFiles(
  head: SignedHead,
  name: string,
  read: (path: string) => Promise<Uint8Array | null> | Uint8Array | null,
  good: (path: string, octets: Uint8Array) => Promise<void> | void,
): Promise<Checked> {
  const checking = checkFeed(head);
  let files = 0;
  let total = 0;
  let step = checking.next();
  while (step.done !== true) {
    const path = step.value;
    const octets = await read(path);
    step = parseFile(name === "" ? path : `${name}/${path}`, () => checking.next(octets));
    if (octets === null) continue;
    files++;
    total += octets.length;
    await good(path, octets);
  }
  return { files, octets: total };
}

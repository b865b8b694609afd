import { join } from "node:path";
import {
  checkFeed,
  CHECKPOINT_PATH,
  COSIGNED_PATH,
  counted,
  MAX_FEED_FILE_BYTES,
  MAX_NOTE_BYTES,
  MAX_TOLD_COSIGNATURES,
  MAX_TOLD_PAST,
  PAST_PATH,
  TIMED_PATH,
  toHex,
  verifyCosigned,
  verifyHead,
  verifyTimed,
} from "../../../protocol/index.ts";
import type { SignedHead } from "../../../protocol/index.ts";
import { parseFile, readIfThere, readWhole } from "../../artifact/index.ts";
import type { Printer } from "../print.ts";

/** What was read, once it is known to be the feed's. */
export interface Checked {
  readonly files: number;
  readonly octets: number;
}

/** The head of the feed in a folder. Throws `input/…`, `note/…`, `checkpoint/…`. */
export function readHead(folder: string): SignedHead {
  const path = join(folder, CHECKPOINT_PATH);
  const note = readWhole(path, MAX_NOTE_BYTES);
  return parseFile(path, () => verifyHead(note));
}

/** The newest head in the folder whose time is known, `head` being the newest; null without one. Throws as `readHead`. */
export function readTimed(folder: string, head: SignedHead): SignedHead | null {
  const note = readFile(folder, TIMED_PATH);
  return note === null ? null : parseFile(join(folder, TIMED_PATH), () => verifyTimed(note, head));
}

/** Files of heads that witnesses have cosigned, and how many heads are in each at most. */
export const COSIGNED_FILES: readonly { readonly path: string; readonly most: number }[] = [
  { path: COSIGNED_PATH, most: MAX_TOLD_COSIGNATURES },
  { path: PAST_PATH, most: MAX_TOLD_PAST },
];

/** The heads in the folder that witnesses have cosigned, none larger than `head`. Throws as `readHead`, and `cosignature/…`. */
export function readCosignedHeads(folder: string, head: SignedHead): readonly SignedHead[] {
  return COSIGNED_FILES.flatMap(({ path, most }) => {
    const file = readFile(folder, path);
    return file === null ? [] : parseFile(join(folder, path), () => verifyCosigned(file, head, most));
  });
}

/** A file of the folder, null where it is not there. Throws `input/…` where it can't be read, or is too long for any. */
export function readFile(folder: string, path: string): Uint8Array | null {
  return readIfThere(join(folder, path), MAX_FEED_FILE_BYTES);
}

/** The newest head, and others that are to be of the same history. */
export interface Heads {
  readonly head: SignedHead;
  readonly earlier: readonly SignedHead[];
}

/** Where files come from while they are checked, and what is done with each. */
export interface Handling {
  /** Null where a file is not there. */
  read(path: string): Promise<Uint8Array | null> | Uint8Array | null;
  /** Is given each file that is in order as far as it can be known before the others were read. */
  keep?(path: string, octets: Uint8Array): Promise<void>;
}

/** Checks all files of a feed, and other heads of it, as `checkFeed`, and shows how far it is. In messages they are named as files of `folder`. */
export async function checkFiles(
  { head, earlier }: Heads,
  folder: string,
  printer: Printer,
  handling: Handling,
): Promise<Checked> {
  const checking = checkFeed(head, earlier);
  let files = 0;
  let total = 0;
  const ended = printer.progress(() => `${counted(files, "file")} of ${head.origin} …`);
  try {
    let step = checking.next();
    while (step.done !== true) {
      const path = step.value;
      const octets = await handling.read(path);
      step = parseFile(join(folder, path), () => checking.next(octets));
      if (octets === null) continue;
      files++;
      total += octets.length;
      await handling.keep?.(path, octets);
    }
  } finally {
    ended();
  }
  return { files, octets: total };
}

/** What `--json` says of a folder that was checked (`protocol/spec/feed-folder.schema.json`). */
export function folderFacts(folder: string, head: SignedHead, checked: Checked): Record<string, unknown> {
  const { origin, size, root, time } = head;
  return { samebits: 1, folder, origin, size, root: toHex(root), time, ...checked };
}

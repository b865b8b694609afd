/** Files that are examined, judged and then handed to others: are they still what was examined (RULES R32)? */
import { closeSync, constants, fstatSync, openSync, statSync } from "node:fs";
import type { BigIntStats } from "node:fs";
import { HashCrew, unreadable } from "../artifact/index.ts";
import type { IdentifyOptions } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";
import { examineOpenDeb, examineOpenPacman } from "../verify/index.ts";
import type { Examined } from "../verify/index.ts";
import { APT } from "./manager.ts";
import type { Manager } from "./manager.ts";

/** A file as it was while it was read, all through one descriptor. */
export interface Held extends Examined {
  readonly path: string;
  readonly stamp: Stamp;
  /** Whose package it is. */
  readonly manager: Manager;
}

/** How files are examined. */
interface HoldOptions extends IdentifyOptions {
  /** apt where none is named. */
  readonly manager?: Manager;
}

/** By these a file is told from another one, and from what it was before. */
type Stamp = Pick<BigIntStats, "dev" | "ino" | "size" | "mtimeNs" | "ctimeNs">;
const MARKS = ["dev", "ino", "size", "mtimeNs", "ctimeNs"] as const;

/** Throws `input/…`, and `…/changed-file` where it changed while it was read. */
async function hold(path: string, options: HoldOptions, crew: HashCrew): Promise<Held> {
  const { manager = APT } = options;
  let file: number | null = null;
  try {
    // A pipe would keep us waiting for whoever writes into it.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stamp = fstatSync(file, { bigint: true });
    if (!stamp.isFile()) throw new ClientError("input/unreadable", `${path}: it is no file`);
    const examine = manager.name === "apt" ? examineOpenDeb : examineOpenPacman;
    const held = { ...(await examine(file, path, options, crew)), path, stamp, manager };
    assertSame(held, fstatSync(file, { bigint: true }));
    return held;
  } catch (error) {
    throw error instanceof ClientError ? error : unreadable(path, error);
  } finally {
    if (file !== null) closeSync(file);
  }
}

/**
 * All of them, side by side, in their order. `told` hears how many are done. Rejects as `hold` does.
 */
export async function holdAll(
  paths: readonly string[],
  options: HoldOptions,
  told: (done: number) => void,
): Promise<readonly Held[]> {
  const crew = new HashCrew();
  const all: Held[] = [];
  let [next, done] = [0, 0];
  const some = async (): Promise<void> => {
    for (let at = next++; at < paths.length; at = next++) {
      all[at] = await hold(paths[at] ?? "", options, crew);
      told(++done);
    }
  };
  try {
    // One more than hash: its control data are read meanwhile.
    await Promise.all(Array.from({ length: crew.size + 1 }, some));
  } finally {
    await crew.close();
  }
  return all;
}

/** Right before it is handed on. Throws `…/changed-file`, `input/…`. */
export function assertHeld(held: Held): void {
  let now: BigIntStats;
  try {
    now = statSync(held.path, { bigint: true });
  } catch (error) {
    throw unreadable(held.path, error);
  }
  assertSame(held, now);
}

function assertSame({ path, stamp, manager }: Pick<Held, "path" | "stamp" | "manager">, now: Stamp): void {
  if (MARKS.every((mark) => stamp[mark] === now[mark])) return;
  throw new ClientError(
    manager.codes.changedFile,
    `${path} changed while it was checked: nothing is let through; find out what writes there, remove the file, and run ${manager.name} again`,
  );
}

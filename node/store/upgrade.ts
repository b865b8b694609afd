/**
 * From one format of the store to the next, never without a way back: a copy is upgraded and takes the store's place when it is whole; the
 * store as it was stays beside it as `store.format-N`. A process that dies at any moment leaves one that the next start opens.
 */
import { copyFile, link, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { MAX_UPGRADE_ROWS } from "../../protocol/index.ts";
import type { Row, StoreOp } from "../../protocol/index.ts";
import { NodeError } from "../errors.ts";
import { syncFolder } from "../private-file.ts";
import { openDatabase } from "./database.ts";
import type { Database } from "./database.ts";
import { FORMAT_KEY, formatRow } from "./format.ts";

/** What becomes of a store on its way from the format `from` to the next. */
export interface UpgradeStep {
  readonly from: number;
  /**
   * For rows in the order of their keys: what is to be done with them. Each is shown once; it puts no key that stands after them. Null where all stay as
   * they are, and only new ones are such as older versions cannot read.
   */
  readonly change: ((rows: readonly Row[]) => readonly StoreOp[]) | null;
}

/** After this key goes the upgrade on; only in a copy that is being upgraded, where that becomes the store because there is no other. */
const CURSOR_KEY = Uint8Array.of(0, 1);
/** Files that LevelDB writes once, and never again: a second name is as good as a copy. */
const WRITTEN_ONCE = /\.(?:ldb|sst)$/;
/** Not part of what a database holds. */
const LEFT_OUT: ReadonlySet<string> = new Set(["LOCK", "LOG", "LOG.old"]);

/** Puts the upgraded store in its place, where the process died between the one name and the other. */
export async function finishUpgrade(path: string): Promise<void> {
  const fresh = freshOf(path);
  if ((await isThere(path)) || !(await isThere(fresh))) return;
  await rename(fresh, path);
  await syncFolder(dirname(path));
}

/**
 * Upgrades the store at `path`, which nobody has open, from its format to `to`. Throws `store/format` where no step leads there, `store/locked`
 * while another process upgrades it, and `store/failed`: then the store is as it was.
 */
export async function upgradeStore(
  path: string,
  from: number,
  to: number,
  steps: readonly UpgradeStep[],
): Promise<void> {
  const way = wayOf(path, from, to, steps);
  const lock = await openDatabase(`${path}.upgrade-lock`);
  try {
    const fresh = freshOf(path);
    await upgradeCopy(path, fresh, way);
    const former = `${path}.format-${from}`;
    await rm(former, { recursive: true, force: true });
    // Killed in between, `fresh` is what this has made of that store, whole: `finishUpgrade` puts it there.
    await rename(path, former);
    await rename(fresh, path);
    await syncFolder(dirname(path));
  } finally {
    await lock.close();
    await rm(`${path}.upgrade-lock`, { recursive: true, force: true });
  }
}

function wayOf(
  path: string,
  from: number,
  to: number,
  steps: readonly UpgradeStep[],
): readonly UpgradeStep[] {
  return Array.from({ length: to - from }, (_, at) => {
    const step = steps.find((each) => each.from === from + at);
    if (step !== undefined) return step;
    throw new NodeError(
      "store/format",
      `${path} has the format ${from}, which this version cannot upgrade any more: install an older one first, or choose another --data`,
    );
  });
}

/**
 * Makes the copy, and takes it through the steps. One that is there already was left by a start that was killed: the store may have been written
 * since, by the version before, and nothing tells whether it was. It goes.
 */
async function upgradeCopy(path: string, fresh: string, way: readonly UpgradeStep[]): Promise<void> {
  try {
    await rm(fresh, { recursive: true, force: true });
    await copyStore(path, fresh);
    const database = await openDatabase(fresh);
    try {
      for (const step of way) await takeStep(database, step);
    } finally {
      await database.close();
    }
  } catch (cause) {
    if (cause instanceof NodeError && cause.code === "store/locked") throw cause;
    // It takes room that is needed, maybe, for the store as it is to be used.
    await rm(fresh, { recursive: true, force: true }).catch(() => {});
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new NodeError(
      "store/failed",
      `${path} cannot be upgraded: ${why}; it is as it was: make room on the disk and start again, or go on with the version that wrote it`,
      { cause },
    );
  }
}

async function takeStep(database: Database, { from, change }: UpgradeStep): Promise<void> {
  if (change === null) {
    await database.put(FORMAT_KEY, formatRow(from + 1), { sync: true });
    return;
  }
  for (;;) {
    const after = (await database.get(CURSOR_KEY)) ?? CURSOR_KEY;
    const rows: Row[] = [];
    for await (const [key, value] of database.iterator({ gt: after, limit: MAX_UPGRADE_ROWS }))
      rows.push({ key, value });
    const last = rows.at(-1);
    const batch = database.batch();
    for (const op of change(rows)) {
      if (op.op === "put") batch.put(op.key, op.value);
      else batch.del(op.key);
    }
    // With the rows themselves: each is changed once, wherever the process dies.
    if (last === undefined) batch.put(FORMAT_KEY, formatRow(from + 1)).del(CURSOR_KEY);
    else batch.put(CURSOR_KEY, last.key);
    await batch.write({ sync: last === undefined });
    if (last === undefined) return;
  }
}

/** Whole, or not there. */
async function copyStore(path: string, fresh: string): Promise<void> {
  const part = `${fresh}.part`;
  await rm(part, { recursive: true, force: true });
  try {
    await mkdir(part, { mode: 0o700 });
    for (const name of await readdir(path)) {
      if (LEFT_OUT.has(name)) continue;
      const [from, to] = [join(path, name), join(part, name)];
      if (!WRITTEN_ONCE.test(name)) await copyDurably(from, to);
      // Not every file system gives a file two names.
      else await link(from, to).catch(() => copyDurably(from, to));
    }
    await syncFolder(part);
    await rename(part, fresh);
    await syncFolder(dirname(fresh));
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

async function copyDurably(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  const handle = await open(to, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function freshOf(path: string): string {
  return join(dirname(path), `${basename(path)}.upgrading`);
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

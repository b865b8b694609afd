import { join } from "node:path";
import type { BatchOperation } from "level";
import { MAX_READ_BYTES } from "../../protocol/index.ts";
import type { Range, Row, StoreOp } from "../../protocol/index.ts";
import type { Page, Store } from "../edges.ts";
import { NodeError } from "../errors.ts";
import { openDatabase } from "./database.ts";
import type { Database } from "./database.ts";
import { makeFolder } from "./folder.ts";
import { assertNotNewer, FORMAT_KEY, formatRow, readFormat, STORE_FORMAT } from "./format.ts";
import { finishUpgrade, upgradeStore } from "./upgrade.ts";
import type { UpgradeStep } from "./upgrade.ts";

const FIRST_ROWS = 16;
const MAX_ROWS_AT_ONCE = 1_024;
/** Octets of a row, on the average of a write, from which on the copies of the rows weigh more than that they are many. */
const LARGE_ROW_BYTES = 1_024;

/** A store on disk, and the database under it, in which libp2p keeps its peers under a prefix of its own. */
export interface LevelStore extends Store {
  readonly database: Database;
}

/** Of all formats that were, one after the other. */
const STEPS: readonly UpgradeStep[] = [
  // Entries had a row each, which they may have still.
  { from: 1, change: null },
];

/**
 * Opens or makes the store in `folder`; one of an older format is upgraded first. Throws `store/locked` if another process has it open,
 * `store/format` if a newer version has written it, `store/failed` for I/O errors. `known`: the format to be, and how to get there.
 */
export async function openLevel(
  folder: string,
  known: { readonly format: number; readonly steps: readonly UpgradeStep[] } = {
    format: STORE_FORMAT,
    steps: STEPS,
  },
): Promise<LevelStore> {
  await makeFolder(folder);
  const path = join(folder, "store");
  await finishUpgrade(path);
  const database = await openDatabase(path);
  try {
    const format = await readFormat(database, path);
    if (format === null) await database.put(FORMAT_KEY, formatRow(known.format), { sync: true });
    else assertNotNewer(format, known.format, path);
    if (format === null || format === known.format) return storeOn(database);
    await database.close();
    await upgradeStore(path, format, known.format, known.steps);
  } catch (error) {
    await database.close();
    throw error;
  }
  return storeOn(await openDatabase(path));
}

function storeOn(database: Database): LevelStore {
  // One at a time: level's threads take batches that wait together in any order.
  let last: Promise<unknown> = Promise.resolve();
  return {
    database,
    async apply(ops: readonly StoreOp[], durable: boolean): Promise<void> {
      const written = last.then(() => writeBatch(database, ops, durable));
      last = written.catch(() => undefined);
      await written.catch((error: unknown) => {
        throw storeError(error, "write");
      });
    },
    async has(keys: readonly Uint8Array[]): Promise<readonly boolean[]> {
      return database.hasMany([...keys]).catch((error: unknown) => {
        throw storeError(error, "read");
      });
    },
    async read(range: Range): Promise<Page> {
      return readPage(database, range).catch((error: unknown) => {
        throw storeError(error, "read");
      });
    },
    async close(): Promise<void> {
      await last;
      await database.close();
    },
  };
}

/**
 * All or nothing. Of an array level frees its copy as soon as that is written; what was put into a batch one by one it keeps until V8 collects the
 * batch. Of small rows that is little, and an array of them takes half as long again.
 */
async function writeBatch(database: Database, ops: readonly StoreOp[], durable: boolean): Promise<void> {
  let octets = 0;
  for (const op of ops) if (op.op === "put") octets += op.value.length;
  if (octets >= ops.length * LARGE_ROW_BYTES) {
    await database.batch(ops.map(operationOf), { sync: durable });
    return;
  }
  const batch = database.batch();
  for (const op of ops) {
    if (op.op === "put") batch.put(op.key, op.value);
    else batch.del(op.key);
  }
  await batch.write({ sync: durable });
}

function operationOf(op: StoreOp): BatchOperation<Database, Uint8Array, Uint8Array> {
  return op.op === "put" ? { type: "put", key: op.key, value: op.value } : { type: "del", key: op.key };
}

function storeError(cause: unknown, what: string): NodeError {
  const closed = cause instanceof Error && "code" in cause && cause.code === "LEVEL_DATABASE_NOT_OPEN";
  return closed
    ? new NodeError("store/closed", `cannot ${what}: the store is closed`, { cause })
    : new NodeError("store/failed", `cannot ${what} the store: ${String(cause)}; see to the disk`, { cause });
}

/** Whether only the key `from` lies in the range: the next one is `from` and a zero octet. */
function isOneKey({ from, to }: Range): boolean {
  return to.length === from.length + 1 && to.at(-1) === 0 && from.every((octet, i) => octet === to[i]);
}

/** Reads a little, then as much as the size of what came says fits into a page. */
async function readPage(database: Database, range: Range): Promise<Page> {
  if (range.limit >= 1 && isOneKey(range)) {
    // An iterator costs more than ten times as much, and so does `get`, since the thread pool costs more than the read.
    const value = database.getSync(range.from);
    return { rows: value === undefined ? [] : [{ key: range.from.slice(), value }], more: false };
  }
  const iterator = database.iterator({
    gte: range.from,
    lt: range.to,
    reverse: range.reverse ?? false,
    limit: range.limit + 1,
    // Without it level's threads are asked anew for every 16 KiB.
    highWaterMarkBytes: MAX_READ_BYTES,
  });
  try {
    const rows: Row[] = [];
    let octets = 0;
    let wanted = FIRST_ROWS;
    for (;;) {
      const some = await iterator.nextv(Math.min(wanted, range.limit + 1 - rows.length));
      if (some.length === 0) return { rows, more: false };
      for (const [key, value] of some) {
        if (rows.length >= range.limit || (rows.length > 0 && octets + value.length > MAX_READ_BYTES)) {
          return { rows, more: true };
        }
        rows.push({ key, value });
        octets += key.length + value.length;
      }
      const room = Math.floor((MAX_READ_BYTES - octets) / (octets / rows.length)) + 1;
      wanted = Math.max(1, Math.min(MAX_ROWS_AT_ONCE, room));
    }
  } finally {
    await iterator.close();
  }
}

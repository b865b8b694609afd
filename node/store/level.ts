import { join } from "node:path";
import { Level } from "level";
import {
  MAX_READ_BYTES,
  STORE_FILE_BYTES,
  STORE_OPEN_FILES,
  STORE_WRITE_BUFFER_BYTES,
} from "../../protocol/index.ts";
import type { Range, Row, StoreOp } from "../../protocol/index.ts";
import type { Page, Store } from "../edges.ts";
import { NodeError } from "../errors.ts";
import { makeFolder } from "./folder.ts";

/** Written into every new store; a store with another number is not opened. */
const FORMAT = "samebits store 1\n";
/** Before every key of the engine, whose keys begin with a letter, and of libp2p, whose keys begin with `!`. */
const FORMAT_KEY = Uint8Array.of(0);
const FIRST_ROWS = 16;
const MAX_ROWS_AT_ONCE = 1_024;

export type Database = Level<Uint8Array, Uint8Array>;

/** A store on disk, and the database under it, in which libp2p keeps its peers under a prefix of its own. */
export interface LevelStore extends Store {
  readonly database: Database;
}

/**
 * Opens or makes the store in `folder`. Throws `store/locked` if another process has it open, `store/format` if it was
 * written by another version, `store/failed` for I/O errors.
 */
export async function openLevel(folder: string): Promise<LevelStore> {
  await makeFolder(folder);
  const path = join(folder, "store");
  const database: Database = new Level<Uint8Array, Uint8Array>(path, {
    keyEncoding: "view",
    valueEncoding: "view",
    writeBufferSize: STORE_WRITE_BUFFER_BYTES,
    maxFileSize: STORE_FILE_BYTES,
    maxOpenFiles: STORE_OPEN_FILES,
  });
  try {
    await database.open();
  } catch (error) {
    throw openError(error, path);
  }
  try {
    await checkFormat(database, path);
  } catch (error) {
    await database.close();
    throw error;
  }
  return storeOn(database);
}

async function checkFormat(database: Database, path: string): Promise<void> {
  const found = await database.get(FORMAT_KEY);
  if (found === undefined) {
    await database.put(FORMAT_KEY, new TextEncoder().encode(FORMAT), { sync: true });
    return;
  }
  if (new TextDecoder().decode(found) !== FORMAT) {
    throw new NodeError(
      "store/format",
      `${path} was written by another version of samebits; use that version, or another --data`,
    );
  }
}

function openError(error: unknown, path: string): NodeError {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && "code" in cause && cause.code === "LEVEL_LOCKED") {
    return new NodeError(
      "store/locked",
      `another samebits node has ${path} open; reach it through its API (--api), or choose another --data`,
      { cause: error },
    );
  }
  const why = cause instanceof Error ? cause.message : String(error);
  return new NodeError(
    "store/failed",
    `cannot open ${path}: ${why}; see to the disk, or choose another --data`,
    { cause: error },
  );
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

/** All or nothing. An array of operations would be copied twice on its way to level. */
async function writeBatch(database: Database, ops: readonly StoreOp[], durable: boolean): Promise<void> {
  const batch = database.batch();
  for (const op of ops) {
    if (op.op === "put") batch.put(op.key, op.value);
    else batch.del(op.key);
  }
  await batch.write({ sync: durable });
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

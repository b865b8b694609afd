import { compareBytes } from "../../protocol/bytes/index.ts";
import type { Range, Row, StoreOp } from "../../protocol/peer/index.ts";
import type { Random } from "./random.ts";

/** About what level reads at once. */
const MAX_READ_BYTES = 1024 * 1024;

/**
 * A disk that is as nasty as allowed: a batch is applied whole or not at all, a durable one makes all earlier ones durable, and of
 * the batches since then a crash keeps the first few, any number of them.
 */
export class SimStore {
  #rows: Row[] = [];
  /** Somebody else keeps these very rows: they are copied before they change. */
  #shared = false;
  /** As of the last durable batch. */
  #durable: Row[] = [];
  /** Batches since then. */
  #pending: (readonly StoreOp[])[] = [];

  /** Octets of all keys and values. */
  get bytes(): number {
    return this.#rows.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
  }

  /** Octets of the rows whose key begins with this letter. */
  bytesOf(kind: string): number {
    const rows = this.#rows.filter(({ key }) => key[0] === kind.charCodeAt(0));
    return rows.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
  }

  get size(): number {
    return this.#rows.length;
  }

  apply(ops: readonly StoreOp[], durable: boolean): void {
    if (this.#shared) this.#rows = [...this.#rows];
    this.#shared = durable;
    applyTo(this.#rows, ops);
    if (durable) {
      this.#durable = this.#rows;
      this.#pending = [];
    } else {
      this.#pending.push(ops);
    }
  }

  has(key: Uint8Array): boolean {
    const row = this.#rows[lowerBound(this.#rows, key)];
    return row !== undefined && compareBytes(row.key, key) === 0;
  }

  read(range: Range): { readonly rows: readonly Row[]; readonly more: boolean } {
    const from = lowerBound(this.#rows, range.from);
    const to = lowerBound(this.#rows, range.to);
    const inside = this.#rows.slice(from, Math.max(from, to));
    if (range.reverse === true) inside.reverse();
    const rows: Row[] = [];
    let bytes = 0;
    for (const row of inside) {
      if (rows.length === range.limit || (rows.length > 0 && bytes + row.value.length > MAX_READ_BYTES))
        break;
      rows.push(row);
      bytes += row.key.length + row.value.length;
    }
    return { rows, more: rows.length < inside.length };
  }

  /** The machine loses power. */
  crash(random: Random): void {
    const kept = this.#pending.slice(0, random.below(this.#pending.length + 1));
    this.#rows = [...this.#durable];
    for (const ops of kept) applyTo(this.#rows, ops);
    this.#durable = this.#rows;
    this.#shared = true;
    this.#pending = [];
  }

  /** A backup: the store as it would be found after a clean stop now. */
  copy(): SimStore {
    const copy = new SimStore();
    copy.#rows = [...this.#rows];
    copy.#durable = copy.#rows;
    copy.#shared = true;
    return copy;
  }
}

function applyTo(rows: Row[], ops: readonly StoreOp[]): void {
  for (const op of ops) {
    const at = lowerBound(rows, op.key);
    const there = rows[at];
    const found = there !== undefined && compareBytes(there.key, op.key) === 0 ? 1 : 0;
    // Copies: an engine that changes octets after it handed them over must not change the disk.
    if (op.op === "put") rows.splice(at, found, { key: op.key.slice(), value: op.value.slice() });
    else rows.splice(at, found);
  }
}

/** Number of rows whose key is below `key`. */
function lowerBound(rows: readonly Row[], key: Uint8Array): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    if (row !== undefined && compareBytes(row.key, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

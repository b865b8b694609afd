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
  readonly #rows: Row[] = [];
  /** Batches since the last durable one, each as what takes it back. */
  #pending: (readonly Undo[])[] = [];

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
    const undo = ops.map((op) => applyTo(this.#rows, op));
    if (durable) this.#pending = [];
    else this.#pending.push(undo);
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

  /** As a system does by itself some seconds after a write that nobody waited for. */
  writeBack(): void {
    this.#pending = [];
  }

  /** The machine loses power. */
  crash(random: Random): void {
    const lost = this.#pending.slice(random.below(this.#pending.length + 1));
    for (const batch of lost.reverse()) for (const undo of batch.toReversed()) takeBack(this.#rows, undo);
    this.#pending = [];
  }

  /** A backup: the store as it would be found after a clean stop now. */
  copy(): SimStore {
    const copy = new SimStore();
    copy.#rows.push(...this.#rows);
    return copy;
  }
}

/** The row that was there before an operation, or that none was. */
interface Undo {
  readonly key: Uint8Array;
  readonly row: Row | null;
}

function applyTo(rows: Row[], op: StoreOp): Undo {
  const at = lowerBound(rows, op.key);
  const there = rows[at];
  const before = there !== undefined && compareBytes(there.key, op.key) === 0 ? there : null;
  const found = before === null ? 0 : 1;
  // Copies: an engine that changes octets after it handed them over must not change the disk.
  const key = op.key.slice();
  if (op.op === "put") rows.splice(at, found, { key, value: op.value.slice() });
  else rows.splice(at, found);
  return { key, row: before };
}

function takeBack(rows: Row[], { key, row }: Undo): void {
  const at = lowerBound(rows, key);
  const there = rows[at];
  const found = there !== undefined && compareBytes(there.key, key) === 0 ? 1 : 0;
  if (row === null) rows.splice(at, found);
  else rows.splice(at, found, row);
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

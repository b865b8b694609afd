import { compareBytes } from "../../../protocol/bytes/index.ts";
import { rowAt } from "../../../protocol/peer/rows.ts";
import type { Range, Row, StoreOp } from "../../../protocol/peer/index.ts";

/** An ordered store in memory that answers at once. */
export class RowStore {
  /** Rows of one page: few, so that every reader has to go on. */
  page = 7;
  #rows: Row[] = [];

  apply(ops: readonly StoreOp[]): void {
    for (const op of ops) {
      const at = this.#find(op.key);
      const there = this.#rows[at] !== undefined && compareBytes(this.#rows[at].key, op.key) === 0;
      if (op.op === "delete") {
        if (there) this.#rows.splice(at, 1);
      } else this.#rows.splice(at, there ? 1 : 0, { key: op.key.slice(), value: op.value.slice() });
    }
  }

  /** Puts many new rows at once. */
  fill(rows: readonly Row[]): void {
    this.#rows = [...this.#rows, ...rows].sort((a, b) => compareBytes(a.key, b.key));
  }

  /** Deletes many rows at once. */
  remove(keys: readonly Uint8Array[]): void {
    const gone = new Set(keys.map(String));
    this.#rows = this.#rows.filter(({ key }) => !gone.has(String(key)));
  }

  read(range: Range): { readonly rows: readonly Row[]; readonly more: boolean } {
    const [from, to] = [this.#find(range.from), this.#find(range.to)];
    const count = Math.max(0, Math.min(range.limit, this.page, to - from));
    const more = count < to - from;
    if (range.reverse === true) return { rows: this.#rows.slice(to - count, to).reverse(), more };
    return { rows: this.#rows.slice(from, from + count), more };
  }

  /** All rows of a range, page by page. */
  whole(range: Range): readonly Row[] {
    const rows: Row[] = [];
    for (let rest = range; ;) {
      const page = this.read(rest);
      rows.push(...page.rows);
      const last = page.rows.at(-1);
      if (!page.more || last === undefined || rows.length >= range.limit) return rows;
      rest = { ...rest, from: rowAt(last.key).to, limit: range.limit - rows.length };
    }
  }

  copy(): RowStore {
    const other = new RowStore();
    other.#rows = [...this.#rows];
    return other;
  }

  count(kind: string): number {
    return this.#rows.filter(({ key }) => key[0] === kind.charCodeAt(0)).length;
  }

  has(key: Uint8Array): boolean {
    const row = this.#rows[this.#find(key)];
    return row !== undefined && compareBytes(row.key, key) === 0;
  }

  /** Octets of keys and values. */
  octets(kind: string): number {
    const rows = this.#rows.filter(({ key }) => key[0] === kind.charCodeAt(0));
    return rows.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
  }

  /** First row whose key is not smaller. */
  #find(key: Uint8Array): number {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const row = this.#rows[middle];
      if (row !== undefined && compareBytes(row.key, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

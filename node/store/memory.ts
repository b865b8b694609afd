import { MAX_READ_BYTES } from "../../protocol/index.ts";
import type { Range, Row, StoreOp } from "../../protocol/index.ts";
import type { Page, Store } from "../edges.ts";
import { NodeError } from "../errors.ts";

/** A store for a peer that lives as long as one command: nothing outlives it. */
export function memoryStore(): Store {
  const rows = new Map<string, Row>();
  /** Keys in order; null after a write, until somebody reads. */
  let order: string[] | null = null;
  let open = true;
  const assertOpen = (): void => {
    if (!open) throw new NodeError("store/closed", "the store is closed");
  };
  return {
    async apply(ops: readonly StoreOp[]): Promise<void> {
      assertOpen();
      for (const op of ops) {
        const name = nameOf(op.key);
        if (op.op === "delete") rows.delete(name);
        else rows.set(name, { key: op.key.slice(), value: op.value.slice() });
      }
      order = null;
    },
    async has(keys: readonly Uint8Array[]): Promise<readonly boolean[]> {
      assertOpen();
      return keys.map((key) => rows.has(nameOf(key)));
    },
    async read(range: Range): Promise<Page> {
      assertOpen();
      order ??= [...rows.keys()].sort();
      return pageOf(rows, order, range);
    },
    async close(): Promise<void> {
      open = false;
      rows.clear();
    },
  };
}

/** One character an octet: JavaScript's order of such strings is the order of the octets. */
function nameOf(key: Uint8Array): string {
  let name = "";
  for (const octet of key) name += String.fromCharCode(octet);
  return name;
}

function pageOf(rows: ReadonlyMap<string, Row>, order: readonly string[], range: Range): Page {
  const first = firstAtLeast(order, nameOf(range.from));
  const end = firstAtLeast(order, nameOf(range.to));
  const reverse = range.reverse ?? false;
  const page: Row[] = [];
  let octets = 0;
  for (let i = 0; i < end - first; i++) {
    const row = rows.get(order[reverse ? end - 1 - i : first + i] ?? "");
    if (row === undefined) continue;
    if (page.length >= range.limit || (page.length > 0 && octets + row.value.length > MAX_READ_BYTES)) {
      return { rows: page, more: true };
    }
    page.push(row);
    octets += row.key.length + row.value.length;
  }
  return { rows: page, more: false };
}

/** Index of the first name that is not below `name`. */
function firstAtLeast(order: readonly string[], name: string): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((order[middle] ?? "") < name) low = middle + 1;
    else high = middle;
  }
  return low;
}

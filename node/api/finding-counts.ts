import {
  acknowledgedKey,
  findingRange,
  MAX_FINDINGS_COUNTED,
  readFinding,
  rowAt,
} from "../../protocol/index.ts";
import type { FindingKind } from "../../protocol/index.ts";
import type { ApiNode } from "./api-node.ts";

/** How many findings of each kind there are, and of how many nobody has taken note. */
export interface FindingCounts {
  readonly found: ReadonlyMap<FindingKind, number>;
  /** Of the newest MAX_FINDINGS_COUNTED. */
  readonly open: ReadonlyMap<FindingKind, number>;
}

interface Counted {
  readonly found: Map<FindingKind, number>;
  /** Kinds of those that were open when they were looked at last, by id, oldest first. */
  readonly open: Map<string, FindingKind>;
  last: number;
  /** The run that is under way: whoever asks meanwhile gets its answer, as two would count the same rows. */
  running: Promise<FindingCounts> | null;
}

/** What counting needs of a node. */
type Counting = Pick<ApiNode, "read" | "traffic">;

/** Of each node what was counted so far: findings never change, so each is read once. */
const counted = new WeakMap<object, Counted>();

/** Reads at most MAX_FINDINGS_COUNTED new rows: of a node that has many the counts come right over some calls. */
export async function findingCounts(node: Counting): Promise<FindingCounts> {
  const known: Counted = counted.get(node.traffic) ?? {
    found: new Map(),
    open: new Map(),
    last: 0,
    running: null,
  };
  counted.set(node.traffic, known);
  known.running ??= countNew(node, known).finally(() => (known.running = null));
  return known.running;
}

async function countNew(node: Counting, known: Counted): Promise<FindingCounts> {
  const { rows } = await node.read(findingRange(known.last, MAX_FINDINGS_COUNTED));
  for (const row of rows) {
    const { kind, id, number } = readFinding(row);
    known.found.set(kind, (known.found.get(kind) ?? 0) + 1);
    known.open.set(id, kind);
    known.last = number;
  }
  const open = new Map<FindingKind, number>();
  let surplus = known.open.size - MAX_FINDINGS_COUNTED;
  for (const [id, kind] of known.open) {
    const isSeen = surplus-- > 0 || (await node.read(rowAt(acknowledgedKey(id)))).rows.length > 0;
    if (isSeen) known.open.delete(id);
    else open.set(kind, (open.get(kind) ?? 0) + 1);
  }
  return { found: known.found, open };
}

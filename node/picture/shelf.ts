/** The picture as it is kept in the store, under keys that are neither the engine's nor libp2p's: what a restarted node shows at once. */
import {
  concat,
  fromHex,
  MAX_FEEDS,
  MAX_GROWTH_FEEDS,
  MAX_PICTURE_BUILDERS,
  MAX_PICTURE_BYTES,
  MAX_PICTURE_PAIRED,
  MAX_PICTURE_POINTS,
  ProtocolError,
  readJson,
  record,
  rowAt,
  rowsUnder,
  toHex,
  u32be,
  utf8,
} from "../../protocol/index.ts";
import type { RecordShape, Shape, StoreOp } from "../../protocol/index.ts";
import type { Store } from "../edges.ts";
import type { Book } from "./book.ts";
import type { Agreements, Counted, Growth, Point } from "./types.ts";

/** All that is kept but the book. */
export interface Kept {
  readonly counted: Counted;
  readonly time: number;
  readonly unchecked: number;
  readonly history: readonly Point[];
  /** By origin. */
  readonly growth: ReadonlyMap<string, readonly Growth[]>;
}

const VIEW = utf8("!picture!view");
const BOOK = utf8("!picture!book");
const BOOKS_AT_ONCE = 16;
const VERSION = 1;
const MAX_PAIRS: number = (MAX_PICTURE_PAIRED * (MAX_PICTURE_PAIRED - 1)) / 2;
const MAX_ORIGIN = 128;
/** Of one point. */
const MAX_NUMBERS = 7;

/** What was kept, and fills the book; null where there is nothing, or another version's. `known`: whose signatures are recognised now. */
export async function readKept(store: Store, book: Book, known: string): Promise<Kept | null> {
  const [row] = (await store.read(rowAt(VIEW))).rows;
  if (row === undefined) return null;
  try {
    const all = record(readJson(row.value, { maxBytes: MAX_PICTURE_BYTES }), "picture");
    if (all.integer("version", 0, VERSION) !== VERSION) return null;
    const kept = readView(all);
    book.loadSigners(fromHex(all.string("signers")));
    await readBook(store, book);
    // Of keys that were not known then it was not looked whether they signed.
    if (all.string("known") !== known) book.forgetNobody();
    return kept;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return null;
  }
}

async function readBook(store: Store, book: Book): Promise<void> {
  let range = rowsUnder(BOOK, BOOKS_AT_ONCE);
  for (;;) {
    const { rows, more } = await store.read(range);
    for (const { value } of rows) book.load(value);
    const last = rows.at(-1);
    if (!more || last === undefined) return;
    range = { ...range, from: rowAt(last.key).to };
  }
}

/** Writes it, in one batch. What a crash takes is counted again. */
export async function keep(
  store: Store,
  kept: Kept,
  book: Book,
  known: string,
  gone: readonly number[],
): Promise<void> {
  const view = { version: VERSION, known, signers: toHex(book.signers()), ...viewOf(kept) };
  const ops: StoreOp[] = [
    ...gone.map((no): StoreOp => ({ op: "delete", key: concat(BOOK, u32be(no)) })),
    ...book.news().map(({ no, octets }): StoreOp => ({
      op: "put",
      key: concat(BOOK, u32be(no)),
      value: octets,
    })),
    { op: "put", key: VIEW, value: utf8(JSON.stringify(view)) },
  ];
  await store.apply(ops, false);
}

function viewOf({ counted, time, unchecked, history, growth }: Kept): object {
  const numbers = new Map(
    [...new Set(counted.pairs.flatMap(({ a, b }) => [a, b]))].map((key, number) => [key, number]),
  );
  return {
    time,
    unchecked,
    targets: counted.targets,
    agreement: counted.agreement,
    by_builders: counted.byBuilders.map(({ builders, targets }) => [builders, targets]),
    builders: counted.builders.map(({ key, targets, same, different, failed }) => {
      return { key, counts: [targets, same, different, failed] };
    }),
    paired: [...numbers.keys()],
    pairs: counted.pairs.map(({ a, b, same, different }) => [
      numbers.get(a),
      numbers.get(b),
      same,
      different,
    ]),
    history: history.map((point) => [point.time, point.targets, ...inOrder(point)]),
    growth: [...growth].map(([origin, points]) => {
      return { origin, points: points.map(({ time: at, size }) => [at, size]) };
    }),
  };
}

function inOrder({ same, majority, split, different, single }: Agreements): readonly number[] {
  return [same, majority, split, different, single];
}

function readView(all: RecordShape): Kept {
  const agreement = all.record("agreement");
  const paired = all.list("paired", MAX_PICTURE_PAIRED).map((key) => key.string());
  return {
    time: all.integer("time", 0, Number.MAX_SAFE_INTEGER),
    unchecked: all.integer("unchecked", 0, Number.MAX_SAFE_INTEGER),
    counted: {
      targets: all.integer("targets", 0, Number.MAX_SAFE_INTEGER),
      agreement: {
        same: count(agreement, "same"),
        majority: count(agreement, "majority"),
        split: count(agreement, "split"),
        different: count(agreement, "different"),
        single: count(agreement, "single"),
      },
      byBuilders: all.list("by_builders", MAX_FEEDS).map((item) => {
        const [builders = 0, targets = 0] = integers(item);
        return { builders, targets };
      }),
      builders: all.list("builders", MAX_PICTURE_BUILDERS).map((item) => {
        const one = item.record();
        const [targets = 0, same = 0, different = 0, failed = 0] = integers(one.member("counts"));
        return { key: one.string("key"), targets, same, different, failed };
      }),
      pairs: all.list("pairs", MAX_PAIRS).map((item) => {
        const [a = 0, b = 0, same = 0, different = 0] = integers(item);
        return { a: paired[a] ?? "", b: paired[b] ?? "", same, different };
      }),
    },
    history: all.list("history", MAX_PICTURE_POINTS).map((item) => {
      const [time = 0, targets = 0, same = 0, majority = 0, split = 0, different = 0, single = 0] =
        integers(item);
      return { time, targets, same, majority, split, different, single };
    }),
    growth: new Map(
      all.list("growth", MAX_GROWTH_FEEDS).map((item) => {
        const one = item.record();
        const points = one.list("points", MAX_PICTURE_POINTS).map((point) => {
          const [time = 0, size = 0] = integers(point);
          return { time, size };
        });
        return [one.string("origin", MAX_ORIGIN), points] as const;
      }),
    ),
  };
}

function count(shape: RecordShape, name: string): number {
  return shape.integer(name, 0, Number.MAX_SAFE_INTEGER);
}

function integers(item: Shape): readonly number[] {
  return item.list(MAX_NUMBERS).map((each) => each.integer(0, Number.MAX_SAFE_INTEGER));
}

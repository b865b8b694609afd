/** The `find` half of the stream `records`: what is kept in slots, page by page. */
import { compareBytes, concat, Cursor, u32be } from "../bytes/index.ts";
import { sha256 } from "../crypto/index.ts";
import { ANSWER_FILL_BYTES, LOOKUP_STEP_ENTRIES, MAX_RANGES_READ } from "../limits.ts";
import { writeRecordsAnswer } from "../wire/index.ts";
import type { RecordsRequest, StoredRecord } from "../wire/index.ts";
import type { Context } from "./context.ts";
import { readEntries } from "./entries.ts";
import { readAll } from "./reads.ts";
import { readRecordRow } from "./record-row.ts";
import type { RecordRow } from "./record-row.ts";
import { placeInSlot, recordAfter, RECORD_PLACE_BYTES, recordRange } from "./rows.ts";
import type { Reply } from "./serve.ts";
import type { Tiles } from "./tiles.ts";
import type { Range, Row } from "./types.ts";

const NOTHING = new Uint8Array(0);
/** Ranges that are read side by side: their rows are in memory at once, up to 64 of 17 KB each. */
const RANGES_AT_ONCE = 4;

type FindRequest = Extract<RecordsRequest, { kind: "find" }>;

/** How far a question was looked at: all ranges before this one, and of this one the rows up to `after` (a place in its slot, or empty). */
interface Place {
  readonly range: number;
  readonly after: Uint8Array;
}

/** A question as ranges of rows: for each slot one for each signer, or one for all. */
interface Ranges {
  readonly count: number;
  readonly slotOf: (range: number) => Uint8Array;
  readonly at: (place: Place) => Range;
}

/** A row that has not expired, the slot that it stands in, and what was looked at before it. */
interface Kept {
  readonly slot: Uint8Array;
  readonly row: RecordRow;
  readonly before: Place;
}

/** An answer on its way. */
interface Page {
  readonly records: StoredRecord[];
  octets: number;
  rangesLeft: number;
}

export class RecordFinder {
  readonly #ctx: Context;
  readonly #tiles: Tiles;

  constructor(ctx: Context, tiles: Tiles) {
    this.#ctx = ctx;
    this.#tiles = tiles;
  }

  find(request: FindRequest, reply: Reply): void {
    const page: Page = { records: [], octets: 0, rangesLeft: MAX_RANGES_READ };
    this.#step(rangesOf(request), readMark(request.page), page, reply);
  }

  /** Some ranges after the other, until all were read, or the answer is full, or enough was read for one page. */
  #step(ranges: Ranges, place: Place, page: Page, reply: Reply): void {
    if (place.range >= ranges.count || page.rangesLeft === 0) {
      send(page, place.range >= ranges.count ? NOTHING : writeMark(place), reply);
      return;
    }
    const count = Math.min(RANGES_AT_ONCE, ranges.count - place.range, page.rangesLeft);
    const places = Array.from({ length: count }, (_, i) =>
      i === 0 ? place : { range: place.range + i, after: NOTHING },
    );
    readAll(
      this.#ctx.turn,
      places.map(ranges.at),
      (rows) => {
        const whole = rows.findIndex((some) => some.length >= LOOKUP_STEP_ENTRIES);
        const read = whole === -1 ? count : whole + 1;
        const kept = rows.slice(0, read).flatMap((some, i) => this.#keptIn(ranges, places[i] ?? place, some));
        const last = rows[read - 1]?.at(-1);
        const next: Place =
          whole === -1 || last === undefined
            ? { range: place.range + count, after: NOTHING }
            : { range: place.range + whole, after: placeInSlot(last.key) };
        page.rangesLeft -= read;
        this.#fill(kept, page, reply, () => this.#step(ranges, next, page, reply));
      },
      (code) => reply.refuse(code),
    );
  }

  #keptIn(ranges: Ranges, place: Place, rows: readonly Row[]): Kept[] {
    const now = this.#ctx.turn.now / 1_000;
    let { after } = place;
    return rows.flatMap(({ key, value }): Kept[] => {
      const before = { range: place.range, after };
      after = placeInSlot(key);
      const row = readRecordRow(value);
      return row === null || row.expires <= now ? [] : [{ slot: ranges.slotOf(place.range), row, before }];
    });
  }

  /** Takes record after record, and goes on if the answer has room for all of them. */
  #fill(kept: readonly Kept[], page: Page, reply: Reply, goOn: () => void): void {
    this.#whole(
      kept,
      (whole) => {
        for (const [i, record] of whole.entries()) {
          if (record === null) continue;
          const size = sizeOf(record);
          const before = kept[i]?.before;
          if (before !== undefined && page.records.length > 0 && page.octets + size > ANSWER_FILL_BYTES) {
            send(page, writeMark(before), reply);
            return;
          }
          page.records.push(record);
          page.octets += size;
        }
        goOn();
      },
      reply,
    );
  }

  /** Makes whole records of those that only point into a feed; null where the feed is gone. */
  #whole(
    part: readonly Kept[],
    done: (records: readonly (StoredRecord | null)[]) => void,
    reply: Reply,
  ): void {
    const records = part.map(({ row: { body } }) => ("record" in body ? body.record : null));
    let left = part.filter((_, i) => records[i] === null).length;
    if (left === 0) done(records);
    for (const [i, one] of part.entries()) {
      if (records[i] !== null) continue;
      this.#fromFeed(
        one,
        (record) => {
          records[i] = record;
          if (--left === 0) done(records);
        },
        reply,
      );
    }
  }

  #fromFeed({ slot, row }: Kept, done: (record: StoredRecord | null) => void, reply: Reply): void {
    const failed = (code: string): void => reply.refuse(code);
    const held = "held" in row.body ? row.body.held : null;
    const feed = held === null ? null : this.#ctx.feeds.byNo(held.no);
    const proven = feed?.proven ?? null;
    if (held === null || feed === null || proven === null || held.index >= proven.size) {
      done(null);
      return;
    }
    const { index } = held;
    const head = feed.timed?.size === proven.size ? feed.timed : proven;
    readEntries(
      this.#ctx.turn,
      [{ no: feed.no, index }],
      ([envelope = null]) => {
        if (envelope === null) {
          done(null);
          return;
        }
        const { signer } = row;
        this.#tiles.inclusion(
          feed,
          [index],
          head.size,
          ([path = []]) =>
            done({ slot, envelope, signer, origin: feed.origin, index, path, checkpoint: head.note }),
          failed,
        );
      },
      failed,
    );
  }
}

function rangesOf({ slots, builders }: FindRequest): Ranges {
  const signers = builders.length === 0 ? [null] : builders.map((signer) => sha256(signer));
  const slotOf = (range: number): Uint8Array => slots[Math.floor(range / signers.length)] ?? NOTHING;
  return {
    count: slots.length * signers.length,
    slotOf,
    at: ({ range, after }) => {
      const slot = slotOf(range);
      const all = recordRange(slot, signers[range % signers.length] ?? null, LOOKUP_STEP_ENTRIES);
      const from = after.length === 0 ? all.from : recordAfter(slot, after);
      return compareBytes(from, all.from) < 0 ? all : { ...all, from };
    },
  };
}

function writeMark({ range, after }: Place): Uint8Array {
  return concat(u32be(range), after);
}

/** Reads the mark of a page; one that names no place is the asker's fault. */
function readMark(page: Uint8Array): Place {
  if (page.length === 0) return { range: 0, after: NOTHING };
  const cursor = new Cursor(page);
  const range = cursor.u32();
  const after = cursor.left === 0 ? NOTHING : cursor.take(RECORD_PLACE_BYTES);
  cursor.done();
  return { range, after };
}

function send({ records }: Page, next: Uint8Array, reply: Reply): void {
  reply.send(writeRecordsAnswer({ stored: [], records, next, code: "" }));
}

function sizeOf(record: StoredRecord): number {
  return (
    record.envelope.length + record.signer.length + record.checkpoint.length + 34 * record.path.length + 256
  );
}

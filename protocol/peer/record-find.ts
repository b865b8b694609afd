/** The `find` half of the stream `records`: what is kept in slots, page by page. */
import { Cursor, u32be } from "../bytes/index.ts";
import { sha256 } from "../crypto/index.ts";
import {
  ANSWER_FILL_BYTES,
  LOOKUP_STEP_ENTRIES,
  MAX_SLOT_CLAIMS,
  MAX_SLOT_RETRACTIONS,
  MAX_SLOT_ROWS,
} from "../limits.ts";
import { writeRecordsAnswer } from "../wire/index.ts";
import type { RecordsRequest, StoredRecord } from "../wire/index.ts";
import type { Context } from "./context.ts";
import { readAll } from "./reads.ts";
import { readRecordRow } from "./record-row.ts";
import type { RecordRow } from "./record-row.ts";
import { entryKey, recordRange, rowAt, slotOfRecord } from "./rows.ts";
import type { Reply } from "./serve.ts";
import type { Tiles } from "./tiles.ts";

const NOTHING = new Uint8Array(0);

/** A row, and the slot that it stands in. */
interface Kept {
  readonly slot: Uint8Array;
  readonly row: RecordRow;
}

export class RecordFinder {
  readonly #ctx: Context;
  readonly #tiles: Tiles;

  constructor(ctx: Context, tiles: Tiles) {
    this.#ctx = ctx;
    this.#tiles = tiles;
  }

  find(request: Extract<RecordsRequest, { kind: "find" }>, reply: Reply): void {
    const { slots, builders, page } = request;
    const from = page.length === 0 ? 0 : new Cursor(page).u32();
    const now = this.#ctx.turn.now / 1_000;
    const ofSigner = MAX_SLOT_CLAIMS + MAX_SLOT_CLAIMS + MAX_SLOT_RETRACTIONS;
    const ranges = slots.flatMap((slot) =>
      builders.length === 0
        ? [recordRange(slot, null, MAX_SLOT_ROWS)]
        : builders.map((signer) => recordRange(slot, sha256(signer), ofSigner)),
    );
    readAll(
      this.#ctx.turn,
      ranges.slice(0, MAX_SLOT_ROWS),
      (rows) => {
        const kept = rows.flat().flatMap(({ key, value }): Kept[] => {
          const row = readRecordRow(value);
          return row === null || row.expires <= now ? [] : [{ slot: slotOfRecord(key), row }];
        });
        this.#fill(kept, from, [], 0, reply);
      },
      (code) => reply.refuse(code),
    );
  }

  /** Takes record after record until the answer is full. */
  #fill(kept: readonly Kept[], from: number, records: StoredRecord[], octets: number, reply: Reply): void {
    const part = kept.slice(from, from + LOOKUP_STEP_ENTRIES);
    const send = (next: Uint8Array): void =>
      reply.send(writeRecordsAnswer({ stored: [], records, next, code: "" }));
    if (part.length === 0) {
      send(NOTHING);
      return;
    }
    this.#whole(
      part,
      (whole) => {
        let sum = octets;
        for (const [i, record] of whole.entries()) {
          if (record === null) continue;
          sum += sizeOf(record);
          if (sum > ANSWER_FILL_BYTES && records.length > 0) {
            send(u32be(from + i));
            return;
          }
          records.push(record);
        }
        this.#fill(kept, from + part.length, records, sum, reply);
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
    readAll(
      this.#ctx.turn,
      [rowAt(entryKey(feed.no, index))],
      ([rows]) => {
        const envelope = rows?.[0]?.value;
        if (envelope === undefined) {
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

function sizeOf(record: StoredRecord): number {
  return (
    record.envelope.length + record.signer.length + record.checkpoint.length + 34 * record.path.length + 256
  );
}

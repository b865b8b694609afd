/** The stream `records`: attestations kept for the DHT, each slot a set (RULES R25, R26). */
import { EVICT_STEP_ROWS, RECORDS_SWEEP_MS } from "../limits.ts";
import { readRecordsRequest, writeRecordsAnswer } from "../wire/index.ts";
import type { StoredRecord } from "../wire/index.ts";
import type { Checker } from "./checker.ts";
import type { Context } from "./context.ts";
import type { KnownKeys } from "./keys.ts";
import { RecordAdmission } from "./record-admission.ts";
import { RecordFinder } from "./record-find.ts";
import { RecordShelf } from "./record-shelf.ts";
import { recordRemoval } from "./record-row.ts";
import { expiredRange } from "./rows.ts";
import type { Reply } from "./serve.ts";
import type { Tiles } from "./tiles.ts";

const NOTHING = new Uint8Array(0);

export class Records {
  readonly #ctx: Context;
  readonly #admission: RecordAdmission;
  readonly #finder: RecordFinder;
  readonly #shelf: RecordShelf;
  #counted = false;
  #nextSweep = 0;

  constructor(ctx: Context, keys: KnownKeys, checker: Checker, tiles: Tiles) {
    this.#ctx = ctx;
    this.#admission = new RecordAdmission(ctx, checker);
    this.#finder = new RecordFinder(ctx, tiles);
    this.#shelf = new RecordShelf(ctx, keys);
  }

  /** Records kept. */
  get count(): number {
    return this.#shelf.count;
  }

  serve(bytes: Uint8Array, reply: Reply): void {
    const request = readRecordsRequest(bytes);
    if (request.kind === "find") this.#finder.find(request, reply);
    else if (this.#ctx.peers.of(reply.from).records.take(request.records.length, this.#ctx.turn.steady)) {
      this.#store(request.records, reply);
    } else reply.refuse("peer/over-budget");
  }

  /** Deletes what has expired, step by step. */
  tick(): void {
    const { turn } = this.#ctx;
    if (this.#ctx.config.light || turn.steady < this.#nextSweep) return;
    this.#nextSweep = turn.steady + RECORDS_SWEEP_MS;
    if (!this.#counted) this.#shelf.countAll();
    this.#counted = true;
    turn.read(
      expiredRange(Math.floor(turn.now / 1_000), EVICT_STEP_ROWS),
      (rows) => {
        const ops = rows.flatMap(({ key }) => recordRemoval(key));
        const change = { come: [], gone: rows.map(({ key }) => key) };
        if (ops.length > 0) this.#shelf.write(ops, change, () => undefined);
        if (rows.length === EVICT_STEP_ROWS) this.#nextSweep = turn.steady;
      },
      () => this.#ctx.counters.add("read-failed"),
    );
  }

  #store(records: readonly StoredRecord[], reply: Reply): void {
    this.#admission.admit(
      records,
      (admitted) =>
        this.#shelf.keepAll(admitted, (stored) =>
          reply.send(writeRecordsAnswer({ stored, records: [], next: NOTHING, code: "" })),
        ),
      (code) => reply.refuse(code),
    );
  }
}

/**
 * Stores the own feed's attestations in the DHT, and again before they expire (RULES R25, R26): in the order of the key space, one
 * look-up a region, many records a question. What nobody has yet goes first; storing again is spread over REPUBLISH_SECONDS, each place
 * of the key space having its time in it. All of it survives a restart.
 */
import { compareBytes } from "../bytes/index.ts";
import type { SignedHead } from "../feed/index.ts";
import {
  SWEEP_BATCH_RECORDS,
  SWEEP_DELAY_MS,
  SWEEP_LOOK_MS,
  SWEEP_PLAN_ENTRIES,
  SWEEP_PLAN_MS,
  SWEEP_RECORDS_PER_SECOND,
  SWEEP_RETRY_MAX_MS,
  SWEEP_RETRY_MS,
  SWEEP_SOON_ENTRIES,
} from "../limits.ts";
import type { Checker } from "./checker.ts";
import type { Context } from "./context.ts";
import type { FeedState } from "./feed-state.ts";
import type { OwnFeed } from "./own-feed.ts";
import { readOne, readWhole } from "./reads.ts";
import { placeOfSlot, sharesBits } from "./region.ts";
import { Surroundings } from "./surroundings.ts";
import type { Region } from "./surroundings.ts";
import { dueAt, goOnFrom, secondsBehind } from "./sweep-round.ts";
import { SweepHand } from "./sweep-hand.ts";
import type { PlacedRecord, SlottedEntry } from "./sweep-hand.ts";
import {
  markBehind,
  putProgress,
  putRow,
  settle,
  readProgress,
  SWEEP_JOB,
  SWEEP_START,
  sweepRange,
  sweepRowOf,
} from "./sweep-rows.ts";
import type { SweepProgress, SweepRow, SweepState } from "./sweep-rows.ts";
import type { Tiles } from "./tiles.ts";
import type { SweepView } from "./sweep-view.ts";
import type { StoreOp } from "./types.ts";

/** The feed with the head under which records are proven. */
interface Source {
  readonly feed: FeedState;
  readonly head: SignedHead;
}

export class Sweep {
  readonly #ctx: Context;
  readonly #own: OwnFeed;
  readonly #hand: SweepHand;
  readonly #surroundings: Surroundings;
  /** Null until it was read. */
  #progress: SweepProgress | null = null;
  #busy = false;
  /** After a failure, and for the sake of the rate. */
  #notBefore = 0;
  #paceAt = 0;
  #planAt = 0;
  /** When the first of the entries was published that no step has taken up; null for none that wait. */
  #waitingSince: number | null = null;
  /** Where the pass through the fresh rows stands, whether others came meanwhile, and when it goes on. */
  #fresh = SWEEP_START;
  #freshCame = false;
  #freshAt = 0;
  #freshWait = SWEEP_RETRY_MS;
  /** When to look what is to be stored again. */
  #againAt = 0;

  constructor(ctx: Context, own: OwnFeed, tiles: Tiles, checker: Checker) {
    this.#ctx = ctx;
    this.#own = own;
    this.#hand = new SweepHand(ctx, tiles, checker);
    this.#surroundings = new Surroundings(ctx);
  }

  get view(): SweepView {
    const { fresh, stored, round, mark } = this.#now();
    const behind = stored === 0 ? 0 : secondsBehind({ round, mark }, this.#ctx.turn.now);
    return { wanted: fresh + stored, stored, behind };
  }

  /** More is there to be stored: a little later, so that what is published one by one goes in one question. */
  published(): void {
    this.#waitingSince ??= this.#ctx.turn.steady;
    this.tick();
  }

  /** Somebody came who may take records. */
  joined(): void {
    const soon = this.#ctx.turn.steady + SWEEP_RETRY_MS / 10;
    this.#notBefore = Math.min(this.#notBefore, soon);
    this.#freshAt = Math.min(this.#freshAt, soon);
    this.#freshWait = SWEEP_RETRY_MS;
    this.#surroundings.joined();
  }

  /** Goes on where there is anything to store and anybody to store it. */
  tick(): void {
    const source = this.#source();
    const { turn, peers } = this.#ctx;
    if (this.#busy || source === null || peers.count === 0) return;
    if (this.#progress === null) {
      this.#load();
      return;
    }
    const missing = source.head.size - this.#progress.planned;
    const isRipe = missing >= SWEEP_SOON_ENTRIES || turn.steady >= (this.#waitingSince ?? 0) + SWEEP_DELAY_MS;
    if (missing > 0 && isRipe && turn.steady >= this.#planAt) this.#plan(source, this.#progress);
    else if (turn.steady < Math.max(this.#notBefore, this.#paceAt)) return;
    else if (this.#progress.fresh > 0 && turn.steady >= this.#freshAt) this.#storeFresh(source);
    else if (turn.steady >= this.#againAt) this.#storeAgain(source, this.#progress);
  }

  #source(): Source | null {
    const { feed, state } = this.#own;
    const proven = feed?.proven ?? null;
    if (feed === null || proven === null || state !== "open") return null;
    // The head with a time line is the newer one: it lets the records live longer.
    return { feed, head: feed.timed?.size === proven.size ? feed.timed : proven };
  }

  #load(): void {
    this.#busy = true;
    readOne(
      this.#ctx.turn,
      SWEEP_JOB,
      (value) => {
        this.#busy = false;
        this.#progress = (value && readProgress(value)) ?? this.#now();
        this.tick();
      },
      () => this.#retry(),
    );
  }

  /** Gives entries their rows. */
  #plan({ feed, head }: Source, progress: SweepProgress): void {
    this.#busy = true;
    this.#waitingSince = null;
    this.#planAt = this.#ctx.turn.steady + SWEEP_PLAN_MS;
    const to = Math.min(head.size, progress.planned + SWEEP_PLAN_ENTRIES);
    const indexes = Array.from({ length: to - progress.planned }, (_, i) => progress.planned + i);
    const planned = (entries: readonly SlottedEntry[]): void => {
      const rows = entries.flatMap(({ index, slots }) =>
        slots.map((slot) => putRow("fresh", { place: placeOfSlot(slot), index })),
      );
      this.#freshCame = true;
      this.#freshAt = Math.min(this.#freshAt, this.#ctx.turn.steady);
      this.#save(rows, { ...progress, planned: to, fresh: progress.fresh + rows.length });
    };
    this.#hand.slotted(feed, indexes, planned, () => this.#retry());
  }

  /** The next batch of what nobody has yet. */
  #storeFresh(source: Source): void {
    const { turn } = this.#ctx;
    if (compareBytes(this.#fresh, SWEEP_START) === 0) this.#freshCame = false;
    const ended = (): void => {
      this.#fresh = SWEEP_START;
      if (this.#freshCame) return;
      this.#freshAt = turn.steady + this.#freshWait;
      this.#freshWait = Math.min(SWEEP_RETRY_MAX_MS, 2 * this.#freshWait);
    };
    this.#batch(source, "fresh", this.#fresh, null, (last) => {
      if (last === null) ended();
      else this.#fresh = markBehind(last);
      return {};
    });
  }

  /** The next batch of what is to be stored again, if its time has come. */
  #storeAgain(source: Source, progress: SweepProgress): void {
    const due = dueAt(this.#ctx.turn.now);
    const from = goOnFrom(progress, due);
    if (from === null) return;
    const isPast = from.round < due.round;
    this.#batch(source, "stored", from.mark, isPast ? null : due.mark, (last) => {
      if (last !== null) return { round: from.round, mark: markBehind(last) };
      if (!isPast) this.#againAt = this.#ctx.turn.steady + SWEEP_LOOK_MS;
      return isPast ? { round: from.round + 1, mark: SWEEP_START } : due;
    });
  }

  /**
   * Takes the rows of one state behind a mark, as many as lie in the region of the first one, which must lie before `end`; `moved` is
   * told the last of them, or null where there was none, and says what that makes of the progress.
   */
  #batch(
    source: Source,
    state: SweepState,
    mark: Uint8Array,
    end: Uint8Array | null,
    moved: (last: SweepRow | null) => Partial<SweepProgress>,
  ): void {
    this.#busy = true;
    const failed = (): void => this.#retry();
    readWhole(
      this.#ctx.turn,
      sweepRange(state, mark, SWEEP_BATCH_RECORDS),
      (found) => {
        const rows = found.map(({ key }) => sweepRowOf(key));
        const [first] = rows;
        if (first === undefined || (end !== null && compareBytes(first.place, end) >= 0)) {
          // Not written: nothing is lost if it is found out again.
          this.#progress = { ...this.#now(), ...moved(null) };
          this.#busy = false;
          this.tick();
          return;
        }
        const { feed, head } = source;
        this.#hand.records(feed, head, rows, (records) => this.#placed(state, rows, records, moved), failed);
      },
      failed,
    );
  }

  #placed(
    state: SweepState,
    rows: readonly SweepRow[],
    records: readonly PlacedRecord[],
    moved: (last: SweepRow | null) => Partial<SweepProgress>,
  ): void {
    const slot = records[0]?.record.slot;
    if (slot === undefined) {
      this.#finish(state, rows, [], new Set(), moved);
      return;
    }
    const failed = (): void => this.#retry();
    const found = (region: Region): void => {
      if (region.peers.length === 0) {
        failed();
        return;
      }
      const inside = records.filter(({ row }) => sharesBits(row.place, region.place, region.bits));
      const last = inside.at(-1)?.row ?? null;
      const upTo =
        records.length === inside.length || last === null ? rows : rows.slice(0, rows.indexOf(last) + 1);
      this.#hand.hand(inside, region.peers, (kept, silent) => {
        region.peers = region.peers.filter(({ peer }) => !silent.has(peer));
        this.#finish(state, upTo, inside, kept, moved);
      });
    };
    this.#surroundings.of(slot, found, failed);
  }

  /** What was kept stands in the DHT; what nobody kept is fresh (again); what makes no record any more goes. */
  #finish(
    state: SweepState,
    rows: readonly SweepRow[],
    records: readonly PlacedRecord[],
    kept: ReadonlySet<SweepRow>,
    moved: (last: SweepRow | null) => Partial<SweepProgress>,
  ): void {
    const progress = this.#now();
    const made = new Set(records.map(({ row }) => row));
    const { ops, fresh, stored } = settle(state, rows, made, kept);
    if (kept.size > 0) this.#freshWait = SWEEP_RETRY_MS;
    this.#paceAt = this.#ctx.turn.steady + (1_000 * records.length) / SWEEP_RECORDS_PER_SECOND;
    this.#save(ops, {
      ...progress,
      fresh: progress.fresh + fresh,
      stored: progress.stored + stored,
      ...moved(rows.at(-1) ?? null),
    });
  }

  /** The rows may be lost with the progress: one write has both. */
  #save(ops: readonly StoreOp[], progress: SweepProgress): void {
    this.#ctx.turn.store(
      [...ops, putProgress(progress)],
      false,
      () => {
        this.#progress = progress;
        this.#busy = false;
        this.tick();
      },
      () => {
        this.#ctx.counters.add("store-failed");
        this.#retry();
      },
    );
  }

  #now(): SweepProgress {
    return this.#progress ?? { planned: 0, fresh: 0, stored: 0, ...dueAt(this.#ctx.turn.now) };
  }

  #retry(): void {
    this.#busy = false;
    this.#notBefore = this.#ctx.turn.steady + SWEEP_RETRY_MS;
  }
}

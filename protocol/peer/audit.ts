/**
 * The background audit (DESIGN 4.3, RULES R9): what came in under a head is looked through afterwards, at a bounded rate, for entries that
 * a feed gives out as its own and never signed. One is enough: it is told of with evidence against the feed, and the rest is left.
 */
import { ownSignature } from "../attestation/index.ts";
import type { Attestation } from "../attestation/index.ts";
import { octetsIn } from "../bytes/index.ts";
import { isGivenOutAsOwn } from "../evidence/index.ts";
import { ProtocolError } from "../errors.ts";
import {
  AUDIT_BURST_ENTRIES,
  AUDIT_ENTRIES_PER_SECOND,
  AUDIT_ENTRY_BYTES,
  AUDIT_STEP_ENTRIES,
} from "../limits.ts";
import type { Accuser } from "./accuse.ts";
import { auditKey, auditRange, readAudited, writeAudited } from "./audit-row.ts";
import type { AuditView } from "./audit-view.ts";
import type { Context } from "./context.ts";
import { entriesIn, entryRange } from "./entry-rows.ts";
import type { FeedState } from "./feed-state.ts";
import { parsedEntry } from "./leaves.ts";
import { readWhole } from "./reads.ts";
import type { Row } from "./types.ts";
import type { SignatureItem } from "./signature-item.ts";

/** An entry that is given out as its feed's own, and what shows whether it is. */
interface Suspect {
  readonly index: number;
  readonly attestation: Attestation;
  readonly item: SignatureItem;
}

export class Audit {
  readonly #ctx: Context;
  readonly #accuser: Accuser;
  /** Entries that may be looked at now, saved up since `#at`; it begins with none, as a start has other things to do. */
  #saved = 0;
  #at: number | null = null;
  #busy = false;
  /** Feeds that could not be read or written on in this wave, and that was looked at last, by number. */
  readonly #resting = new Set<number>();
  #last = 0;

  constructor(ctx: Context, accuser: Accuser) {
    this.#ctx = ctx;
    this.#accuser = accuser;
  }

  /** Reads how far it was; once, at start, after the feeds. */
  load(done: () => void, failed: (code: string) => void): void {
    readWhole(
      this.#ctx.turn,
      auditRange(),
      (rows) => {
        for (const row of rows) this.#take(row);
        done();
      },
      failed,
    );
  }

  /**
   * Begins a wave when what is saved up does for all that is left, or is all that may be saved: of a long feed many entries are then looked
   * at one after the other, for which it pays to start a worker.
   */
  tick(): void {
    const { steady } = this.#ctx.turn;
    const gone = steady - (this.#at ?? steady);
    this.#at = steady;
    this.#saved = Math.min(AUDIT_BURST_ENTRIES, this.#saved + (gone * AUDIT_ENTRIES_PER_SECOND) / 1_000);
    const { left } = this.view();
    if (this.#busy || left === 0 || this.#saved < Math.min(left, AUDIT_BURST_ENTRIES)) return;
    this.#resting.clear();
    this.#step();
  }

  view(): AuditView {
    let [audited, left] = [0, 0];
    for (const feed of this.#ctx.feeds.all()) {
      if (!isAudited(feed)) continue;
      audited += feed.audited;
      left += leftOf(feed);
    }
    return { audited, left, seconds: Math.ceil(left / AUDIT_ENTRIES_PER_SECOND) };
  }

  #take(row: Row): void {
    try {
      const { no, audited, accused } = readAudited(row);
      const feed = this.#ctx.feeds.byNo(no);
      if (feed === null) return;
      // A crash may have taken entries that were looked at.
      feed.audited = Math.min(audited, feed.held);
      feed.accused = accused;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#ctx.counters.add("bad-row");
    }
  }

  /** One look at one feed, while there is something saved. */
  #step(): void {
    const feed = this.#saved >= 1 ? this.#next() : null;
    this.#busy = feed !== null;
    if (feed === null) return;
    this.#last = feed.no;
    const from = feed.audited;
    const count = Math.min(leftOf(feed), AUDIT_STEP_ENTRIES, Math.floor(this.#saved));
    this.#ctx.turn.read(
      entryRange(feed.no, from, from + count),
      (rows) => this.#look(feed, from, entriesIn(rows, from, from + count)),
      () => this.#rest(feed),
    );
  }

  /** In turn: the waiting feed with the next number. */
  #next(): FeedState | null {
    let [first, next]: (FeedState | null)[] = [null, null];
    for (const feed of this.#ctx.feeds.all()) {
      if (!isAudited(feed) || leftOf(feed) === 0 || this.#resting.has(feed.no)) continue;
      if (feed.no < (first?.no ?? Infinity)) first = feed;
      if (feed.no > this.#last && feed.no < (next?.no ?? Infinity)) next = feed;
    }
    return next ?? first ?? null;
  }

  #look(feed: FeedState, from: number, entries: readonly Uint8Array[]): void {
    // Large entries cost as many small ones.
    this.#saved -= Math.max(entries.length, Math.ceil(octetsIn(entries) / AUDIT_ENTRY_BYTES));
    if (feed.gone || entries.length === 0) {
      this.#rest(feed);
      return;
    }
    const suspects = entries.flatMap((entry, i) => this.#suspect(feed, from + i, entry));
    const checked = (good: readonly boolean[]): void => {
      const bad = suspects.find((_, i) => good[i] !== true);
      if (bad === undefined) this.#move(feed, from + entries.length);
      else this.#found(feed, bad);
    };
    if (suspects.length === 0) checked([]);
    else
      this.#ctx.turn.check(
        suspects.map(({ item }) => item),
        checked,
        () => this.#rest(feed),
      );
  }

  #suspect(feed: FeedState, index: number, entry: Uint8Array): Suspect[] {
    const attestation = parsedEntry(this.#ctx, feed.no, index, entry);
    if (attestation === null || !isGivenOutAsOwn(attestation, feed.publicKey)) return [];
    const item = ownSignature(attestation, feed.publicKey);
    return item === null ? [] : [{ index, attestation, item }];
  }

  #move(feed: FeedState, to: number): void {
    this.#save(feed, { audited: to, accused: false });
    this.#step();
  }

  /** Stands before the bad entry until the finding is in the store: a crash or a failure in between makes it look again. */
  #found(feed: FeedState, { index, attestation }: Suspect): void {
    feed.audited = index;
    this.#accuser.accuse(feed, index, attestation, () => this.#save(feed, { audited: index, accused: true }));
    this.#rest(feed);
  }

  #save(feed: FeedState, how: Pick<FeedState, "audited" | "accused">): void {
    if (feed.gone) return;
    const { turn, counters } = this.#ctx;
    feed.audited = how.audited;
    feed.accused = how.accused;
    turn.store(
      [{ op: "put", key: auditKey(feed.no), value: writeAudited(how) }],
      false,
      () => undefined,
      // What is looked at twice after a restart does no harm.
      () => counters.add("store-failed"),
    );
  }

  /** Others go on; of this feed nothing is passed over. */
  #rest(feed: FeedState): void {
    this.#resting.add(feed.no);
    this.#step();
  }
}

/** Own entries were checked before they were published; of others' feeds those whose claims are read here. */
function isAudited(feed: FeedState): boolean {
  return feed.wanted && feed.class !== "own";
}

function leftOf(feed: FeedState): number {
  return feed.accused ? 0 : Math.max(0, (feed.proven?.size ?? 0) - feed.audited);
}

/** Gives room back: feeds that nobody follows go, by lot (RULES R11). The rows go in steps, and the job survives a restart. */
import type { Target } from "../attestation/index.ts";
import { Cursor, concat, toHex, u32be, utf8 } from "../bytes/index.ts";
import { EVICT_STEP_ROWS, MAX_TARGET_CLAIMS, PACK_ENTRIES } from "../limits.ts";
import { auditKey } from "./audit-row.ts";
import type { Context } from "./context.ts";
import { cosignatureKey } from "./cosignature-row.ts";
import { firstEntries, runOf } from "./entry-rows.ts";
import type { FeedState } from "./feed-state.ts";
import { forkProofRemoval } from "./fork-proof.ts";
import { indexRows } from "./index-rows.ts";
import type { KnownKeys } from "./keys.ts";
import { nameRow } from "./name-row.ts";
import { forgetPast } from "./past.ts";
import { readable } from "./readable.ts";
import { readAll, readWhole } from "./reads.ts";
import { feedKey, hashesOf, jobKey, rowsUnder, targetRange } from "./rows.ts";
import type { Row, StoreOp } from "./types.ts";

const JOB = utf8("gone");

export class Evictor {
  readonly #ctx: Context;
  readonly #keys: KnownKeys;
  /** Numbers of feeds whose rows are still to be deleted. */
  readonly #gone: number[] = [];
  #busy = false;

  constructor(ctx: Context, keys: KnownKeys) {
    this.#keys = keys;
    this.#ctx = ctx;
  }

  /** What was being deleted when the store was closed; its numbers are not given out again. */
  load(done: () => void, failed: (code: string) => void): void {
    readWhole(
      this.#ctx.turn,
      rowsUnder(jobKey(JOB)),
      (rows) => {
        for (const { value } of rows) {
          const no = new Cursor(value).u32();
          this.#gone.push(no);
          this.#ctx.feeds.reserve(no);
        }
        done();
      },
      failed,
    );
  }

  /** Forgets a feed at once; its rows go little by little. */
  evict(feed: FeedState): void {
    const { turn, feeds, counters } = this.#ctx;
    feeds.remove(feed);
    feed.gone = true;
    forgetPast(this.#ctx, feed);
    counters.add("feed-evicted");
    const stored = (): void => {
      this.#gone.push(feed.no);
      this.work();
    };
    const cosigned = feed.cosigned.map(({ witness }): StoreOp => ({
      op: "delete",
      key: cosignatureKey(feed.no, witness.raw),
    }));
    const proof = feed.forked ? forkProofRemoval(feed) : [];
    turn.store([...feedRemoval(feed.no), ...cosigned, ...proof], false, stored, () =>
      counters.add("store-failed"),
    );
  }

  /** All feeds that nobody follows go. */
  prune(): void {
    for (const feed of this.#ctx.feeds.all()) if (!feed.isFollowed) this.evict(feed);
  }

  /** One step of the deletion. */
  work(): void {
    const [no] = this.#gone;
    if (this.#busy || no === undefined) return;
    this.#busy = true;
    const { turn, counters } = this.#ctx;
    const failed = (): void => {
      this.#busy = false;
      counters.add("evict-failed");
    };
    turn.read(
      firstEntries(no, EVICT_STEP_ROWS / PACK_ENTRIES),
      (entries) => {
        if (entries.length > 0) this.#deleteEntries(no, entries, failed);
        else {
          turn.read(
            hashesOf(no, EVICT_STEP_ROWS),
            (hashes) => {
              if (hashes.length === 0) this.#gone.shift();
              this.#delete(hashes.length > 0 ? hashes.map(({ key }) => key) : [jobOf(no)], failed);
            },
            failed,
          );
        }
      },
      failed,
    );
  }

  /** Entries go with the rows that made them findable; a name goes where nobody else claims the target. */
  #deleteEntries(no: number, entries: readonly Row[], failed: () => void): void {
    const targets = new Map<string, Target>();
    const keys = entries.flatMap((row) => [row.key, ...this.#indexKeys(no, row, targets)]);
    const named = [...targets.values()];
    const going = new Set(keys.map(toHex));
    const { leaving } = this.#ctx;
    leaving.clear();
    for (const { keyHex } of named) leaving.add(keyHex);
    readAll(
      this.#ctx.turn,
      named.map(({ key }) => targetRange(key, MAX_TARGET_CLAIMS)),
      (claims) => {
        const isUnclaimed = ({ keyHex }: Target, i: number): boolean =>
          leaving.has(keyHex) && (claims[i] ?? []).every((row) => going.has(toHex(row.key)));
        const names = named.filter(isUnclaimed).map((target) => nameRow(target).key);
        this.#delete([...keys, ...names], failed);
      },
      failed,
    );
  }

  /** The keys of the index rows of a row's entries, whose targets go among `targets`. */
  #indexKeys(no: number, row: Row, targets: Map<string, Target>): readonly Uint8Array[] {
    const { index, entries } = runOf(row);
    return entries.flatMap((entry, i) => {
      const attestation = readable(entry);
      if (attestation === null) return [];
      for (const { target } of attestation.claims) if (target !== null) targets.set(target.keyHex, target);
      return indexRows(this.#keys, no, index + i, attestation).map(({ key }) => key);
    });
  }

  #delete(keys: readonly Uint8Array[], failed: () => void): void {
    const ops = keys.map((key): StoreOp => ({ op: "delete", key }));
    const stored = (): void => {
      this.#busy = false;
      this.work();
    };
    this.#ctx.turn.store(ops, false, stored, failed);
  }
}

/** What makes a store forget a feed: its rows go little by little, by whoever opens the store, and its number is not given out meanwhile. */
export function feedRemoval(no: number): readonly StoreOp[] {
  return [
    { op: "delete", key: feedKey(no) },
    { op: "delete", key: auditKey(no) },
    { op: "put", key: jobOf(no), value: u32be(no) },
  ];
}

function jobOf(no: number): Uint8Array {
  return jobKey(concat(JOB, u32be(no)));
}

/**
 * Which feeds their own keys have ended, and which ones these name as successors (spec/freeze.md): found while entries are indexed, one a feed,
 * kept by where it stands. A hint for people and policies: nothing here follows from it, but that the own feed takes no more entries.
 */
import { FREEZE_V1 } from "../attestation/index.ts";
import type { Attestation } from "../attestation/index.ts";
import { Cursor, concat, u32be, u64be, utf8 } from "../bytes/index.ts";
import { originHash } from "../feed/index.ts";
import { MAX_ENDINGS_TRIED, MAX_FEEDS } from "../limits.ts";
import { endingIn, firstEnding } from "../lifecycle/index.ts";
import type { Ending } from "../lifecycle/index.ts";
import { readEntries } from "./entries.ts";
import type { EntryPlace } from "./entries.ts";
import type { FeedState } from "./feed-state.ts";
import type { Feeds } from "./feeds.ts";
import { readable } from "./readable.ts";
import { readWhole } from "./reads.ts";
import { rowsOf } from "./rows.ts";
import type { Turn } from "./turn.ts";
import type { Origin, StoreOp } from "./types.ts";

const KIND = "l";

/** Where a statement stands. */
export interface EndingPlace {
  readonly feed: FeedState;
  readonly index: number;
}

export class Endings {
  readonly #turn: Turn;
  readonly #feeds: Feeds;
  /** Counts what happens, by name. */
  readonly #count: (name: string) => void;
  readonly #byOrigin = new Map<Origin, Ending>();
  /** By number of the feed that lists them: statements checked. */
  readonly #tried = new Map<number, number>();

  constructor(turn: Turn, feeds: Feeds, count: (name: string) => void) {
    this.#turn = turn;
    this.#feeds = feeds;
    this.#count = count;
  }

  /** Reads what is kept: each is checked again, and what does not count any more is forgotten. */
  load(done: () => void, failed: (code: string) => void): void {
    readWhole(
      this.#turn,
      rowsOf(KIND, MAX_FEEDS),
      (rows) => {
        const places = rows.map(({ value }) => placeIn(value));
        readEntries(
          this.#turn,
          places,
          (entries) => {
            const gone = rows.filter((_, i) => !this.#restore(places[i], entries[i] ?? null));
            this.#delete(gone.map(({ key }) => key));
            done();
          },
          failed,
        );
      },
      failed,
    );
  }

  /** The end of a feed, or null. */
  of(name: Origin): Ending | null {
    return this.#byOrigin.get(name) ?? null;
  }

  /** Where the statement on the end of the feed of this key stands; null where there is none, or what lists it is not held any more. */
  placeOf(name: Origin): EndingPlace | null {
    const ending = this.of(name);
    const feed = ending === null ? null : this.#feeds.get(ending.carrier);
    return ending === null || feed === null ? null : { feed, index: ending.index };
  }

  /** Takes an entry that is being indexed: rows to go into its write, if it ends a feed that matters here. */
  take(feed: FeedState, index: number, attestation: Attestation): readonly StoreOp[] {
    if (attestation.predicateType !== FREEZE_V1) return [];
    const tried = (this.#tried.get(feed.no) ?? 0) + 1;
    if (tried > MAX_ENDINGS_TRIED) return [];
    this.#tried.set(feed.no, tried);
    const ending = endingIn(attestation, feed.origin, index);
    if (ending === null || !this.#put(ending)) return [];
    this.#count("feed-ending");
    const value = concat(u32be(feed.no), u64be(index));
    return [{ op: "put", key: endingKey(ending.origin), value }];
  }

  /** Whether this is the statement to keep of its feed, one that is known or followed here. */
  #put(ending: Ending): boolean {
    const { origin } = ending;
    if (this.#feeds.get(origin) === null && !this.#feeds.followed.has(origin)) return false;
    const known = this.#byOrigin.get(origin);
    // What a failed write took out of the store is put there once more.
    const isKnown = known?.carrier === ending.carrier && known.index === ending.index;
    if (known !== undefined && !isKnown && firstEnding(known, ending) === known) return false;
    if (known === undefined && this.#byOrigin.size >= MAX_FEEDS) this.#forget();
    if (known === undefined && this.#byOrigin.size >= MAX_FEEDS) return false;
    this.#byOrigin.set(origin, ending);
    return true;
  }

  /** Feeds that went since take no room. */
  #forget(): void {
    for (const name of this.#byOrigin.keys())
      if (this.#feeds.get(name) === null && !this.#feeds.followed.has(name)) this.#byOrigin.delete(name);
  }

  /** Whether the statement of a row is there, and counts still. */
  #restore(place: EntryPlace | undefined, entry: Uint8Array | null): boolean {
    const feed = place === undefined ? null : this.#feeds.byNo(place.no);
    const attestation = entry === null ? null : readable(entry);
    if (place === undefined || feed === null || attestation === null) return false;
    const ending = endingIn(attestation, feed.origin, place.index);
    return ending !== null && this.#put(ending);
  }

  #delete(keys: readonly Uint8Array[]): void {
    if (keys.length === 0) return;
    this.#turn.store(
      keys.map((key) => ({ op: "delete", key })),
      false,
      () => undefined,
      () => this.#count("store-failed"),
    );
  }
}

/** `l` hash of the origin of a feed that has ended: number of the feed that lists the statement, index. */
function endingKey(name: Origin): Uint8Array {
  return concat(utf8(KIND), originHash(name));
}

function placeIn(value: Uint8Array): EntryPlace {
  const cursor = new Cursor(value);
  const place = { no: cursor.u32(), index: cursor.u64() };
  cursor.done();
  return place;
}

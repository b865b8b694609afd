/**
 * What is waited for, and what somebody was told of: of each file that is to be rebuilt or released when it is looked at next, of each key that
 * it signs where it should not, and how far each feed was read. It owns no clock: times are in ms since 1970.
 */
import {
  MAX_EXPECTED_FEED_ROWS,
  MAX_EXPECTED_KEYS,
  MAX_EXPECTED_PAUSE_MS,
  MAX_EXPECTED_ROWS,
  MIN_EXPECTED_PAUSE_MS,
  toHex,
} from "../../../protocol/index.ts";
import { isFileRow, rowId } from "./rows.ts";
import type { FileRow, KeyRow, Row, Where } from "./rows.ts";
import { SharedStrings } from "./strings.ts";
import type { FileSighting, KeySighting } from "./sightings.ts";

/** How far a feed was read. */
export interface Cursor {
  /** Index of the first entry that was not read. */
  readonly next: number;
  /** When it was last read to the end of its head; null = never. */
  readonly caughtUpAt: number | null;
}

/** Where somebody may have said what was missing, but not of which file, it is looked at again after this part of the pause. */
const SOON = 8;
/** By more the pause does not double. */
const MOST_DOUBLINGS = 30;

const SAVE_MS = 3_600_000;

/** ms before it is looked at again, after so many times in vain. */
export function pauseAfter(tries: number): number {
  return Math.min(MIN_EXPECTED_PAUSE_MS * 2 ** Math.min(tries, MOST_DOUBLINGS), MAX_EXPECTED_PAUSE_MS);
}

/** Files that are waited for or told of at most: of all feeds, and of one. */
interface Room {
  readonly most: number;
  readonly mostOfFeed: number;
}

const ROOM: Room = { most: MAX_EXPECTED_ROWS, mostOfFeed: MAX_EXPECTED_FEED_ROWS };

export class ExpectedBook {
  readonly #most: number;
  readonly #mostOfFeed: number;
  readonly #cursors = new Map<string, Cursor>();
  readonly #savedAt = new Map<string, number>();
  readonly #files = new Map<string, FileRow>();
  readonly #keys = new Map<string, KeyRow>();
  /** Rows of a feed, and of those the ones that were told of, the oldest first. */
  readonly #byFeed = new Map<string, { count: number; readonly told: Set<string> }>();
  /** Ids of what was told of a target. */
  readonly #toldOf = new Map<string, readonly string[]>();
  readonly #strings = new SharedStrings();
  readonly #changedRows = new Set<string>();
  readonly #changedFeeds = new Set<string>();

  constructor(room: Room = ROOM) {
    this.#most = room.most;
    this.#mostOfFeed = room.mostOfFeed;
  }

  /** As they are now: rows may be put meanwhile. */
  get files(): readonly FileRow[] {
    return [...this.#files.values()];
  }

  get keys(): readonly KeyRow[] {
    return [...this.#keys.values()];
  }

  get cursors(): Iterable<readonly [string, Cursor]> {
    return this.#cursors;
  }

  /** How many files are waited for or told of. */
  get count(): number {
    return this.#files.size;
  }

  /** Null = there is none of that id any more. */
  row(id: string): Row | null {
    return this.#files.get(id) ?? this.#keys.get(id) ?? null;
  }

  /** Null = it was never looked at. */
  cursor(origin: string): Cursor | null {
    return this.#cursors.get(origin) ?? null;
  }

  move(origin: string, cursor: Cursor): void {
    this.#cursors.set(origin, cursor);
    this.#changedFeeds.add(origin);
  }

  /** All that a feed's head covers was read; that alone is remembered on the disk by the hour. */
  caughtUp(origin: string, now: number): void {
    const { next, caughtUpAt } = this.#cursors.get(origin) ?? { next: 0, caughtUpAt: null };
    this.#cursors.set(origin, { next, caughtUpAt: now });
    const saved = this.#savedAt.get(origin) ?? Number.NEGATIVE_INFINITY;
    if (caughtUpAt !== null && now - saved < SAVE_MS) return;
    this.#savedAt.set(origin, now);
    this.#changedFeeds.add(origin);
  }

  /** Ids of rows, and feeds, that changed since this was asked last. */
  takeChanges(): { readonly rows: readonly string[]; readonly feeds: readonly string[] } {
    const changes = { rows: [...this.#changedRows], feeds: [...this.#changedFeeds] };
    this.#changedRows.clear();
    this.#changedFeeds.clear();
    return changes;
  }

  /** Puts a row as it is now. */
  put(row: Row): void {
    this.drop(row.id);
    this.#changedRows.add(row.id);
    if (!isFileRow(row)) return void this.#keys.set(row.id, row);
    this.#files.set(row.id, row);
    const feed = this.#byFeed.get(row.origin) ?? { count: 0, told: new Set() };
    this.#byFeed.set(row.origin, feed);
    feed.count++;
    if (!row.isTold) return;
    feed.told.add(row.id);
    this.#toldOf.set(targetOf(row), [...(this.#toldOf.get(targetOf(row)) ?? []), row.id]);
  }

  /** Puts a row that comes from elsewhere. */
  add(row: Row): void {
    this.put(isFileRow(row) ? this.#strings.compact(row) : row);
  }

  drop(id: string): void {
    if (this.#keys.delete(id)) this.#changedRows.add(id);
    const row = this.#files.get(id);
    if (row === undefined) return;
    this.#files.delete(id);
    this.#changedRows.add(id);
    const feed = this.#byFeed.get(row.origin);
    if (feed !== undefined) feed.count--;
    if (!row.isTold) return;
    feed?.told.delete(id);
    const others = (this.#toldOf.get(targetOf(row)) ?? []).filter((one) => one !== id);
    if (others.length > 0) this.#toldOf.set(targetOf(row), others);
    else this.#toldOf.delete(targetOf(row));
  }

  /**
   * Waits for a file until then, unless it does already. False where there is no room: a feed that lists more than ever comes is not read
   * on until some of it came, or was told of; those told of longest ago give way, and are forgotten.
   */
  await(
    kind: FileRow["kind"],
    { target, sha256, step, claim, key }: FileSighting,
    where: Where,
    times: Pick<FileRow, "seen" | "due">,
  ): boolean {
    const id = rowId(kind, target.keyHex, sha256);
    if (this.#files.has(id)) return true;
    if (!this.#makeRoom(where.origin)) return false;
    const said = { purl: target.purl, file: target.file, sha256, step, claim, key: toHex(key) };
    const next = { looked: 0, tries: 0, isTold: false };
    this.add({ kind, id, ...said, ...where, ...times, ...next });
    return true;
  }

  #makeRoom(origin: string): boolean {
    const feed = this.#byFeed.get(origin);
    if ((feed?.count ?? 0) < this.#mostOfFeed && this.#files.size < this.#most) return true;
    const [oldest] = feed?.told ?? [];
    if (oldest === undefined) return false;
    this.drop(oldest);
    return true;
  }

  /** Keeps that this key signs there; false where so many of the builder are kept that it is not told of. */
  meet(sighting: KeySighting, where: Where, seen: number): boolean {
    const { kind, builder, isProven, target, step } = sighting;
    const key = toHex(sighting.key);
    const id = rowId(kind, builder, key);
    if (this.#keys.has(id)) return true;
    const known = this.keys.filter((row) => row.builder === builder);
    if (known.length >= MAX_EXPECTED_KEYS) return false;
    const { purl, file } = target;
    this.put({ kind, id, builder, key, isProven, purl, file, step, ...where, seen, isTold: false });
    return true;
  }

  /** Something was said of this file: what was told of it is looked at again at once, and soon after, since a node indexes what it holds a little later. */
  nudge(target: Pick<FileRow, "purl" | "file">, now: number): void {
    const rows = (this.#toldOf.get(targetOf(target)) ?? []).flatMap((id) => this.#files.get(id) ?? []);
    for (const row of rows) if (row.due > now) this.put({ ...row, due: now, tries: 0 });
  }

  /** A source was stated, of whatever: all releases that were told of are looked at again sooner. */
  nudgeReleases(now: number): void {
    for (const row of this.files) {
      if (row.kind !== "unexpected-release" || !row.isTold) continue;
      const due = Math.max(
        now + MIN_EXPECTED_PAUSE_MS,
        row.looked + Math.floor(pauseAfter(row.tries) / SOON),
      );
      if (due < row.due) this.put({ ...row, due });
    }
  }

  /** What is to be looked at now, the longest overdue first. */
  due(now: number, most: number): readonly FileRow[] {
    const due: FileRow[] = [];
    for (const row of this.#files.values()) if (row.due <= now) due.push(row);
    return due.toSorted((a, b) => a.due - b.due || a.seen - b.seen).slice(0, most);
  }

  /** Whose claim one of these keys, in hex, took back: any key of a builder may (RULES R17). */
  takenBack(
    retracted: readonly { readonly claims: readonly string[]; readonly by: readonly string[] }[],
  ): readonly FileRow[] {
    if (retracted.length === 0) return [];
    const by = new Map<string, Set<string>>();
    for (const { claims, by: keys } of retracted)
      for (const claim of claims)
        for (const key of keys) by.set(claim, (by.get(claim) ?? new Set()).add(key));
    return this.files.filter(({ claim, key }) => by.get(claim)?.has(key) === true);
  }

  /** It was looked at in vain. */
  postpone(row: FileRow, now: number): void {
    this.put({ ...row, due: now + pauseAfter(row.tries), looked: now, tries: row.tries + 1 });
  }

  /** Somebody was told of it. */
  told(row: Row): void {
    this.put({ ...row, isTold: true });
  }
}

function targetOf({ purl, file }: Pick<FileRow, "purl" | "file">): string {
  return `${purl}\n${file}`;
}

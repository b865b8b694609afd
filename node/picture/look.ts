/** One look through the index of targets: signatures that nobody has looked at are, then all is counted. */
import {
  MAX_PICTURE_LISTED,
  MAX_PICTURE_PAIRED,
  nameRange,
  PICTURE_CHECKS,
  PICTURE_STEP_ENTRIES,
  PICTURE_STEP_NAMES,
  PICTURE_STEP_TARGETS,
  rowAt,
  targetOfName,
  toHex,
} from "../../protocol/index.ts";
import type { FeedView, Row, StatusResult } from "../../protocol/index.ts";
import { cellsOf, hintsOf } from "./cells.ts";
import { Tally } from "./count.ts";
import type { Standing } from "./count.ts";
import type { Pace } from "./pace.ts";
import type { Rows, Signatures } from "./signatures.ts";
import type { Speakers } from "./speakers.ts";
import type { Agreement, Counted } from "./types.ts";

/** Names of targets of one kind, in order: whole up to and with the key `to` (hex; null = all that there are). */
export interface Listed {
  /** Keys of rows of names, in hex. */
  readonly names: readonly string[];
  readonly to: string | null;
}

/** What a look has found. */
export interface Looked {
  readonly counted: Counted;
  readonly disagreeing: Listed;
  readonly single: Listed;
  /** Entries whose signatures are left to look at. */
  readonly unchecked: number;
  /** Numbers of feeds that are here no more. */
  readonly gone: readonly number[];
}

export interface Looking {
  readonly rows: Rows;
  readonly signatures: Signatures;
  readonly speakers: Speakers;
  readonly status: StatusResult;
  readonly pace: Pace;
}

const DISAGREEING: ReadonlySet<Agreement> = new Set<Agreement>(["majority", "split", "different"]);

export function isDisagreement(agreement: Agreement | null): boolean {
  return agreement !== null && DISAGREEING.has(agreement);
}

/** Throws where it is stopped or the store fails. */
export async function look(looking: Looking): Promise<Looked> {
  const { signatures, status, pace } = looking;
  pace.begin();
  const numbers = await signatures.meetAll();
  const gone = signatures.book.keepOnly(new Set(numbers));
  const unchecked = await checkFeeds(looking, numbers);
  return { ...(await countTargets(looking)), unchecked: unchecked + lagging(status), gone };
}

/** Claims that the index itself lacks are counted later, too. */
function lagging({ feeds }: StatusResult): number {
  return feeds.reduce((sum, { held, indexed, class: kind }) => {
    return kind === "unknown" ? sum : sum + Math.max(0, held - indexed);
  }, 0);
}

/** Feed by feed in turns, so that none waits for a long one. Returns how many entries are left. */
async function checkFeeds(
  { signatures, status, pace }: Looking,
  numbers: readonly number[],
): Promise<number> {
  const byKey = new Map(status.feeds.map((feed) => [feed.origin.slice(-64), feed]));
  const ends = new Map(numbers.map((no) => [no, endOf(byKey.get(signatures.book.keyOf(no) ?? ""))] as const));
  let left = PICTURE_CHECKS;
  for (let isMoving = true; isMoving && left > 0;) {
    isMoving = false;
    for (const [no, end] of ends) {
      const from = signatures.book.checkedTo(no);
      if (from >= end || left <= 0) continue;
      const count = Math.min(PICTURE_STEP_ENTRIES, end - from);
      await signatures.checkRun(no, from, count);
      left -= count;
      // Without room in the book, or where the entries are gone, it is not tried again.
      if (signatures.book.checkedTo(no) > from) isMoving = true;
      else ends.set(no, 0);
      await pace.rest();
    }
  }
  return [...ends].reduce((sum, [no, end]) => sum + Math.max(0, end - signatures.book.checkedTo(no)), 0);
}

function endOf(feed: FeedView | undefined): number {
  return feed === undefined ? 0 : Math.min(feed.held, feed.indexed);
}

async function countTargets(looking: Looking): Promise<Pick<Looked, "counted" | "disagreeing" | "single">> {
  const { rows, speakers, pace } = looking;
  const tally = new Tally(speakers.of, speakers.keys.slice(0, MAX_PICTURE_PAIRED));
  const [disagreeing, single] = [new List(), new List()];
  let range = nameRange("", PICTURE_STEP_NAMES);
  for (;;) {
    const page = await rows.read(range);
    for (let at = 0; at < page.rows.length; at += PICTURE_STEP_TARGETS) {
      const some = page.rows.slice(at, at + PICTURE_STEP_TARGETS);
      const standings = await Promise.all(some.map((row) => addTarget(looking, tally, row)));
      for (const [i, { agreement }] of standings.entries()) {
        const key = some[i]?.key ?? new Uint8Array(0);
        if (isDisagreement(agreement)) disagreeing.add(key);
        else if (agreement === "single") single.add(key);
      }
      await pace.rest();
    }
    const last = page.rows.at(-1);
    if (!page.more || last === undefined) break;
    range = { ...range, from: rowAt(last.key).to };
  }
  return { counted: tally.result(), disagreeing: disagreeing.whole(), single: single.whole() };
}

async function addTarget({ rows, signatures, speakers }: Looking, tally: Tally, row: Row): Promise<Standing> {
  const hints = await hintsOf(rows, targetOfName(row));
  return tally.add(await cellsOf(signatures, hints, speakers.buildersOf));
}

/** Names in the order in which they come. */
class List {
  readonly #names: string[] = [];
  #isCut = false;

  add(key: Uint8Array): void {
    if (this.#names.length < MAX_PICTURE_LISTED) this.#names.push(toHex(key));
    else this.#isCut = true;
  }

  whole(): Listed {
    return { names: this.#names, to: this.#isCut ? (this.#names.at(-1) ?? null) : null };
  }
}

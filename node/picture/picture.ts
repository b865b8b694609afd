/** The picture of a node's index: looked through in the background, kept, and shown. */
import {
  GROWTH_DAYS,
  MAX_GROWTH_FEEDS,
  MAX_PICTURE_BUILDERS,
  PICTURE_AGAIN_MS,
  PICTURE_POLL_MS,
  PICTURE_REST,
  PICTURE_SHARE,
  sha256Hex,
  toHex,
  utf8,
} from "../../protocol/index.ts";
import type { FeedView, PublicKey, StatusResult } from "../../protocol/index.ts";
import type { Checker, Clock, Store } from "../edges.ts";
import type { Log } from "../log.ts";
import { NO_AGREEMENTS } from "./count.ts";
import { withPoint } from "./history.ts";
import { look } from "./look.ts";
import type { Listed, Looked } from "./look.ts";
import { matrixPage } from "./matrix.ts";
import type { MatrixPage, MatrixQuery } from "./matrix.ts";
import { Pace } from "./pace.ts";
import { keep, readKept } from "./shelf.ts";
import type { Kept } from "./shelf.ts";
import { Signatures } from "./signatures.ts";
import type { Rows } from "./signatures.ts";
import { speakersOf } from "./speakers.ts";
import type { Followed, Speakers } from "./speakers.ts";
import type { Growth, PictureView } from "./types.ts";

/** What a picture is made from. */
export interface PictureEdges {
  /** Rows of the engine, after all its writes. */
  readonly rows: Rows;
  /** Where the picture itself is kept. */
  readonly store: Store;
  readonly checker: Checker;
  readonly status: () => Promise<StatusResult>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Whom the node counts, and whose signatures it knows. */
export interface PictureConfig extends Omit<Followed, "builders"> {
  readonly builders: readonly PublicKey[];
}

/** What one look took. */
export interface LookTime {
  /** ms of work, without the rests between. */
  readonly worked: number;
  /** Entries that are left unchecked. */
  readonly unchecked: number;
}

const NOTHING: Kept = {
  counted: { targets: 0, byBuilders: [], agreement: NO_AGREEMENTS, builders: [], pairs: [] },
  time: 0,
  unchecked: 0,
  history: [],
  growth: new Map(),
};

export class Picture {
  readonly #edges: PictureEdges;
  readonly #followed: Followed;
  readonly #signatures: Signatures;
  /** Stands for the keys whose signatures are recognised. */
  readonly #known: string;
  readonly #stop = new AbortController();
  #kept: Kept | null = null;
  #listed: Pick<Looked, "disagreeing" | "single"> | null = null;
  #looking: Promise<LookTime> | null = null;
  #cancel: (() => void) | null = null;
  /** What was there at the last look, and when the next one may be, in ms since 1970. */
  #mark = "";
  #again = 0;

  constructor(edges: PictureEdges, { policies, all, builders }: PictureConfig) {
    this.#edges = edges;
    this.#signatures = new Signatures(edges.rows, edges.checker, builders);
    const keys = builders.map(({ raw }) => toHex(raw));
    this.#followed = { policies, all, builders: keys };
    this.#known = sha256Hex(utf8(keys.toSorted().join(" ")));
  }

  /** Reads what was kept, and looks from time to time from now on. */
  async open(): Promise<void> {
    this.#kept = await readKept(this.#edges.store, this.#signatures.book, this.#known);
    this.#wait();
  }

  view(): PictureView {
    const { counted, time, unchecked, history } = this.#kept ?? NOTHING;
    const looking = this.#looking !== null;
    return { ...counted, time: this.#kept === null ? null : time, looking, unchecked, history };
  }

  /** How a feed grew, oldest first. */
  grown(origin: string): readonly Growth[] {
    return this.#kept?.growth.get(origin) ?? [];
  }

  async matrix(query: MatrixQuery): Promise<MatrixPage> {
    const speakers = await this.#speakers();
    const { rows } = this.#edges;
    return matrixPage({ rows, signatures: this.#signatures, speakers, listed: this.#listOf(query) }, query);
  }

  /** Looks through the index now; `share` of a core. Rejects where it is stopped, or the store fails. */
  look(share: number = PICTURE_SHARE): Promise<LookTime> {
    this.#looking ??= this.#look(new Pace(share, this.#stop.signal)).finally(() => (this.#looking = null));
    return this.#looking;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#cancel?.();
    await this.#looking?.catch(() => undefined);
  }

  #listOf({ show }: MatrixQuery): Listed | null {
    if (show === "all" || this.#listed === null) return null;
    return show === "single" ? this.#listed.single : this.#listed.disagreeing;
  }

  async #speakers(status?: StatusResult): Promise<Speakers> {
    return speakersOf(this.#followed, status ?? (await this.#edges.status()));
  }

  #wait(): void {
    const { clock } = this.#edges;
    if (this.#stop.signal.aborted) return;
    this.#cancel = clock.at(
      clock.now() + PICTURE_POLL_MS,
      () => void this.#poll().finally(() => this.#wait()),
    );
  }

  /** A node that stops, or whose store has failed, has said so itself. */
  async #poll(): Promise<void> {
    const { status, clock, log } = this.#edges;
    try {
      const mark = markOf(await status());
      const isDue = clock.now() >= (this.#kept?.time ?? 0) + PICTURE_AGAIN_MS;
      const isNew = mark !== this.#mark && clock.now() >= this.#again;
      if (isNew || isDue || this.#mark === "") await this.look();
    } catch (error) {
      if (!this.#stop.signal.aborted)
        log.debug({ event: "picture-failed", error: String(error) }, "the index was not looked through");
    }
  }

  async #look(pace: Pace): Promise<LookTime> {
    const { rows, store, status: ask, clock } = this.#edges;
    const began = clock.now();
    const status = await ask();
    const speakers = await this.#speakers(status);
    const signatures = this.#signatures;
    const { counted, disagreeing, single, unchecked, gone } = await look({
      rows,
      signatures,
      speakers,
      status,
      pace,
    });
    const now = clock.now();
    const { targets, agreement } = counted;
    const builders = counted.builders.slice(0, MAX_PICTURE_BUILDERS);
    this.#listed = { disagreeing, single };
    this.#kept = {
      counted: { ...counted, builders },
      time: now,
      unchecked,
      history: withPoint(this.#kept?.history ?? [], { time: now, targets, ...agreement }),
      growth: this.#growth(status.feeds, now),
    };
    this.#mark = unchecked > 0 ? "unchecked" : markOf(status);
    this.#again = unchecked > 0 ? now : Math.min(now + PICTURE_REST * (now - began), now + PICTURE_AGAIN_MS);
    await keep(store, this.#kept, signatures.book, this.#known, gone);
    return { worked: pace.worked, unchecked };
  }

  /** Of the own feed and of those that are followed or vouched for, the largest. */
  #growth(feeds: readonly FeedView[], now: number): ReadonlyMap<string, readonly Growth[]> {
    const some = feeds
      .filter((feed) => feed.class !== "unknown")
      .toSorted((a, b) => b.size - a.size)
      .slice(0, MAX_GROWTH_FEEDS);
    return new Map(
      some.map(({ origin, size }) => [
        origin,
        withPoint(this.grown(origin), { time: now, size }, GROWTH_DAYS),
      ]),
    );
  }
}

/** By this it is told whether there is anything new to count. */
function markOf({ claims, feeds }: StatusResult): string {
  const forked = feeds.filter(({ state }) => state === "forked").length;
  const behind = feeds.reduce((sum, { held, indexed }) => sum + held - indexed, 0);
  return `${claims} ${feeds.length} ${forked} ${behind}`;
}

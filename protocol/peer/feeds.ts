import { equalBytes, toHex } from "../bytes/index.ts";
import { KEY_BYTES } from "../crypto/index.ts";
import { origin, parseOrigin } from "../feed/index.ts";
import { MAX_FEEDS, MAX_UNKNOWN_FEEDS, MAX_VOUCHED_FEEDS, VOUCHED_SHARE } from "../limits.ts";
import { FeedState } from "./feed-state.ts";
import { byLot } from "./lot.ts";
import type { EngineConfig, FeedClass, Origin } from "./types.ts";

/** All feeds known here, and to which class each belongs (RULES R11). */
export class Feeds {
  readonly #config: EngineConfig;
  readonly #rng: () => number;
  readonly #byOrigin = new Map<Origin, FeedState>();
  readonly #byHash = new Map<string, FeedState>();
  readonly #byNo = new Map<number, FeedState>();
  readonly #followed: ReadonlySet<Origin>;
  readonly #ownOrigin: Origin | null;
  #nextNo = 1;

  constructor(config: EngineConfig, rng: () => number) {
    this.#config = config;
    this.#rng = rng;
    // The feed of a followed builder's own key is followed with it.
    const ofBuilders = config.follow.builders.flatMap((key) =>
      key.type === "ed25519" ? [origin(config.network, key.raw)] : [],
    );
    this.#followed = new Set([...config.follow.origins, ...ofBuilders]);
    this.#ownOrigin = config.feedKey === null ? null : origin(config.network, config.feedKey);
  }

  /** The own feed's origin, or null for a peer that publishes nothing. */
  get ownOrigin(): Origin | null {
    return this.#ownOrigin;
  }

  /** Origins that are followed, whether anything of them is known here or not. */
  get followed(): ReadonlySet<Origin> {
    return this.#followed;
  }

  all(): IterableIterator<FeedState> {
    return this.#byOrigin.values();
  }

  /** Those behind an origin, in the order of their origins. */
  after(origin: Origin): readonly FeedState[] {
    return [...this.all()]
      .filter((feed) => feed.origin > origin)
      .sort((a, b) => (a.origin < b.origin ? -1 : 1));
  }

  get(name: Origin): FeedState | null {
    return this.#byOrigin.get(name) ?? null;
  }

  byHash(originHash: Uint8Array): FeedState | null {
    return this.#byHash.get(toHex(originHash)) ?? null;
  }

  byNo(no: number): FeedState | null {
    return this.#byNo.get(no) ?? null;
  }

  classOf(name: Origin): FeedClass {
    if (name === this.#ownOrigin) return "own";
    if (this.#followed.has(name)) return "followed";
    return this.#byOrigin.get(name)?.class ?? "unknown";
  }

  /** Whether claims of this class are read here (RULES R30). */
  isWanted(kind: FeedClass): boolean {
    return kind === "own" || kind === "followed" || this.#config.follow.all;
  }

  /** A pinned witness has cosigned a head of this feed: it is more than an unknown one, if there is room for it among the vouched. */
  vouch(feed: FeedState): void {
    if (feed.class !== "unknown" || this.count("vouched") >= MAX_VOUCHED_FEEDS) return;
    const room = this.#config.maxStoreBytes / VOUCHED_SHARE;
    if (this.roomOf("vouched") + feed.room <= room) feed.class = "vouched";
  }

  /** The feed, begun anew if need be; null where there is no room (a light peer keeps no foreign feed). */
  open(name: Origin): FeedState | null {
    const known = this.#byOrigin.get(name);
    if (known !== undefined) return known;
    const kind = this.classOf(name);
    if (this.#config.light && kind !== "own") return null;
    if (this.#byOrigin.size >= MAX_FEEDS) return null;
    if (kind === "unknown" && this.count("unknown") >= MAX_UNKNOWN_FEEDS) return null;
    return this.add(this.#nextNo, parseOrigin(name).key);
  }

  /** Puts a feed under its number: at start, from its row. */
  add(no: number, key: Uint8Array): FeedState {
    const name = origin(this.#config.network, key);
    const kind = this.classOf(name);
    const feed = new FeedState(no, name, key, kind, this.isWanted(kind));
    this.#byOrigin.set(name, feed);
    this.#byHash.set(toHex(feed.originHash), feed);
    this.#byNo.set(no, feed);
    this.reserve(no);
    return feed;
  }

  /** A number that is not to be given out: rows under it may be left. */
  reserve(no: number): void {
    this.#nextNo = Math.max(this.#nextNo, no + 1);
  }

  remove(feed: FeedState): void {
    this.#byOrigin.delete(feed.origin);
    this.#byHash.delete(toHex(feed.originHash));
    this.#byNo.delete(feed.no);
  }

  /** Whether somebody here follows this builder, or the feed of this key. */
  followsKey(key: Uint8Array): boolean {
    if (this.#config.follow.builders.some(({ raw }) => equalBytes(raw, key))) return true;
    const kind = this.#classOfKey(key);
    return kind === "own" || kind === "followed";
  }

  /** Whether what is proven of this key is told here: somebody follows it, or a pinned witness vouches for its feed (RULES R14). */
  mindsKey(key: Uint8Array): boolean {
    return this.followsKey(key) || this.#classOfKey(key) === "vouched";
  }

  #classOfKey(key: Uint8Array): FeedClass {
    return key.length === KEY_BYTES ? this.classOf(origin(this.#config.network, key)) : "unknown";
  }

  count(kind: FeedClass): number {
    let count = 0;
    for (const feed of this.all()) if (feed.class === kind) count++;
    return count;
  }

  /** What all feeds of a class take of their room. */
  roomOf(kind: FeedClass): number {
    let octets = 0;
    for (const feed of this.all()) if (feed.class === kind) octets += feed.room;
    return octets;
  }

  /** A feed of a class by lot, to make room. */
  byLot(kind: Exclude<FeedClass, "own" | "followed">): FeedState | null {
    return byLot(
      [...this.all()].filter((feed) => feed.class === kind),
      this.#rng,
    );
  }
}

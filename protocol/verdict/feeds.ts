/** What is known of the feeds: how far they are held, how fresh they are, whether they went back or forked. */
import { compareBytes, equalBytes, toHex } from "../bytes/index.ts";
import { proveFork } from "../evidence/index.ts";
import type { Evidence } from "../evidence/index.ts";
import { parseOrigin } from "../feed/index.ts";
import type { SignedHead } from "../feed/index.ts";
import { FRESH_HEAD_MS, HEAD_LAG_MS } from "../limits.ts";
import type { Builder, Rule } from "../policy/index.ts";
import { Histories } from "./histories.ts";
import type { Findings, Remembered } from "./types.ts";
import { usableTime } from "../lifecycle/index.ts";
import type { Witnessed } from "./witnessed.ts";

/** One feed, from all heads of it that are here. */
export interface FeedView {
  readonly origin: string;
  readonly largest: SignedHead;
  /** ms since 1970 of the newest time line of its own, or, where the rule asks for k witnesses, the k-th newest of theirs; null without (R10). */
  readonly time: number | null;
  /** All leaves below the largest head are held. */
  readonly held: boolean;
  /** A head of the size that this verifier remembers has another root. */
  readonly rewritten: boolean;
  /** It is proven to have two histories: whatever is held of one, the other may say more. */
  readonly forked: boolean;
}

export interface Feeds {
  /** By origin. */
  readonly views: ReadonlyMap<string, FeedView>;
  /** By the hex of the feed's key. */
  readonly byKey: ReadonlyMap<string, FeedView>;
  /** Proofs that came out of the heads themselves. */
  readonly forks: readonly Evidence[];
  /** What is proven to be of one history. */
  readonly histories: Histories;
}

/** All feeds of which a head is here, as a rule looks at them: by its witnesses' times where it asks for these. */
export function viewFeeds(found: Findings, witnessed: Witnessed | null, now: number): Feeds {
  const heads = Map.groupBy(
    [
      ...found.heads,
      ...found.entries.flatMap(({ head }) => (head === null ? [] : [{ head, complete: false }])),
    ],
    ({ head }) => head.origin,
  );
  const views = new Map<string, FeedView>();
  const forks: Evidence[] = [];
  const forked = new Set(found.evidence.flatMap((one) => (one.kind === "fork" ? [one.a.origin] : [])));
  for (const [origin, known] of heads) {
    const all = known.map(({ head }) => head);
    const here = forksAmong(all);
    forks.push(...here);
    const [largest, ...others] = largestOf(all);
    if (largest === undefined) continue;
    views.set(origin, {
      origin,
      largest,
      time: witnessed === null ? newestTime(all, now) : witnessedTime([largest, ...others], witnessed),
      held: known.some(({ head, complete }) => complete && head.size === largest.size),
      rewritten: isRewritten(all, found.memory.get(origin)),
      forked: here.length > 0 || forked.has(origin),
    });
  }
  const byKey = new Map([...views.values()].map((view) => [toHex(view.largest.key), view]));
  return { views, byKey, forks, histories: new Histories(found.joins) };
}

/** Feeds of a builder: those that the policy names, else those of its own Ed25519 keys. Undefined = no head of it is here. */
export function feedsOf(builder: Builder, feeds: Feeds): readonly (FeedView | undefined)[] {
  if (builder.feeds.length > 0) return builder.feeds.map((origin) => feeds.views.get(origin));
  return ownKeys(builder).map((key) => feeds.byKey.get(key));
}

/** A feed that is shown smaller than it was seen before, or not at all. */
export interface Shrunk {
  readonly shown: number;
  readonly seen: number;
}

/**
 * RULES R22: a feed of the builder of which this verifier has seen more, longer ago than sources may lag. That no head is shown is the
 * same as a smaller one: whoever holds a head back must not gain by it.
 */
export function shrunkFeed(builder: Builder, feeds: Feeds, found: Findings, now: number): Shrunk | null {
  const keys = ownKeys(builder);
  for (const [origin, { size, timeMs }] of found.memory) {
    const isIts =
      builder.feeds.length > 0
        ? builder.feeds.includes(origin)
        : keys.includes(toHex(parseOrigin(origin).key));
    const shown = feeds.views.get(origin)?.largest.size ?? 0;
    if (isIts && size > shown && now - timeMs > HEAD_LAG_MS) return { shown, seen: size };
  }
  return null;
}

/** Whether a feed of this origin is the builder's own: one that the policy names for it, else one of its keys. */
export function isOwnFeed({ feeds, keys }: Builder, origin: string): boolean {
  if (feeds.length > 0) return feeds.includes(origin);
  const { key } = parseOrigin(origin);
  return keys.some(({ type, raw }) => type === "ed25519" && equalBytes(raw, key));
}

function ownKeys(builder: Builder): readonly string[] {
  return builder.keys.filter((key) => key.type === "ed25519").map((key) => toHex(key.raw));
}

/** Is the head of this feed young enough for the rule? A rule without an age takes any. */
export function isFreshFor(rule: Rule, view: FeedView | undefined, now: number): boolean {
  return rule.maxHeadAgeMs === null || isYounger(view, rule.maxHeadAgeMs, now);
}

/** All leaves up to a fresh head are here (RULES R21): what is not among them was not said. */
export function isComplete(rule: Rule, view: FeedView | undefined, now: number): boolean {
  return (
    view !== undefined &&
    view.held &&
    !view.rewritten &&
    !view.forked &&
    isYounger(view, rule.maxHeadAgeMs ?? FRESH_HEAD_MS, now)
  );
}

function isYounger(view: FeedView | undefined, ageMs: number, now: number): boolean {
  return view !== undefined && view.time !== null && now - view.time <= ageMs;
}

/** The largest head; where the feed has forked, those of that size, always in one order: nothing may depend on which of them came first. */
function largestOf(heads: readonly SignedHead[]): readonly SignedHead[] {
  const size = heads.reduce((most, head) => Math.max(most, head.size), 0);
  const byRoot = new Map(
    heads.filter((head) => head.size === size).map((head) => [toHex(head.root), head] as const),
  );
  return [...byRoot.values()].toSorted((a, b) => compareBytes(a.root, b.root));
}

/** The newer time, where witnesses saw both branches of a fork: it takes nothing away from whom the feed carried (R16). */
function witnessedTime(largest: readonly SignedHead[], witnessed: Witnessed): number | null {
  const times = largest.map((head) => witnessed.timeOf(head)).filter((time) => time !== null);
  return times.length === 0 ? null : Math.max(...times);
}

function newestTime(heads: readonly SignedHead[], now: number): number | null {
  const times = heads
    .map(({ time }) => usableTime(time === null ? null : time * 1000, now))
    .filter((time) => time !== null);
  return times.length === 0 ? null : Math.max(...times);
}

function isRewritten(heads: readonly SignedHead[], memory: Remembered | undefined): boolean {
  return heads.some(({ size, root }) => size === memory?.size && toHex(root) !== memory.root);
}

/** Heads of one size and different roots: one proof a feed is enough. */
function forksAmong(heads: readonly SignedHead[]): readonly Evidence[] {
  const bySize = new Map<number, SignedHead>();
  for (const head of heads) {
    const other = bySize.get(head.size);
    // Mostly they are one head, again and again: nothing needs to be tried for that.
    const isOne = other === undefined || equalBytes(other.root, head.root);
    const fork = isOne ? null : proveFork(other, head, null, null);
    if (fork !== null) return [fork];
    bySize.set(head.size, head);
  }
  return [];
}

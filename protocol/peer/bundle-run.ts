/** How far one segment is: which of its bundles are here, which are asked for and of whom, and which are to be asked for next. */
import {
  MAX_BUNDLES_AHEAD,
  MAX_BUNDLES_ASKED,
  SLOW_BUNDLE_MS,
  SLOW_BUNDLE_TIMES,
  TILE_WIDTH,
} from "../limits.ts";
import { kept } from "./bundles-in.ts";
import type { Bundle, KeptBundle } from "./bundles-in.ts";
import { countBundles } from "./segment.ts";
import type { Segment } from "./segment.ts";
import type { PeerName } from "./types.ts";

/** `count` bundles from number `first` on, asked of one source. */
export interface BundleQuestion {
  readonly peer: PeerName;
  readonly first: number;
  readonly count: number;
  readonly since: number;
  /** Another source was asked for the same since. */
  overtaken: boolean;
  /** Others have filled the room for what waits: of this one no more is kept than what the feed waits for. */
  readonly isBeyond: boolean;
}

export class BundleRun {
  readonly segment: Segment;
  readonly questions: Set<BundleQuestion> = new Set();
  /** Bundles that wait for one before them, or for room. */
  readonly early: Map<number, KeptBundle> = new Map();
  /** The first bundle that is not appended. */
  next = 0;
  /** Sources whose answer was full before the first bundle was. */
  readonly overfull: Set<PeerName> = new Set();
  /** Writes under way. */
  writing = 0;
  /** Bundles that fit an answer. */
  stride: number = MAX_BUNDLES_ASKED;
  /** ms that a question takes, as a rule. */
  usual: number = SLOW_BUNDLE_MS;

  constructor(segment: Segment) {
    this.segment = segment;
  }

  get isWhole(): boolean {
    return this.next === countBundles(this.segment);
  }

  /** The first entry that is not appended. */
  get at(): number {
    return Math.min(this.segment.to, this.segment.from + this.next * TILE_WIDTH);
  }

  /** Whole ms after which a bundle that holds up the others is asked of another source too. */
  get patience(): number {
    return Math.ceil(Math.max(SLOW_BUNDLE_MS, SLOW_BUNDLE_TIMES * this.usual));
  }

  /** Keeps what is new of an answer of so many octets. Returns how many octets more that keeps alive. */
  keep({ isBeyond }: BundleQuestion, bundles: readonly Bundle[], answer: number): number {
    if (isBeyond && this.early.has(this.next)) return 0;
    const fresh = bundles.filter(({ number }) => number >= this.next && !this.early.has(number));
    let octets = 0;
    for (const bundle of kept(fresh, answer)) {
      this.early.set(bundle.number, bundle);
      octets += bundle.holds;
    }
    return octets;
  }

  /** Questions under way for this bundle. */
  askedFor(bundle: number): readonly BundleQuestion[] {
    return [...this.questions].filter(({ first, count }) => first <= bundle && bundle < first + count);
  }

  /** First and number of the next bundles that nobody was asked for; null where all are that may be. */
  unasked(): readonly [number, number] | null {
    const end = Math.min(countBundles(this.segment), this.next + MAX_BUNDLES_AHEAD);
    const isOpen = (bundle: number): boolean =>
      bundle < end && !this.early.has(bundle) && this.askedFor(bundle).length === 0;
    let first = this.next;
    while (first < end && !isOpen(first)) first++;
    if (first === end) return null;
    let count = 1;
    while (count < this.stride && isOpen(first + count)) count++;
    return [first, count];
  }

  /** Those that hold up all others, of a source that takes its time. */
  heldUp(now: number): readonly [number, number] | null {
    if (this.early.has(this.next)) return null;
    const asked = this.askedFor(this.next);
    if (asked.length === 0 || asked.some(({ since }) => now < since + this.patience)) return null;
    const end = Math.max(...asked.map(({ first, count }) => first + count));
    return [this.next, Math.min(this.stride, end - this.next)];
  }
}

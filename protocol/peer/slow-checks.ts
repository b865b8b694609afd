/**
 * Signatures that take long to check (OpenPGP, RSA, ECDSA; RULES R30), which carrier feeds bring. Each feed has a token bucket: what it has spent
 * is told here, and those who ask let it wait, or answer without it. And feeds take turns, a few signatures at a time. So who floods one
 * feed delays nobody but itself.
 */
import { SLOW_CHECK_BURST, SLOW_CHECK_DEBT, SLOW_CHECK_SLICE, SLOW_CHECKS_PER_SECOND } from "../limits.ts";
import { Budget } from "./budget.ts";
import type { FeedState } from "./feed-state.ts";
import type { SignatureItem } from "./signature-item.ts";
import type { Turn } from "./turn.ts";

/** Signatures of one feed that somebody waits for. */
interface Job {
  readonly items: readonly SignatureItem[];
  readonly good: boolean[];
  readonly done: (good: readonly boolean[]) => void;
  readonly failed: (code: string) => void;
}

/** What one feed may still spend, and what is asked of it. */
interface Line {
  readonly feed: FeedState;
  readonly budget: Budget;
  readonly jobs: Job[];
}

export class SlowChecks {
  readonly #turn: Turn;
  /** By feed number; without one the bucket is full. */
  readonly #lines = new Map<number, Line>();
  #running = false;
  /** Whose turn was last. */
  #last = 0;

  constructor(turn: Turn) {
    this.#turn = turn;
  }

  /** What the feed may spend now; nothing, or less = it has to wait. What the own feed carries was chosen here. */
  tokens(feed: FeedState): number {
    const line = this.#lines.get(feed.no);
    if (feed.class === "own" || line === undefined) return SLOW_CHECK_BURST;
    return line.budget.left(this.#turn.steady);
  }

  /** Which of these signatures of the feed's entries hold: in its turn, at its cost. */
  check(
    feed: FeedState,
    items: readonly SignatureItem[],
    done: (good: readonly boolean[]) => void,
    failed: (code: string) => void,
  ): void {
    const line = this.#lines.get(feed.no) ?? newLine(feed);
    this.#lines.set(feed.no, line);
    line.budget.charge(items.length, SLOW_CHECK_DEBT, this.#turn.steady);
    line.jobs.push({ items, good: [], done, failed });
    this.#step();
  }

  /** Forgets buckets that are full. */
  tick(): void {
    for (const { feed, jobs, budget } of this.#lines.values())
      if (jobs.length === 0 && budget.isFull(this.#turn.steady)) this.#lines.delete(feed.no);
  }

  /** One slice at a time. */
  #step(): void {
    const line = this.#running ? null : this.#next();
    const job = line?.jobs[0];
    if (line === null || job === undefined) return;
    this.#running = true;
    this.#last = line.feed.no;
    const slice = job.items.slice(job.good.length, job.good.length + SLOW_CHECK_SLICE);
    const end = (tell: () => void): void => {
      line.jobs.shift();
      this.#goOn();
      tell();
    };
    this.#turn.check(
      slice,
      (good) => {
        job.good.push(...slice.map((_, i) => good[i] === true));
        if (job.good.length < job.items.length) this.#goOn();
        else end(() => job.done(job.good));
      },
      (code) => end(() => job.failed(code)),
    );
  }

  #goOn(): void {
    this.#running = false;
    this.#step();
  }

  /** Of the feeds for which something is to be done the one with the next number. */
  #next(): Line | null {
    let [first, next]: (Line | null)[] = [null, null];
    for (const line of this.#lines.values()) {
      const { no } = line.feed;
      if (line.jobs.length === 0) continue;
      if (no < (first?.feed.no ?? Infinity)) first = line;
      if (no > this.#last && no < (next?.feed.no ?? Infinity)) next = line;
    }
    return next ?? first ?? null;
  }
}

function newLine(feed: FeedState): Line {
  return { feed, budget: new Budget(SLOW_CHECKS_PER_SECOND, SLOW_CHECK_BURST), jobs: [] };
}

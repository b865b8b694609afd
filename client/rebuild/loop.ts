import { dueAt } from "./journal.ts";
import type { Journal, Row } from "./journal.ts";

/** Something to rebuild. */
export interface Job {
  /** What it is known by in the journal, one text for one thing for ever: a package URL. At most MAX_JOB_BYTES. */
  readonly id: string;
}

/** How the work on a job ended. What stops the others too (no node, a full disk) is thrown instead, and remembered of nobody. */
export type Outcome =
  /** For ever: it is not worked on again. */
  | { readonly state: "done" }
  /** It is tried again after a pause. `why` is a line. */
  | { readonly state: "failed"; readonly why: string };

/** What the work on one job is given. */
export interface Task {
  /** What an earlier run, which was ended before it delivered, kept of this job: that is to be delivered now, not made again. */
  readonly kept: readonly string[];
  /** Remembers files (envelopes to be published) before they are delivered; resolves when that is durable. MAX_JOB_KEPT at most. */
  keep(paths: readonly string[]): Promise<void>;
}

/** What the loop tells and asks. */
export interface LoopHooks<J extends Job> {
  /** Aborted: no other job begins, and a failure of the one under way, which `work` has to end by itself, is not remembered. */
  readonly signal: AbortSignal;
  /** ms since 1970. */
  readonly now: () => number;
  /** What failed is tried again now, whatever its pause. */
  readonly isImpatient?: boolean;
  readonly began?: (job: J) => void;
  /** `next`: when it is tried again, in ms since 1970; null = never. */
  readonly ended?: (job: J, outcome: Outcome, next: number | null) => void;
  /** Not worked on: done before, or its pause is not over. */
  readonly skipped?: (job: J, row: Row, next: number | null) => void;
}

/** One way through the jobs. */
export interface Tally {
  readonly done: number;
  readonly failed: number;
  /** Done before. */
  readonly known: number;
  /** Failed before, and their pauses are not over. */
  readonly waiting: number;
  /** When the first of those that failed, now or before, is tried again; null = nothing waits. */
  readonly next: number | null;
  readonly interrupted: boolean;
}

/**
 * Works jobs off one after the other, in their order: what is done is left out, what failed is tried again after a pause that grows. A job
 * is remembered when its work has ended; one that was ended with the process begins anew, or, where it had kept what it gave, ends by
 * delivering that. Rejects with what `work`, `jobs` or the journal throw: the jobs before are remembered.
 */
export async function workOff<J extends Job>(
  jobs: AsyncIterable<J> | Iterable<J>,
  journal: Journal,
  work: (job: J, task: Task) => Promise<Outcome>,
  hooks: LoopHooks<J>,
): Promise<Tally> {
  const { signal, now } = hooks;
  const tally = { done: 0, failed: 0, known: 0, waiting: 0 };
  let next: number | null = null;
  const waits = (until: number): void => void (next = Math.min(next ?? until, until));
  for await (const job of jobs) {
    if (signal.aborted) break;
    const row = journal.row(job.id);
    if (row?.state === "done") {
      tally.known++;
      hooks.skipped?.(job, row, null);
      continue;
    }
    if (row !== null && hooks.isImpatient !== true && isWaiting(row, now())) {
      tally.waiting++;
      waits(dueAt(row));
      hooks.skipped?.(job, row, dueAt(row));
      continue;
    }
    hooks.began?.(job);
    const outcome = await work(job, taskOf(job, row, journal, now));
    // What failed may have done so because it was ended.
    if (signal.aborted && outcome.state === "failed") break;
    const after = rowAfter(outcome, row, now());
    await journal.set(job.id, after);
    tally[outcome.state]++;
    if (outcome.state === "failed") waits(dueAt(after));
    hooks.ended?.(job, outcome, outcome.state === "failed" ? dueAt(after) : null);
  }
  return { ...tally, next, interrupted: signal.aborted };
}

/** A failure of the future was written by a clock that was wrong. */
function isWaiting(row: Row, now: number): boolean {
  return row.state === "failed" && row.at <= now && now < dueAt(row);
}

function taskOf(job: Job, row: Row | null, journal: Journal, now: () => number): Task {
  const tries = row?.tries ?? 0;
  return {
    kept: row?.kept ?? [],
    keep: (kept) => journal.set(job.id, { state: "kept", at: now(), tries, why: "", kept }),
  };
}

function rowAfter(outcome: Outcome, before: Row | null, at: number): Row {
  if (outcome.state === "done") return { state: "done", at, tries: 0, why: "", kept: [] };
  return { state: "failed", at, tries: (before?.tries ?? 0) + 1, why: outcome.why, kept: [] };
}

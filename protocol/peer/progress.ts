import {
  ASK_TIMEOUT_MS,
  MAX_SYNC_FAILURES,
  SLOW_SOURCE_MS,
  SLOW_SOURCE_TIMES,
  SYNC_RETRY_MS,
  WITHHELD_AFTER_MS,
} from "../limits.ts";
import { Rests } from "./rests.ts";
import type { PeerName } from "./types.ts";

/** How it goes with fetching what is missing of one feed. */
export interface Progress {
  asking: boolean;
  notBefore: number;
  /** Failures in a row, and when the first of them was. */
  failures: number;
  failingSince: number;
  /** Failures by which the head is chosen towards which entries are fetched: one that is served is kept to. */
  turns: number;
  /** Who sent the newest head without its entries, until it is asked for them (RULES R8). */
  sender: PeerName | null;
  /** Asked last, and when. */
  last: PeerName | null;
  askedAt: number;
  /** ms that a source has for its answer while there are others. */
  patience: number;
  /** Who is left alone. */
  readonly rests: Rests;
  /** Its last answer was good. */
  serving: boolean;
  /** Up to here entries are fetched page by page: a bundle was not to be had in one answer. */
  pagedTo: number;
}

export function freshProgress(): Progress {
  return {
    asking: false,
    notBefore: 0,
    failures: 0,
    failingSince: 0,
    turns: 0,
    sender: null,
    last: null,
    askedAt: 0,
    patience: SLOW_SOURCE_MS,
    rests: new Rests(),
    serving: false,
    pagedTo: 0,
  };
}

/**
 * What was asked for last has come: as much as an answer takes, or less, which is all that this source has. Who gives little, or slowly, is not
 * kept to.
 */
export function served(progress: Progress, isFull: boolean, now: number): void {
  const { rests, askedAt, last } = progress;
  const took = now - askedAt;
  progress.patience = Math.min(ASK_TIMEOUT_MS, Math.max(SLOW_SOURCE_MS, SLOW_SOURCE_TIMES * took));
  progress.serving = isFull && took < SLOW_SOURCE_MS;
  if (last === null) return;
  if (progress.serving) rests.served(last);
  else rests.lagged(last, now);
}

/**
 * One more failure: what is missing is asked for again after a pause, or at once where somebody else can be. Where time was too short the next
 * one has twice as much: perhaps nobody is faster.
 */
export function failed(progress: Progress, isElsewhere: boolean, now: number): void {
  if (progress.failures++ === 0) progress.failingSince = now;
  if (now - progress.askedAt >= progress.patience)
    progress.patience = Math.min(ASK_TIMEOUT_MS, 2 * progress.patience);
  progress.serving = false;
  progress.turns++;
  const pause = SYNC_RETRY_MS * Math.min(progress.failures, MAX_SYNC_FAILURES);
  progress.notBefore = isElsewhere ? now : now + pause;
}

/** Whether it has gone on like that for so long that what is missing counts as withheld (RULES R18). */
export function isFailing({ failures, failingSince }: Progress, now: number): boolean {
  return failures >= MAX_SYNC_FAILURES && now - failingSince >= WITHHELD_AFTER_MS;
}

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
  /** Asked last: another one is asked after a failure. */
  last: PeerName | null;
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
    serving: false,
    pagedTo: 0,
  };
}

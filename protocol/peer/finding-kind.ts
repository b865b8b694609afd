/**
 * What there is to find (spec/peer.md, "Findings"). The first four bear evidence that anybody checks; the others are what this peer saw, and nothing
 * proves them to somebody else.
 */
export const FINDING_KINDS = [
  "contradiction",
  "self-contradiction",
  "fork",
  "bad-leaf",
  "withheld",
  "silent",
  "stale",
  "rollback",
  "own-elsewhere",
  "refuted",
] as const;

export type FindingKind = (typeof FINDING_KINDS)[number];

/** A finding without evidence. */
export type ObservationKind = Exclude<
  FindingKind,
  "contradiction" | "self-contradiction" | "fork" | "bad-leaf"
>;

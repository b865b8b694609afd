import type { AlertKind } from "./types.ts";

/** All kinds, in the order of their table in spec/alerts.md. */
export const ALERT_KINDS: readonly AlertKind[] = [
  "contradiction",
  "disagreement",
  "self-contradiction",
  "fork",
  "bad-leaf",
  "withheld",
  "silent",
  "stale",
  "rollback",
  "own-elsewhere",
  "refuted",
  "unreproduced",
  "unexpected-release",
  "unknown-key",
  "revoked-key",
  "removed-key",
];

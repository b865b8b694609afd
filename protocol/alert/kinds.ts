import { FINDING_KINDS } from "../peer/index.ts";
import type { FindingKind } from "../peer/index.ts";

/** What no node finds: it is evidence that names it so, or a watcher that misses or did not expect it by its policy. */
const OF_WATCHERS = [
  /** A contradiction between two keys, as its evidence names it. */
  "disagreement",
  /** A publisher's entry that no quorum rebuilt in time. */
  "unreproduced",
  /** A publisher's entry with no signed tag or statement of a release behind it. */
  "unexpected-release",
  /** Somebody signs whom the policy does not name where it expects its own. */
  "unknown-key",
  /** A key signs on that the policy has revoked. */
  "revoked-key",
  /** A trust domain took a key away on which verdicts rest. */
  "removed-key",
] as const;

/** What an alert may be about. */
export type AlertKind = FindingKind | (typeof OF_WATCHERS)[number];

export const ALERT_KINDS: readonly AlertKind[] = [...FINDING_KINDS, ...OF_WATCHERS];

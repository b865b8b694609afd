import type { Policy } from "../../protocol/index.ts";
import type { FindingFeed } from "../edges.ts";
import { alertOf, concerns, isAbout } from "./alert.ts";
import type { Alert } from "./alert.ts";

export interface FollowOptions {
  /** Only what concerns their builders, as they are at that moment; null = everything. */
  readonly policies: () => readonly Policy[] | null;
  /** Only what concerns these packages, as they are at a time (ms since 1970) or later, or feeds; null = everything. */
  readonly installed: ((time: number) => Promise<ReadonlySet<string>>) | null;
  /** Findings after this number … */
  readonly afterNumber: number;
  /** … and found at this time or later, ms since 1970. */
  readonly fromTime: number;
  readonly signal: AbortSignal;
  /** Told of each number that was looked at, when there is nothing more to be done about it. */
  readonly passed?: (number: number) => void;
  /** Told of findings whose evidence does not hold. */
  readonly refused: (number: number) => void;
}

/** Alerts as they come, for ever or until the signal; each is checked here by its own evidence. */
export async function* follow(feed: FindingFeed, options: FollowOptions): AsyncGenerator<Alert> {
  const { afterNumber, fromTime, signal, passed } = options;
  for await (const finding of feed.findings(afterNumber, signal)) {
    if (finding.time >= fromTime) {
      const alert = await alertOf(finding);
      if (alert === null) options.refused(finding.number);
      else if (await isWanted(alert, options)) yield alert;
    }
    passed?.(finding.number);
  }
}

async function isWanted(alert: Alert, { policies, installed }: FollowOptions): Promise<boolean> {
  const all = policies();
  if (all !== null && !all.some((policy) => concerns(policy, alert))) return false;
  return installed === null || isAbout(await installed(alert.time), alert);
}

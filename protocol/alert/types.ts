import type { Acknowledged } from "../peer/index.ts";
import type { AlertKind } from "./kinds.ts";

export type Severity = "info" | "warning" | "critical";

/** From the least to the worst. */
export const SEVERITIES: readonly Severity[] = ["info", "warning", "critical"];

/** What one key says of a target. */
export interface Voice {
  /** `signerOf` its key: its name. */
  readonly signer: string;
  /** 64 hex digits. */
  readonly sha256: string;
  /** Its signer took it back (RULES R17): it stays visible, and does not count. */
  readonly withdrawn: boolean;
}

/** What an alert is about, where it is about a package. */
export interface AlertTarget {
  readonly purl: string;
  readonly file: string;
  /** Its key, 64 hex digits. */
  readonly key: string;
}

/** One report of a matter: a finding, or what a watcher worked out. Nothing of it is checked here. */
export interface Matter {
  readonly kind: AlertKind;
  /** Id of the finding, 64 hex digits. */
  readonly id: string;
  /** Number of the finding at the node that told of it; 0 = it is none of a node. */
  readonly number: number;
  /** Raw keys or SPKI of whom it concerns. */
  readonly keys: readonly Uint8Array[];
  readonly target: AlertTarget | null;
  readonly step: string | null;
  /** ms since 1970. */
  readonly time: number;
  /** Recorded inputs or environments differ, which may explain it. */
  readonly difference: boolean;
  /** What is known of who says what of the target: of the evidence, and of others beside it. */
  readonly voices: readonly Voice[];
  /** It is over: a feed is heard of again, an entry was rebuilt. */
  readonly ended: boolean;
}

/** What is told apart of an alert that was told of before. */
export type Change =
  | "new"
  /** Another builder, or another result, joined it. */
  | "joined"
  /** It weighs more than when it was told last, or was acknowledged. */
  | "worse"
  /** It was over, and began again. */
  | "again"
  /** A claim was taken back. */
  | "taken-back"
  | "ended"
  | "acknowledged";

/** One alert: all reports of one matter. The same reports in any order give the same alert, but for what was told of it. */
export interface BookedAlert {
  /** Of the matter: stable, 64 hex digits. */
  readonly id: string;
  readonly kind: AlertKind;
  /** Ids of its findings, the smallest MAX_ALERT_FINDINGS. */
  readonly findings: readonly string[];
  /** The largest number among its findings. */
  readonly number: number;
  /** The smallest MAX_ALERT_VOICES, sorted. */
  readonly signers: readonly string[];
  readonly target: AlertTarget | null;
  readonly step: string | null;
  /** ms since 1970 of the first report that it goes on, and of the newest. */
  readonly since: number;
  readonly time: number;
  /** All its reports state a difference of inputs or environments. */
  readonly difference: boolean;
  /** The smallest MAX_ALERT_VOICES, sorted. */
  readonly voices: readonly Voice[];
  /** ms since 1970 of the newest report that it is over: it is unless it went on after that. */
  readonly endedAt: number | null;
  readonly acknowledged: Acknowledged | null;
  /** What it weighed when it was told of last; null = nobody was told of it. */
  readonly told: Severity | null;
}

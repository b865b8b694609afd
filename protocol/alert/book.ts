/**
 * The book of alerts: what was found of what, and what somebody was told of it. The same matter is told once, and again only when it
 * changed. It owns no clock: `now` comes with every call, in ms since 1970.
 */
import { MAX_BOOKED_ALERTS } from "../limits.ts";
import type { Acknowledged } from "../peer/index.ts";
import type { Policy } from "../policy/index.ts";
import { alertOfMatter, matterId, mergeAlerts } from "./merge.ts";
import { isWorse, severityOf } from "./severity.ts";
import { isEnded, isOver, stateOf } from "./state.ts";
import { CALM, Storm } from "./storm.ts";
import type { Digest, StormState } from "./storm.ts";
import type { BookedAlert, Change, Matter, Severity } from "./types.ts";
import { SEVERITIES } from "./types.ts";

/** What somebody is to be told. */
export type AlertEvent =
  | {
      readonly event: "alert";
      readonly change: Change;
      readonly severity: Severity;
      readonly alert: BookedAlert;
    }
  | { readonly event: "digest"; readonly digest: Digest };

/** By whose policy (null = none) and when, ms since 1970. */
export interface Circumstances {
  readonly policy: Policy | null;
  readonly now: number;
}

export interface BookState {
  /** Number of the last finding that it knows of. */
  readonly number: number;
  /** Those that changed last come last. */
  readonly alerts: readonly BookedAlert[];
  readonly storm: StormState;
}

export class AlertBook {
  readonly #alerts: Map<string, BookedAlert>;
  readonly #storm: Storm;
  #number: number;

  constructor({ number, alerts, storm }: BookState = { number: 0, alerts: [], storm: CALM }) {
    this.#number = number;
    this.#alerts = new Map(alerts.map((alert) => [alert.id, alert]));
    this.#storm = new Storm(storm);
  }

  get state(): BookState {
    return { number: this.#number, alerts: [...this.#alerts.values()], storm: this.#storm.state };
  }

  get size(): number {
    return this.#alerts.size;
  }

  /** Whether it knows the alert with this id. */
  has(id: string): boolean {
    return this.#alerts.has(id);
  }

  get number(): number {
    return this.#number;
  }

  /** When `tick` has something to tell, ms since 1970; null = nothing waits. */
  get due(): number | null {
    return this.#storm.due;
  }

  /** The alert that a report belongs to; null where there is none yet. */
  alertOf(matter: Pick<Matter, "kind" | "keys" | "target" | "step">): BookedAlert | null {
    return this.#alerts.get(matterId(matter)) ?? null;
  }

  /** Those that were told of and go on, the newest changes last. */
  open({ policy, now }: Circumstances): readonly BookedAlert[] {
    return [...this.#alerts.values()].filter(
      (alert) => alert.told !== null && stateOf(alert, policy, now) === "open",
    );
  }

  /** All findings up to this number were looked at. */
  passed(number: number): void {
    this.#number = Math.max(this.#number, number);
  }

  /** Takes a report, and answers with what is to be told of it: nothing where it says nothing new, or goes into a digest. */
  update(matter: Matter, circumstances: Circumstances): readonly AlertEvent[] {
    this.passed(matter.number);
    const before = this.#alerts.get(matterId(matter)) ?? null;
    const report = alertOfMatter(matter);
    const alert = before === null ? report : mergeAlerts(before, report);
    const severity = severityOf(alert, circumstances.policy, circumstances.now);
    const change = changeOf(before, alert, severity, circumstances);
    if (change === null) {
      this.#put(alert);
      return [];
    }
    const forgotten = change === "worse" || change === "again" ? null : alert.acknowledged;
    const told: BookedAlert = { ...alert, told: severity, acknowledged: forgotten };
    this.#put(told);
    if (this.#storm.admits(told.kind, matter.time))
      return [{ event: "alert", change, severity, alert: told }];
    this.#storm.collect(told, severity, circumstances);
    return this.tick(circumstances.now);
  }

  /** Somebody has seen to one of an alert's findings: until it is worse than now, nobody is told of it again. */
  acknowledge(id: string, acknowledged: Acknowledged, { policy, now }: Circumstances): readonly AlertEvent[] {
    const before = this.#alerts.get(id);
    if (before === undefined || before.acknowledged !== null) return [];
    const severity = severityOf(before, policy, now);
    const alert: BookedAlert = { ...before, acknowledged, told: severity };
    this.#put(alert);
    return [{ event: "alert", change: "acknowledged", severity, alert }];
  }

  /** The digest, where one is due. */
  tick(now: number): readonly AlertEvent[] {
    const digest = this.#storm.take(now);
    return digest === null ? [] : [{ event: "digest", digest }];
  }

  #put(alert: BookedAlert): void {
    this.#alerts.delete(alert.id);
    this.#alerts.set(alert.id, alert);
    if (this.#alerts.size > MAX_BOOKED_ALERTS) this.#forgetSome(alert.id);
  }

  /** A tenth of them, the lightest, of those the ones that changed first; what somebody has seen to, or nobody was told of, weighs nothing. */
  #forgetSome(kept: string): void {
    const all = [...this.#alerts.values()].filter(({ id }) => id !== kept);
    all.sort((a, b) => weightOf(a) - weightOf(b));
    for (const { id } of all.slice(0, MAX_BOOKED_ALERTS / 10)) this.#alerts.delete(id);
  }
}

function weightOf({ told, acknowledged, time, endedAt }: BookedAlert): number {
  return told === null || acknowledged !== null || isEnded({ time, endedAt }) ? -1 : SEVERITIES.indexOf(told);
}

/** What is new of an alert; null = nothing that anybody is to be told of. */
function changeOf(
  before: BookedAlert | null,
  alert: BookedAlert,
  severity: Severity,
  { policy, now }: Circumstances,
): Change | null {
  const over = isOver(alert, policy, now);
  if (before === null || before.told === null) return over ? null : "new";
  const wasOver = isOver(before, policy, now);
  if (wasOver && !over) return "again";
  if (!over && isWorse(severity, before.told)) return "worse";
  if (alert.acknowledged !== null || (wasOver && over)) return null;
  if (withdrawn(alert) > withdrawn(before)) return "taken-back";
  if (over) return "ended";
  return alert.voices.length > before.voices.length || alert.signers.length > before.signers.length
    ? "joined"
    : null;
}

function withdrawn({ voices }: BookedAlert): number {
  return voices.filter((voice) => voice.withdrawn).length;
}

/** Alerts as lines: one for each finding, with what is known of the matter by then. */
import { AlertBook, isWorse, severityOf } from "../../protocol/index.ts";
import type { Policy, Severity } from "../../protocol/index.ts";
import type { Alert } from "./alert.ts";
import { lineObject, matterOfAlert } from "./told.ts";

export class LineBook {
  readonly #book = new AlertBook();
  readonly #least: Severity;

  /** What weighs less than `least` has no line. */
  constructor(least: Severity) {
    this.#least = least;
  }

  /** One line of `samebits watch` (protocol/spec/alert.schema.json), by the policy as it is at `now`; null = it weighs too little. */
  object(alert: Alert, policy: Policy | null, now: number): object | null {
    const matter = matterOfAlert(alert);
    const before = this.#book.alertOf(matter);
    const [event] = this.#book.update(matter, { policy, now });
    const booked = this.#book.alertOf(matter);
    if (booked === null) return null;
    const severity = severityOf(booked, policy, now);
    if (isWorse(this.#least, severity)) return null;
    const change = event?.event === "alert" ? event.change : before === null ? "new" : "joined";
    const known = { ...booked, acknowledged: alert.acknowledged };
    return lineObject(alert, { alert: known, change, severity }, { policy, now });
  }
}

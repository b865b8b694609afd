/** The alerts that a node's findings come to, as they stand now. */
import { AlertBook, alertWords, severityOf, stateOf, writeEvidence } from "../../protocol/index.ts";
import type { AlertState, BookedAlert, Policy, Severity } from "../../protocol/index.ts";
import type { NotedFinding } from "../edges.ts";
import { alertObject, alertOf } from "./alert.ts";
import { matterOfAlert, toldOf } from "./told.ts";

export interface ListedAlert {
  /** Id of the finding by which it is shown and acknowledged. */
  readonly id: string;
  readonly severity: Severity;
  readonly state: AlertState;
  readonly headline: string;
  readonly sentences: readonly string[];
  readonly check: string | null;
  /** Who has seen to it, in words; null = nobody. */
  readonly note: string | null;
  /** What is proven, in words; nothing of what a node merely observed. */
  readonly text: readonly string[];
  /** The evidence file of its newest finding, MAX_EVIDENCE_BYTES at most; null without a proof. */
  readonly evidence: Uint8Array | null;
  /** protocol/spec/alert.schema.json */
  readonly object: object;
}

interface Newest {
  readonly alert: BookedAlert;
  readonly finding: NotedFinding;
}

/** Takes findings one after the other; what does not hold is left out. It keeps as many alerts as a book of alerts does. */
export class AlertList {
  readonly #policy: Policy | null;
  readonly #now: number;
  readonly #book = new AlertBook();
  readonly #newest = new Map<string, NotedFinding>();

  constructor(policy: Policy | null, now: number) {
    this.#policy = policy;
    this.#now = now;
  }

  async take(finding: NotedFinding): Promise<void> {
    const alert = await alertOf(finding);
    if (alert === null) return;
    const by = { policy: this.#policy, now: this.#now };
    const matter = matterOfAlert(alert);
    this.#book.update(matter, by);
    const booked = this.#book.alertOf(matter);
    if (booked === null) return;
    if (alert.acknowledged !== null) this.#book.acknowledge(booked.id, alert.acknowledged, by);
    this.#newest.set(booked.id, finding);
    for (const id of this.#newest.keys()) {
      if (this.#newest.size <= this.#book.size) break;
      if (!this.#book.has(id)) this.#newest.delete(id);
    }
  }

  /** Those that changed last come last. */
  async all(): Promise<readonly ListedAlert[]> {
    const listed: ListedAlert[] = [];
    for (const alert of this.#book.state.alerts) {
      const finding = this.#newest.get(alert.id);
      if (finding !== undefined) listed.push(await this.#listed({ alert, finding }));
    }
    return listed;
  }

  async #listed({ alert, finding }: Newest): Promise<ListedAlert> {
    const by = { policy: this.#policy, now: this.#now };
    const severity = severityOf(alert, by.policy, by.now);
    const found = await alertOf(finding);
    const base = found === null ? null : alertObject(found, by.policy, by.now);
    const told = toldOf({ event: "alert", change: "new", severity, alert }, base, by);
    const evidence = found?.evidence ?? null;
    return {
      ...alertWords(alert, by.policy, by.now),
      id: finding.id,
      severity,
      state: stateOf(alert, by.policy, by.now),
      note: alert.acknowledged?.note ?? null,
      text: found?.text ?? [],
      evidence: evidence === null ? null : writeEvidence(evidence),
      object: JSON.parse(told.line) as object,
    };
  }
}

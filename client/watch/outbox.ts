/**
 * One sink's way: findings from its own cursor on, the book that says what is news of them, and deliveries that are tried until they are
 * taken. The node's findings are the queue, read as they are wanted: a sink that is down costs nothing but its file, and delays no other.
 */
import { AlertBook, fromHex, isWorse, keyOfSigner } from "../../protocol/index.ts";
import type { AlertEvent, BookedAlert, Matter, Policy, Severity } from "../../protocol/index.ts";
import type { Sink, Told } from "../edges.ts";
import { uptimeMs } from "../uptime.ts";
import { wait } from "../wait.ts";
import type { Alert } from "./alert.ts";
import { alertObject } from "./alert.ts";
import type { Looks } from "./look.ts";
import { MAX_WAITING, readOutbox, writeOutbox } from "./outbox-file.ts";
import { pauseAfter } from "./pause.ts";
import { NotTaken } from "./sinks/index.ts";
import { matterOfAlert, toldOf } from "./told.ts";

export interface OutboxOptions {
  readonly path: string;
  /** What weighs less is not told. */
  readonly least: Severity;
  /** Alerts after a number, as `follow` gives them, and `passed` with each number that was looked at. */
  readonly alerts: (from: Begin, passed: (number: number) => void) => AsyncGenerator<Alert>;
  /** Where an outbox that never was begins. */
  readonly first: Begin;
  /** By which policy an alert is weighed. */
  readonly policyOf: (keys: readonly Uint8Array[] | null) => Policy | null;
  /** What else the node knows of an alert; null = nothing can be asked. */
  readonly looks: Looks | null;
  /** ms between two looks at what goes on. */
  readonly lookMs: number;
  readonly signal: AbortSignal;
  /** Told of what went wrong; it is tried again. */
  readonly failed: (error: unknown) => void;
}

/** From where on findings are read. */
export interface Begin {
  readonly afterNumber: number;
  /** Found at this time or later, ms since 1970. */
  readonly fromTime: number;
}

/** What is passed without news is written down so much later: after a restart it is merely read again. */
const SAVE_MS = 2_000;

type Turn = "finding" | "time" | "offer" | "over";

export class Outbox {
  readonly #sink: Sink;
  readonly #options: OutboxOptions;
  readonly #book: AlertBook;
  #waiting: readonly Told[];
  // By a clock that is never set: only what a book has is of the time of day.
  #dirtySince: number | null = null;
  #lookAt: number;
  #repeatAt: number;
  readonly #fromTime: number;
  #wake: () => void = () => undefined;
  #saved: Promise<void> = Promise.resolve();
  /** The save that has not begun yet. */
  #next: Promise<void> | null = null;

  /** Throws `watch/bad-outbox`. */
  constructor(sink: Sink, options: OutboxOptions) {
    this.#sink = sink;
    this.#options = options;
    const before = readOutbox(options.path);
    this.#book = before?.book ?? new AlertBook();
    if (before === null) this.#book.passed(options.first.afterNumber);
    this.#fromTime = before === null ? options.first.fromTime : 0;
    this.#waiting = before?.waiting ?? [];
    this.#lookAt = uptimeMs() + options.lookMs;
    this.#repeatAt = uptimeMs() + (sink.repeat?.everyMs ?? Infinity);
  }

  /**
   * What comes from elsewhere than from a node's findings. `base`: its JSON object, as far as it is known. When it resolves, it outlives this
   * process. Rejects with `output/cannot-write`.
   */
  async offer(matter: Matter, base: object | null): Promise<void> {
    this.#take(this.#book.update(matter, this.#by(matter.keys)), base);
    await this.#save();
    this.#wake();
  }

  /** Until the signal. Rejects with what the feed of findings rejects with, or where its file can't be written. */
  async run(): Promise<void> {
    const { signal } = this.#options;
    const passed = (number: number): void => {
      this.#book.passed(number);
      this.#dirtySince ??= uptimeMs();
    };
    const from = { afterNumber: this.#book.number, fromTime: this.#fromTime };
    const findings = this.#options.alerts(from, passed);
    let next: Promise<IteratorResult<Alert, unknown>> | null = null;
    while (!signal.aborted) {
      await this.#tellAll();
      if (signal.aborted) break;
      next ??= findings.next();
      const turn = await this.#turn(next);
      if (turn === "over") break;
      if (turn === "finding") {
        const found = await next;
        next = null;
        if (found.done === true) break;
        await this.#found(found.value);
      } else if (turn === "time") await this.#onTime();
    }
    if (this.#waiting.length === 0 || this.#dirtySince !== null) await this.#save();
  }

  /** What comes first. */
  async #turn(next: Promise<unknown>): Promise<Turn> {
    const { signal } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<Turn>();
    const over = (): void => resolve("over");
    next.then(() => resolve("finding"), reject);
    this.#wake = () => resolve("offer");
    signal.addEventListener("abort", over, { once: true });
    const times = [this.#lookAt, this.#repeatAt];
    if (this.#dirtySince !== null) times.push(this.#dirtySince + SAVE_MS);
    const waitMs = Math.min(Math.min(...times) - uptimeMs(), (this.#book.due ?? Infinity) - Date.now());
    const timer = setTimeout(() => resolve("time"), Math.max(0, waitMs));
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", over);
    }
  }

  async #found(alert: Alert): Promise<void> {
    const { looks, signal } = this.#options;
    const matter = matterOfAlert(alert);
    const by = this.#by(alert.keys);
    const id = this.#book.alertOf(matter)?.id;
    // Whoever has seen to it need not hear that more joined it.
    if (id !== undefined) await this.#askWhoHasSeen([id]);
    const events = this.#book.update(matter, by);
    const [event] = events;
    if (alert.acknowledged !== null && event?.event === "alert") {
      const seen = this.#book.acknowledge(event.alert.id, alert.acknowledged, by);
      this.#take(this.#sink.wantsAll ? [...events, ...seen] : [], alertObject(alert, by.policy, by.now));
      return;
    }
    this.#take(events, alertObject(alert, by.policy, by.now));
    // Others may agree with one of the two: then it is known who stands alone. In a storm nobody is asked.
    if (looks === null || event?.event !== "alert" || matter.target === null) return;
    await this.#tellAll();
    if (signal.aborted) return;
    for (const more of await looks.pictures([event.alert], by.policy))
      this.#take(this.#book.update(more, this.#by(more.keys)), null);
  }

  /** Digests that are due, looks at what goes on, and what must be said again. */
  async #onTime(): Promise<void> {
    const { looks, lookMs, signal, failed } = this.#options;
    const now = uptimeMs();
    this.#take(this.#book.tick(Date.now()), null);
    if (now >= this.#lookAt) {
      const open = this.#book.open(this.#by(null));
      if (looks !== null && open.length > 0) {
        await this.#askWhoHasSeen(open.map(({ id }) => id));
        for (const more of await looks.news(open, this.#by(null).policy))
          this.#take(this.#book.update(more, this.#by(more.keys)), null);
      }
      this.#lookAt = uptimeMs() + lookMs;
    }
    const { repeat } = this.#sink;
    if (repeat !== null && now >= this.#repeatAt) {
      const by = this.#by(null);
      const open = this.#book.open(by).flatMap((alert): readonly Told[] => {
        const severity = alert.told ?? "info";
        return this.#isHeavy(severity)
          ? [toldOf({ event: "alert", change: "new", severity, alert }, null, by)]
          : [];
      });
      if (open.length > 0) await repeat.say(open, signal).catch(failed);
      this.#repeatAt = uptimeMs() + repeat.everyMs;
    }
    if (this.#dirtySince !== null && uptimeMs() >= this.#dirtySince + SAVE_MS) await this.#save();
  }

  async #askWhoHasSeen(ids: readonly string[]): Promise<void> {
    const { looks } = this.#options;
    if (looks === null) return;
    const by = this.#by(null);
    const known = this.#book.state.alerts.filter(
      ({ id, acknowledged }) => ids.includes(id) && acknowledged === null,
    );
    for (const { id, acknowledged } of await looks.acknowledged(known)) {
      const events = this.#book.acknowledge(id, acknowledged, by);
      this.#take(this.#sink.wantsAll ? events : [], null);
    }
  }

  #take(events: readonly AlertEvent[], base: object | null): void {
    this.#dirtySince ??= uptimeMs();
    for (const event of events) {
      const by = this.#by(event.event === "alert" ? keysOf(event.alert) : null);
      const told = toldOf(event, base, by);
      if (this.#isHeavy(told.severity) || told.change === "ended" || told.change === "taken-back")
        this.#waiting = [...this.#waiting, told].slice(-MAX_WAITING);
    }
  }

  #isHeavy(severity: Severity): boolean {
    return !isWorse(this.#options.least, severity);
  }

  /** All that waits, in order; each is tried until it is taken. What waits is on the disk before it is tried, and gone from it after. */
  async #tellAll(): Promise<void> {
    const { signal, failed } = this.#options;
    if (this.#waiting.length > 0) await this.#save();
    let failures = 0;
    while (!signal.aborted) {
      const [told] = this.#waiting;
      if (told === undefined) return;
      try {
        await this.#sink.deliver(told, signal);
      } catch (error) {
        if (signal.aborted) return;
        failures++;
        failed(error);
        await wait(pauseAfter(failures, error instanceof NotTaken ? error.askedMs : null), signal);
        continue;
      }
      failures = 0;
      this.#waiting = this.#waiting.filter((one) => one !== told);
      await this.#save();
    }
  }

  /** One after the other, each what there is by then: who comes while one waits its turn waits for the same. */
  #save(): Promise<void> {
    this.#dirtySince = null;
    this.#next ??= this.#saved.then(() => {
      this.#next = null;
      return writeOutbox(this.#options.path, { book: this.#book, waiting: this.#waiting });
    });
    this.#saved = this.#next.catch(() => undefined);
    return this.#next;
  }

  #by(keys: readonly Uint8Array[] | null): { readonly policy: Policy | null; readonly now: number } {
    return { policy: this.#options.policyOf(keys), now: Date.now() };
  }
}

function keysOf({ signers }: BookedAlert): readonly Uint8Array[] {
  return signers.flatMap((signer) => keyOfSigner(signer) ?? []).map((hex) => fromHex(hex));
}

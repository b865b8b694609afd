import type { Policy } from "../../protocol/index.ts";
import type { Policies } from "../policy-file.ts";
import { concerns } from "../watch/index.ts";
import type { Alert } from "../watch/index.ts";
import { markOf } from "./beginning.ts";
import type { Printer } from "./print.ts";

/** For whose builders `watch` looks: the policies as they are, read again whenever a trust domain may say something else. */
export class Watched {
  readonly #read: () => Promise<Policies | null>;
  readonly #printer: Printer;
  #now: Policies | null;
  #mark: string;
  #told: (policies: Policies | null) => void = () => {};
  #changed: () => void = () => {};
  #complaint = "";

  /** `now`: what was read first. */
  constructor(read: () => Promise<Policies | null>, now: Policies | null, printer: Printer) {
    this.#read = read;
    this.#now = now;
    this.#mark = markOf(now);
    this.#printer = printer;
    this.complain(now?.problem);
  }

  get now(): Policies | null {
    return this.#now;
  }

  /** Null = whatever there is. */
  get policies(): readonly Policy[] | null {
    return this.#now?.all.map(({ policy }) => policy) ?? null;
  }

  /** The policy whose builders an alert concerns. */
  concernedBy(alert: Alert): Policy | null {
    return this.policies?.find((policy) => concerns(policy, alert)) ?? null;
  }

  /** The policy that has a builder with one of these keys; null = whichever comes first. */
  concernedWith(keys: readonly Uint8Array[] | null): Policy | null {
    const [first = null] = this.policies ?? [];
    return this.policies?.find((policy) => keys !== null && concerns(policy, { keys })) ?? first;
  }

  /** Tells of what is known, at once and whenever it was read again. */
  onRead(told: (policies: Policies | null) => void): void {
    this.#told = told;
    told(this.#now);
  }

  /** Tells once when other builders or places are named than now. */
  onChange(changed: () => void): void {
    this.#mark = markOf(this.#now);
    this.#changed = changed;
  }

  /** What can't be read now is no reason to forget what was known. */
  async renew(): Promise<void> {
    try {
      this.#now = (await this.#read()) ?? this.#now;
    } catch (error) {
      this.complain(error);
      return;
    }
    this.complain(this.#now?.problem);
    this.#told(this.#now);
    const mark = markOf(this.#now);
    if (mark === this.#mark) return;
    this.#mark = mark;
    this.#changed();
  }

  /** Something else that failed, unless it is what was complained of. */
  failed(error: unknown): void {
    if (!(error instanceof Error && error.message === this.#complaint)) this.#printer.failure(error);
  }

  /** Every time the same is told once. */
  complain(error: unknown): void {
    const words = error instanceof Error ? error.message : "";
    if (words !== "" && words !== this.#complaint) this.#printer.failure(error);
    this.#complaint = words;
  }
}

import { counted } from "../../../protocol/index.ts";
import type { Printer } from "../print.ts";

/** What has come about so far. */
export interface Counts {
  processes: number;
  attestations: number;
  reproduced: number;
  contradicted: number;
  pending: number;
  alerts: number;
}

/** What the demo says, and below it a live count: redrawn on a terminal, else a line of its own whenever it changed. */
export class Tally {
  readonly counts: Counts = {
    processes: 0,
    attestations: 0,
    reproduced: 0,
    contradicted: 0,
    pending: 0,
    alerts: 0,
  };
  readonly #printer: Printer;
  readonly #live: boolean;

  constructor(printer: Printer) {
    this.#printer = printer;
    this.#live = process.stdout.isTTY && !printer.json;
  }

  /** One line of what happens. */
  say(line: string): void {
    if (this.#printer.json) return this.#printer.object({ samebits: 1, event: "step", text: line });
    if (this.#live) process.stdout.write("\r\u001b[K");
    this.#printer.data(line);
    if (this.#live) process.stdout.write(this.#line());
  }

  /** Counts, and shows it. */
  add(what: keyof Counts, by: number = 1): void {
    this.counts[what] += by;
    if (this.#live) process.stdout.write(`\r\u001b[K${this.#line()}`);
  }

  /** The count as a line that stays. */
  show(): void {
    if (this.#printer.json) return this.#printer.object({ samebits: 1, event: "tally", ...this.counts });
    if (this.#live) process.stdout.write("\r\u001b[K");
    this.#printer.data(`  [${this.#line()}]`);
  }

  #line(): string {
    const { processes, attestations, reproduced, contradicted, pending, alerts } = this.counts;
    return `${counted(processes, "process")} · ${counted(attestations, "attestation")} · ${reproduced} reproduced · ${contradicted} contradicted · ${pending} pending · ${counted(alerts, "alert")}`;
  }
}

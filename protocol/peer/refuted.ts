/**
 * Evidence that does not hold, sent to make a key look guilty that somebody here minds: told once for each sender and key, and of all senders together a
 * few an hour, as names of peers cost nothing. The finding accuses nobody: it says whom somebody tried to frame.
 */
import { toHex } from "../bytes/index.ts";
import { accusedIn } from "../evidence/index.ts";
import { MAX_REFUTED_NAMED, MAX_SEEN_EVIDENCE, REFUTED_PER_HOUR } from "../limits.ts";
import { Budget } from "./budget.ts";
import type { Context } from "./context.ts";
import type { Findings } from "./findings.ts";
import { Seen } from "./seen.ts";
import type { PeerName } from "./types.ts";

/** Its proof holds: it is written in another way, or about a feed of another network. */
const HOLDS: ReadonlySet<string> = new Set(["evidence/not-canonical", "checkpoint/other-network"]);

export class Refuted {
  readonly #ctx: Context;
  readonly #findings: Findings;
  /** By sender and key. */
  readonly #told = new Seen<true>(MAX_SEEN_EVIDENCE);
  readonly #budget = new Budget(REFUTED_PER_HOUR / 3_600, MAX_REFUTED_NAMED);

  constructor(ctx: Context, findings: Findings) {
    this.#ctx = ctx;
    this.#findings = findings;
  }

  /** Tells of octets that were checked as evidence and refused with `code`. */
  tell(bytes: Uint8Array, from: PeerName, code: string): void {
    const { turn, counters } = this.#ctx;
    if (HOLDS.has(code)) return;
    for (const key of accusedIn(bytes)) {
      const mark = `${from} ${toHex(key)}`;
      if (!this.#findings.concernsKey(key) || this.#told.has(mark)) continue;
      counters.add("evidence-refuted");
      if (!this.#budget.take(1, turn.steady)) return;
      this.#told.set(mark, true);
      this.#findings.observe("refuted", [key], from);
    }
  }
}

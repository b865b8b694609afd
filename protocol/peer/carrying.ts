/**
 * Trust domains that this machine has pinned, for others to fetch (DESIGN 4.5). Octets by domain and path, not looked into: whoever asks
 * walks the domain's roots by itself, and believes nobody.
 */
import { toHex } from "../bytes/index.ts";
import { ANSWER_FILL_BYTES, MAX_CARRIED_BYTES, PROVIDE_AGAIN_MS, PROVIDE_RETRY_MS } from "../limits.ts";
import type { TilesAnswer, TilesRequest } from "../wire/index.ts";
import type { Context } from "./context.ts";
import { domainKey } from "./domain-key.ts";
import { provideAt } from "./provide-at.ts";

/** A domain that is carried. */
interface Carried {
  readonly name: Uint8Array;
  /** By path. */
  readonly documents: ReadonlyMap<string, Uint8Array>;
  readonly octets: number;
  /** When the DHT is told next. */
  dueAt: number;
}

export class Carrying {
  readonly #ctx: Context;
  readonly #domains = new Map<string, Carried>();
  #octets = 0;
  #busy = false;

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  /** Carries these documents of a domain from now on, instead of others of it; none = the domain no more. False where there is no room. */
  carry(name: Uint8Array, documents: ReadonlyMap<string, Uint8Array>): boolean {
    const hex = toHex(name);
    const before = this.#domains.get(hex);
    const octets = [...documents.values()].reduce((sum, { length }) => sum + length, 0);
    this.#octets -= before?.octets ?? 0;
    this.#domains.delete(hex);
    if (documents.size === 0) return true;
    if (this.#octets + octets > MAX_CARRIED_BYTES) return false;
    this.#octets += octets;
    const dueAt = before?.dueAt ?? this.#ctx.turn.steady;
    this.#domains.set(hex, { name, documents, octets, dueAt });
    return true;
  }

  /** What stands there, from that octet on, as far as it fits. */
  answer({ domain, path, from }: Extract<TilesRequest, { kind: "domain" }>): TilesAnswer {
    const octets = this.#domains.get(toHex(domain))?.documents.get(path);
    if (octets === undefined || from > octets.length) return { blobs: [], next: 0, code: "peer/not-held" };
    const end = Math.min(octets.length, from + ANSWER_FILL_BYTES);
    const next = end === octets.length ? 0 : end;
    return { blobs: [octets.subarray(from, end)], next, code: "" };
  }

  /** Tells the DHT of the domain whose time has come, one after the other. */
  tick(): void {
    const { config, turn, peers } = this.#ctx;
    if (config.light || this.#busy || peers.count === 0) return;
    for (const carried of this.#domains.values()) {
      if (turn.steady < carried.dueAt) continue;
      this.#announce(carried);
      return;
    }
  }

  #announce(carried: Carried): void {
    const { config, turn, rng, counters } = this.#ctx;
    this.#busy = true;
    provideAt(turn, domainKey(config.network, carried.name), (isTold) => {
      this.#busy = false;
      if (isTold) counters.add("domains-provided");
      carried.dueAt = turn.steady + (isTold ? PROVIDE_AGAIN_MS * (0.75 + rng() / 4) : PROVIDE_RETRY_MS);
    });
  }
}

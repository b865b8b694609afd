/**
 * Sources of one feed that are left alone for a while, since they failed, lagged, lied or had no time. They lose nothing else: what they
 * gave alone proves nothing (RULES R7).
 */
import { MAX_BUSY_WAITS, MAX_RESTS, MAX_SOURCE_RESTS, SOURCE_BUSY_MS, SOURCE_REST_MS } from "../limits.ts";
import { Seen } from "./seen.ts";
import type { PeerName } from "./types.ts";

/** Codes of refusals that say: ask again. */
const BUSY: ReadonlySet<string> = new Set(["peer/busy", "peer/over-budget"]);

interface Rest {
  readonly until: number;
  /** In a row: failures, and refusals for want of time. */
  readonly failures: number;
  readonly waits: number;
}

const NONE: Rest = { until: 0, failures: 0, waits: 0 };

export class Rests {
  readonly #rests = new Seen<Rest>(MAX_RESTS);

  isResting(peer: PeerName, now: number): boolean {
    return now < this.#of(peer).until;
  }

  /** Whether its last question failed. */
  hasFailed(peer: PeerName): boolean {
    return this.#of(peer).failures > 0;
  }

  /** Whether it had no time for the last question, and is to be asked again. */
  isBusy(peer: PeerName): boolean {
    const { failures, waits } = this.#of(peer);
    return failures === 0 && waits > 0;
  }

  /** Whether a refusal with this code says no more than: ask again a little later. Several of them in a row are a failure. */
  waits(peer: PeerName, code: string, now: number): boolean {
    const { failures, waits } = this.#of(peer);
    if (!BUSY.has(code) || waits >= MAX_BUSY_WAITS) return false;
    this.#rests.set(peer, { until: now + SOURCE_BUSY_MS, failures, waits: waits + 1 });
    return true;
  }

  /** It gave nothing, or not what was asked for: it rests twice as long each time. */
  failed(peer: PeerName, now: number): void {
    const { failures, waits } = this.#of(peer);
    const ms = SOURCE_REST_MS * 2 ** Math.min(failures, MAX_SOURCE_RESTS);
    this.#rests.set(peer, { until: now + ms, failures: failures + 1, waits });
  }

  /** What it answered does not belong to what others give. */
  lied(peer: PeerName, now: number): void {
    const { waits } = this.#of(peer);
    const until = now + SOURCE_REST_MS * 2 ** MAX_SOURCE_RESTS;
    this.#rests.set(peer, { until, failures: MAX_SOURCE_RESTS, waits });
  }

  /** Others are faster, or have more. */
  lagged(peer: PeerName, now: number): void {
    this.#rests.set(peer, { ...this.#of(peer), until: now + SOURCE_REST_MS });
  }

  /** It gave what was asked for. */
  served(peer: PeerName): void {
    if (this.#rests.has(peer)) this.#rests.set(peer, NONE);
  }

  #of(peer: PeerName): Rest {
    return this.#rests.get(peer) ?? NONE;
  }
}

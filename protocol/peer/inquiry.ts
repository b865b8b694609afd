/** Asks peers and mirrors for the heads of one feed, each until it has answered. */
import { verifyParsedCheckpoint } from "../feed/index.ts";
import type { SignedHead } from "../feed/index.ts";
import { ProtocolError } from "../errors.ts";
import { ASK_TIMEOUT_MS, MAX_OWN_ASKS, OWN_ASK_AGAIN_MS } from "../limits.ts";
import { readTilesAnswer, writeTilesRequest } from "../wire/index.ts";
import type { Context } from "./context.ts";
import type { EvidenceDesk } from "./evidence-desk.ts";
import { isEvidence, parseTold } from "./told.ts";
import type { Origin, PeerName } from "./types.ts";

export class Inquiry {
  readonly #ctx: Context;
  readonly #desk: EvidenceDesk;
  /** Is given the heads that a source shows, and says whether that is an answer that need not be asked for again. */
  readonly #heard: (peer: PeerName, heads: readonly SignedHead[]) => boolean;
  readonly #askedAt = new Map<PeerName, number>();
  readonly #settled = new Set<PeerName>();
  #asking = 0;

  constructor(
    ctx: Context,
    desk: EvidenceDesk,
    heard: (peer: PeerName, heads: readonly SignedHead[]) => boolean,
  ) {
    this.#ctx = ctx;
    this.#desk = desk;
    this.#heard = heard;
  }

  /** Questions under way. */
  get asking(): number {
    return this.#asking;
  }

  /** Asks whoever is connected and is to be asked; `ended` is called after each answer, or failure. */
  askAll(origin: Origin, ended: () => void): void {
    const { turn, peers } = this.#ctx;
    for (const peer of peers.connected()) {
      const isDue = turn.steady - (this.#askedAt.get(peer) ?? -Infinity) >= OWN_ASK_AGAIN_MS;
      if (isDue && !this.#settled.has(peer) && this.#asking < MAX_OWN_ASKS) this.#ask(origin, peer, ended);
    }
  }

  /** The heads of the feed are the first that come after this. */
  #ask(origin: Origin, peer: PeerName, ended: () => void): void {
    const { turn, peers } = this.#ctx;
    this.#askedAt.set(peer, turn.steady);
    this.#asking++;
    const end = (): void => {
      this.#asking--;
      ended();
    };
    turn.ask(
      peer,
      "tiles",
      writeTilesRequest({ kind: "heads", after: origin.slice(0, -1) }),
      ASK_TIMEOUT_MS,
      (bytes) => {
        try {
          this.#take(origin, peer, readTilesAnswer(bytes).blobs);
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error;
          peers.drop(peer, error.code);
        }
        end();
      },
      end,
    );
  }

  #take(origin: Origin, peer: PeerName, blobs: readonly Uint8Array[]): void {
    const heads: SignedHead[] = [];
    for (const blob of blobs) {
      if (isEvidence(blob)) {
        this.#desk.receive(blob, peer);
        continue;
      }
      const checkpoint = parseTold(blob);
      if (checkpoint.origin === origin)
        heads.push(verifyParsedCheckpoint(checkpoint, this.#ctx.config.network));
    }
    if (this.#heard(peer, heads)) this.#settled.add(peer);
  }
}

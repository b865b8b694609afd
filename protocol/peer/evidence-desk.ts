/** Evidence that comes from others: checked from its octets alone, kept where it concerns a key that somebody here follows. */
import { toHex } from "../bytes/index.ts";
import { sha256 } from "../crypto/index.ts";
import { accusedIn, checkEvidenceSync, idOfEvidence, isWithdrawn } from "../evidence/index.ts";
import type { Evidence } from "../evidence/index.ts";
import { parseOrigin } from "../feed/index.ts";
import { ProtocolError } from "../errors.ts";
import { ASK_TIMEOUT_MS, MAX_SEEN_EVIDENCE } from "../limits.ts";
import { readEvidenceNotice, readTilesAnswer, writeTilesRequest } from "../wire/index.ts";
import type { Context } from "./context.ts";
import type { Findings } from "./findings.ts";
import type { Forks } from "./forks.ts";
import { answerGossip, readOrReject, rejectGossip } from "./gossip-verdict.ts";
import { Refuted } from "./refuted.ts";
import type { Retractions } from "./retractions.ts";
import type { Room } from "./room.ts";
import { Seen } from "./seen.ts";
import type { PeerName, Ticket } from "./types.ts";

/** Evidence that needs a slow check is left to those who follow the feeds that it speaks of: they find it themselves. */
const NOT_OURS: ReadonlySet<string> = new Set(["evidence/foreign-key", "evidence/unknown-kind"]);

export class EvidenceDesk {
  readonly #ctx: Context;
  readonly #room: Room;
  readonly #forks: Forks;
  readonly #retractions: Retractions;
  readonly #findings: Findings;
  readonly #refuted: Refuted;
  /** Ids and octets that were dealt with. */
  readonly #seen = new Seen<true>(MAX_SEEN_EVIDENCE);

  constructor(ctx: Context, room: Room, forks: Forks, retractions: Retractions, findings: Findings) {
    this.#retractions = retractions;
    this.#room = room;
    this.#ctx = ctx;
    this.#forks = forks;
    this.#findings = findings;
    this.#refuted = new Refuted(ctx, findings);
  }

  /** A frame of the topic `evidence`: the numbered list of spec/wire.md. */
  gossip(bytes: Uint8Array, from: PeerName, ticket: Ticket): void {
    const notice = readOrReject(this.#ctx, from, ticket, () => readEvidenceNotice(bytes)); // 1
    if (notice === null) return;
    if ("id" in notice) this.#fetch(notice.id, from, ticket);
    else this.#judge(notice.evidence, from, ticket);
  }

  /** Evidence out of an answer: what does not hold is the answerer's fault. */
  receive(bytes: Uint8Array, from: PeerName): void {
    const name = toHex(sha256(bytes));
    if (this.#seen.has(name)) return;
    if (!this.#ctx.peers.of(from).exchangedHeads.take(1, this.#ctx.turn.steady)) return;
    try {
      const evidence = this.#check(bytes);
      this.#seen.set(name, true);
      this.#keep(evidence);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      if (NOT_OURS.has(error.code)) return;
      this.#refuted.tell(bytes, from, error.code);
      this.#ctx.peers.drop(from, error.code);
    }
  }

  #judge(bytes: Uint8Array, from: PeerName, ticket: Ticket): void {
    const name = toHex(sha256(bytes));
    if (this.#seen.has(name)) {
      answerGossip(this.#ctx, ticket, "ignore", "peer/repeated"); // 2
      return;
    }
    if (!this.#mayCost(bytes, from)) {
      answerGossip(this.#ctx, ticket, "ignore", "peer/over-budget"); // 3
      return;
    }
    let evidence: Evidence;
    try {
      evidence = this.#check(bytes); // 4
    } catch (error) {
      if (error instanceof ProtocolError && NOT_OURS.has(error.code))
        answerGossip(this.#ctx, ticket, "ignore", error.code);
      else {
        if (error instanceof ProtocolError) this.#refuted.tell(bytes, from, error.code);
        rejectGossip(this.#ctx, error, from, ticket);
      }
      return;
    }
    this.#seen.set(name, true);
    const id = idOfEvidence(evidence);
    // One proof for each matter is enough: another one for the same goes no further (RULES R14).
    const withCommon = `${id} common`;
    const isBetter = evidence.kind === "fork" && evidence.common !== null && !this.#seen.has(withCommon);
    if (evidence.kind === "disagreement" || (this.#seen.has(id) && !isBetter)) {
      answerGossip(this.#ctx, ticket, "ignore", "peer/repeated"); // 5
      return;
    }
    this.#seen.set(id, true);
    if (isBetter) this.#seen.set(withCommon, true);
    answerGossip(this.#ctx, ticket, "accept", null);
    this.#keep(evidence);
  }

  /** Whom it accuses is its own word, and costs no signature. Who sends what does not hold is hung up on. */
  #mayCost(bytes: Uint8Array, from: PeerName): boolean {
    const { peers, turn } = this.#ctx;
    const { accusations, evidence } = peers.of(from);
    const isMinded = accusedIn(bytes).some((key) => this.#findings.concernsKey(key));
    return (isMinded ? accusations : evidence).take(1, turn.steady);
  }

  #fetch(id: Uint8Array, from: PeerName, ticket: Ticket): void {
    const { peers, turn } = this.#ctx;
    const isKnown = this.#seen.has(toHex(id));
    if (isKnown || !peers.of(from).fetches.take(1, turn.steady)) {
      answerGossip(this.#ctx, ticket, "ignore", isKnown ? "peer/repeated" : "peer/over-budget");
      return;
    }
    const unanswered = (): void => answerGossip(this.#ctx, ticket, "ignore", "peer/evidence-unanswered");
    turn.ask(
      from,
      "tiles",
      writeTilesRequest({ kind: "evidence", id }),
      ASK_TIMEOUT_MS,
      (bytes) => {
        const answer = readOrReject(this.#ctx, from, ticket, () => readTilesAnswer(bytes));
        if (answer === null) return;
        const [evidence] = answer.blobs;
        if (evidence === undefined) unanswered();
        else this.#judge(evidence, from, ticket);
      },
      unanswered,
    );
  }

  #check(bytes: Uint8Array): Evidence {
    const evidence = checkEvidenceSync(bytes);
    const origin =
      evidence.kind === "fork"
        ? evidence.a.origin
        : evidence.kind === "bad-leaf"
          ? evidence.leaf.head.origin
          : null;
    if (origin !== null && parseOrigin(origin).network !== this.#ctx.config.network) {
      throw new ProtocolError("checkpoint/other-network", "evidence about a feed of another network");
    }
    return evidence;
  }

  #keep(evidence: Evidence): void {
    if (evidence.kind === "fork") {
      // Kept also where nothing of the feed is held yet: who comes later is told, and its heads are not taken for good ones.
      const { origin } = evidence.a;
      const feed = this.#findings.concerns(evidence) ? this.#room.open(origin) : this.#ctx.feeds.get(origin);
      // Of our own feed one of the two is not in our store: we never sign on (I1).
      if (feed !== null) this.#forks.freeze(feed, evidence);
    }
    // About a key that nobody here follows it alerts nobody; others got it passed on. Of a feed that is known here the proof is kept.
    if (!this.#findings.concerns(evidence) && evidence.kind !== "fork") return;
    if (!("target" in evidence)) {
      this.#findings.add(evidence, false);
      return;
    }
    // Who took a claim back in the open does not contradict itself (RULES R14, R17).
    this.#retractions.of(
      [evidence.a, evidence.b],
      (retractions) => {
        if (!isWithdrawn(evidence, retractions)) this.#findings.add(evidence, false);
      },
      () => this.#ctx.counters.add("read-failed"),
    );
  }
}

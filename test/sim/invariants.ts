/** What must never happen, whatever the network, the disks and the liars do (RULES, "The invariants, exactly"). */
import { fromUtf8, toHex } from "../../protocol/bytes/index.ts";
import { checkEvidenceSync } from "../../protocol/evidence/index.ts";
import { parseCheckpoint, parseCheckpointBody, parseOrigin } from "../../protocol/feed/index.ts";
import type { Effect, Finding, PeerName, StatusResult } from "../../protocol/peer/index.ts";
import { readFeedUpdate } from "../../protocol/wire/index.ts";
import type { EnginePeer, Observer } from "./peer.ts";

/** Effects of one peer that wait for an answer (I9); what it was asked itself counts, so this is not small. */
const MAX_OUTSTANDING = 5_000;

export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

export class Invariants implements Observer {
  /** Names of peers that run the engine. */
  readonly #honestNames: Set<PeerName> = new Set();
  /** Raw keys in hex of whoever signs one history and one digest a target. */
  readonly #honestKeys: Set<string> = new Set();
  /** Roots that honest feeds signed, by key and size. */
  readonly #signed: Map<string, Map<number, string>> = new Map();
  /** The largest head that each peer said to hold of each feed, in this life of the peer. */
  readonly #held: Map<string, number> = new Map();

  honest(peer: EnginePeer): void {
    this.#honestNames.add(peer.name);
    if (peer.feedKey !== null) this.honestKey(peer.feedKey);
  }

  honestKey(raw: Uint8Array): void {
    this.#honestKeys.add(toHex(raw));
  }

  effect(peer: EnginePeer, effect: Effect): void {
    if (peer.outstanding > MAX_OUTSTANDING) this.#broken(peer, `I9: waits for ${peer.outstanding} answers`);
    switch (effect.kind) {
      case "sign":
        return this.#signs(peer, effect.bytes);
      case "gossip":
        return effect.topic === "feeds" ? this.#announces(peer, effect.bytes) : undefined;
      case "drop":
        return this.#drops(peer, effect.peer, effect.code);
      case "verdict":
        return effect.verdict === "reject" ? this.#rejects(peer, effect.ticket, effect.code) : undefined;
      case "finding":
        return this.#finds(peer, effect.finding);
      default:
    }
  }

  /** No octets bring an exception to light. I4: of one life of a peer. I1 and I3: of what it holds of honest feeds. */
  status(peer: EnginePeer, { feeds, counters }: StatusResult): void {
    const faults = counters.get("internal/impossible") ?? 0;
    if (faults > 0) this.#broken(peer, `${faults} exceptions in the engine`);
    for (const head of feeds) {
      const before = this.#held.get(`${peer.life} ${peer.name} ${head.origin}`) ?? 0;
      if (head.size < before)
        this.#broken(peer, `I4: its head of ${head.origin} shrank from ${before} to ${head.size}`);
      this.#held.set(`${peer.life} ${peer.name} ${head.origin}`, head.size);
      if (head.size === 0) continue;
      const { key } = parseOrigin(head.origin);
      if (!this.#honestKeys.has(toHex(key))) continue;
      if (head.state === "forked") this.#broken(peer, `I3: calls the honest feed ${head.origin} forked`);
      const signed = this.#signed.get(toHex(key))?.get(head.size);
      const { root } = parseCheckpoint(head.checkpoint);
      if (signed !== toHex(root))
        this.#broken(peer, `holds a head of size ${head.size} that ${head.origin} never signed`);
    }
  }

  /** I1: all heads that an honest feed signed are heads of this one history. */
  history(peer: EnginePeer, rootAt: (size: number) => Uint8Array): void {
    if (peer.feedKey === null) return;
    for (const [size, root] of this.#signed.get(toHex(peer.feedKey)) ?? []) {
      if (toHex(rootAt(size)) !== root)
        this.#broken(peer, `I1: signed a head of size ${size} that its feed does not extend`);
    }
  }

  /** I1: one root for each size, from the first signature on, whether anybody saw it or not. */
  #signs(peer: EnginePeer, bytes: Uint8Array): void {
    const text = fromUtf8(bytes);
    if (!text.startsWith("samebits/")) return;
    const { origin, size, root } = parseCheckpointBody(text);
    const key = toHex(parseOrigin(origin).key);
    const roots = this.#signed.get(key) ?? new Map<number, string>();
    this.#signed.set(key, roots);
    const before = roots.get(size);
    if (before !== undefined && before !== toHex(root))
      this.#broken(peer, `I1: signs a second head of size ${size}`);
    roots.set(size, toHex(root));
  }

  /** R12: an own head is in the own-head file before anybody hears of it. */
  #announces(peer: EnginePeer, bytes: Uint8Array): void {
    const { origin, size } = parseCheckpoint(readFeedUpdate(bytes).checkpoint);
    if (peer.feedKey === null || toHex(parseOrigin(origin).key) !== toHex(peer.feedKey)) return;
    const { ownHead } = peer.disk;
    const kept = typeof ownHead === "string" ? 0 : parseCheckpoint(ownHead).size;
    if (kept < size) this.#broken(peer, `R12: gossips its head of size ${size}; its file knows size ${kept}`);
  }

  #drops(peer: EnginePeer, dropped: PeerName, code: string): void {
    if (this.#honestNames.has(dropped))
      this.#broken(peer, `R6: hangs up on the honest peer ${dropped} (${code})`);
  }

  #rejects(peer: EnginePeer, ticket: number, code: string | null): void {
    const from = peer.gossipFrom(ticket);
    if (from !== null && this.#honestNames.has(from)) {
      this.#broken(peer, `R6: rejects what the honest peer ${from} accepted or made (${code})`);
    }
  }

  /** I3: no evidence against the honest; and all evidence holds on its own. */
  #finds(peer: EnginePeer, finding: Finding): void {
    if (finding.evidence !== null) checkEvidenceSync(finding.evidence);
    if (finding.kind !== "fork" && finding.kind !== "bad-leaf" && finding.kind !== "self-contradiction")
      return;
    const framed = finding.keys.map(toHex).find((key) => this.#honestKeys.has(key));
    if (framed !== undefined) this.#broken(peer, `I3: finds a ${finding.kind} of the honest key ${framed}`);
  }

  #broken(peer: EnginePeer, what: string): never {
    throw new InvariantError(`${peer.name}: ${what}`);
  }
}

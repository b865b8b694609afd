/** What must never happen, whatever the network, the disks and the liars do (RULES, "The invariants, exactly"). */
import { fromUtf8, toHex } from "../../protocol/bytes/index.ts";
import { sha256Hex } from "../../protocol/crypto/index.ts";
import { checkEvidenceSync } from "../../protocol/evidence/index.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import { parseCheckpoint, parseCosigned, parseOrigin } from "../../protocol/feed/index.ts";
import type { Effect, Finding, PeerName, StatusResult, StoreOp, Stream } from "../../protocol/peer/index.ts";
import {
  readCosignatureNotice,
  readFeedUpdate,
  readTilesAnswer,
  readTilesRequest,
} from "../../protocol/wire/index.ts";
import { FeedViews, originOf } from "./feed-views.ts";
import type { FeedView } from "./feed-views.ts";
import { Histories } from "./histories.ts";
import type { ObservedPeer, Observer } from "./observer.ts";

/** Effects of one peer that wait for an answer (I9); what it was asked itself counts, so this is not small. */
const MAX_OUTSTANDING = 5_000;
/** Heads of one feed that are not joined yet (R11). */
const MAX_UNRESOLVED = 8;
/** ms within which a peer has written what it took in. */
const WRITTEN_AFTER_MS = 2_000;
/** First octet of a note: all others among the heads of an answer are evidence. */
const NOTE_START = "s".charCodeAt(0);

export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** Rows of one peer, in one life of it. */
interface Watched {
  life: number;
  readonly views: FeedViews;
}

/** Told of what goes well. */
export interface Listener {
  /** A peer stores more of a feed. */
  stored(peer: ObservedPeer, origin: string, size: number): void;
  found(peer: ObservedPeer, finding: Finding): void;
}

export class Invariants implements Observer {
  readonly histories: Histories = new Histories();
  /** Checks made so far, of all kinds. */
  checks = 0;
  /** Heads that honest witnesses cosigned and told of. */
  cosigned = 0;
  listener: Listener | null = null;
  /** Names of peers that run the engine. */
  readonly #honestNames: Set<PeerName> = new Set();
  /** Raw keys in hex of whoever signs one history and one digest a target. */
  readonly #honestKeys: Set<string> = new Set();
  readonly #later: (ms: number, run: () => void) => void;
  readonly #watched = new Map<PeerName, Watched>();
  /** Evidence that holds. */
  readonly #evidence = new Set<string>();
  /** The largest head that each peer said to hold of each feed, in this life of the peer. */
  readonly #held: Map<string, number> = new Map();

  constructor(later: (ms: number, run: () => void) => void) {
    this.#later = later;
  }

  honest(peer: ObservedPeer): void {
    this.#honestNames.add(peer.name);
    if (peer.feedKey !== null) this.honestKey(peer.feedKey);
  }

  /** Who is no peer, and plays by the rules all the same. */
  honestSource(name: PeerName): void {
    this.#honestNames.add(name);
  }

  honestKey(raw: Uint8Array): void {
    this.#honestKeys.add(toHex(raw));
  }

  /** What a peer wrote last of its feeds in this life. */
  viewsOf(peer: ObservedPeer): FeedViews {
    const watched = this.#watched.get(peer.name) ?? { life: Number.NaN, views: new FeedViews() };
    this.#watched.set(peer.name, watched);
    if (watched.life !== peer.life) watched.views.load(peer.disk.store);
    watched.life = peer.life;
    return watched.views;
  }

  effect(peer: ObservedPeer, effect: Effect): void {
    this.checks++;
    if (peer.outstanding > MAX_OUTSTANDING) this.broken(peer, `I9: waits for ${peer.outstanding} answers`);
    switch (effect.kind) {
      case "store":
        return this.#stores(peer, effect.ops);
      case "sign":
        return this.#signs(peer, effect.bytes);
      case "gossip":
        if (effect.topic === "cosignatures") this.#cosigns(peer, effect.bytes);
        return effect.topic === "feeds" ? this.#announces(peer, effect.bytes) : undefined;
      case "drop":
        return this.#drops(peer, effect.peer, effect.code);
      case "verdict":
        return effect.verdict === "reject" ? this.#rejects(peer, effect.ticket, effect.code) : undefined;
      case "finding":
        return this.#finds(peer, effect.finding);
      case "wake":
        // A clock of whole ms wakes it, and rows have no room for fractions.
        return Number.isInteger(effect.at) ? undefined : this.broken(peer, `wakes at ${effect.at}`);
      default:
    }
  }

  /** I2: whoever has asked an honest peer for its heads knows them now, of each feed that it follows. */
  answered(
    peer: ObservedPeer,
    from: PeerName,
    stream: Stream,
    question: Uint8Array,
    answer: Uint8Array | string,
  ): void {
    if (stream !== "tiles" || typeof answer === "string" || !this.#honestNames.has(from)) return;
    const request = readTilesRequest(question);
    // From just before one origin on: that is asked about one feed (`inquiry.ts`), and is no exchange.
    if (request.kind !== "heads" || (request.after !== "" && !isOrigin(request.after))) return;
    const views = this.viewsOf(peer);
    for (const blob of readTilesAnswer(answer).blobs) {
      if (blob[0] !== NOTE_START) continue;
      const { origin, size, root } = parseCheckpoint(blob);
      if (!peer.follows(origin) || peer.origin === origin) continue;
      this.checks++;
      if (knows(views.of(origin), size, toHex(root))) continue;
      const { life } = peer;
      // Its row may wait for a write that is under way.
      this.#later(WRITTEN_AFTER_MS, () => {
        if (life === peer.life && !knows(views.of(origin), size, toHex(root)))
          this.broken(peer, `I2: does not know the head of size ${size} of ${origin} that ${from} showed it`);
      });
    }
  }

  /** No octets bring an exception to light. I4: of one life of a peer. I1 and I3: of what it holds of honest feeds. */
  status(peer: ObservedPeer, { feeds, counters }: StatusResult): void {
    const faults = counters.get("internal/impossible") ?? 0;
    if (faults > 0) this.broken(peer, `${faults} exceptions in the engine`);
    for (const head of feeds) {
      const before = this.#held.get(`${peer.life} ${peer.name} ${head.origin}`) ?? 0;
      if (head.size < before)
        this.broken(peer, `I4: its head of ${head.origin} shrank from ${before} to ${head.size}`);
      this.#held.set(`${peer.life} ${peer.name} ${head.origin}`, head.size);
      if (head.size === 0) continue;
      const { key } = parseOrigin(head.origin);
      if (!this.#honestKeys.has(toHex(key))) continue;
      if (head.state === "forked") this.broken(peer, `I3: calls the honest feed ${head.origin} forked`);
      const { root } = parseCheckpoint(head.checkpoint);
      if (this.histories.signedBy(head.origin).get(head.size) !== toHex(root))
        this.broken(peer, `holds a head of size ${head.size} that ${head.origin} never signed`);
    }
  }

  /** I1: all heads that an honest feed signed are heads of this one history. */
  history(peer: ObservedPeer, origin: string, rootAt: (size: number) => Uint8Array): void {
    for (const [size, root] of this.histories.signedBy(origin)) {
      if (toHex(rootAt(size)) !== root)
        this.broken(peer, `I1: signed a head of size ${size} that its feed does not extend`);
    }
  }

  /** I3, I4, I9: what a write makes of feeds. */
  #stores(peer: ObservedPeer, ops: readonly StoreOp[]): void {
    for (const [before, after] of this.viewsOf(peer).write(ops)) {
      this.#moves(peer, before, after);
      const origin = originOf(after);
      if (origin !== null && after.stored !== before?.stored)
        this.listener?.stored(peer, origin, after.stored);
    }
  }

  #moves(peer: ObservedPeer, before: FeedView | null, after: FeedView): void {
    const { head, proven, unresolved, forked } = after;
    const origin = originOf(after) ?? "";
    if (unresolved.length > MAX_UNRESOLVED)
      this.broken(peer, `I9: keeps ${unresolved.length} unresolved heads of ${origin}`);
    if (forked && this.histories.isHonest(origin))
      this.broken(peer, `I3: calls the honest feed ${origin} forked`);
    for (const one of [head, proven, ...unresolved]) {
      if (one !== null && !this.histories.wasSigned(one))
        this.broken(peer, `keeps a head of size ${one.size} that ${one.origin} never signed`);
    }
    for (const [from, to] of [
      [before?.head, head],
      [before?.proven, proven],
      [proven, head],
    ] as const) {
      if (from === undefined || from === null) continue;
      if (to === null || !this.histories.isExtended(from, to))
        this.broken(
          peer,
          `I4: moves from size ${from.size} to ${to?.size} of ${origin}, which does not extend it`,
        );
    }
    if (before?.forked === true && !(forked && sameAs(before, after)))
      this.broken(peer, `I4: moves the forked feed ${origin}`);
  }

  /** I1: one root for each size, from the first signature on, whether anybody saw it or not. */
  #signs(peer: ObservedPeer, bytes: Uint8Array): void {
    const text = fromUtf8(bytes);
    if (!text.startsWith("samebits/")) return;
    const { size, isFirst } = this.histories.signs(text);
    if (!isFirst) this.broken(peer, `I1: signs a second head of size ${size}`);
  }

  /** R12: an own head is in the own-head file before anybody hears of it. */
  #announces(peer: ObservedPeer, bytes: Uint8Array): void {
    const { origin, size } = parseCheckpoint(readFeedUpdate(bytes).checkpoint);
    if (peer.origin !== origin) return;
    const { ownHead } = peer.disk;
    const kept = typeof ownHead === "string" ? 0 : parseCheckpoint(ownHead).size;
    if (kept < size) this.broken(peer, `R12: gossips its head of size ${size}; its file knows size ${kept}`);
  }

  /** A peer gossips by itself what its own witness says: heads of one history, whatever it lost in a crash. */
  #cosigns(peer: ObservedPeer, bytes: Uint8Array): void {
    const { checkpoint, line } = parseCosigned(readCosignatureNotice(bytes));
    this.cosigned++;
    if (this.histories.cosigns(line.name, checkpoint)) return;
    this.broken(peer, `cosigns size ${checkpoint.size} of ${checkpoint.origin} besides another history`);
  }

  #drops(peer: ObservedPeer, dropped: PeerName, code: string): void {
    if (this.#honestNames.has(dropped))
      this.broken(peer, `R6: hangs up on the honest peer ${dropped} (${code})`);
  }

  #rejects(peer: ObservedPeer, ticket: number, code: string | null): void {
    const from = peer.gossipFrom(ticket);
    if (from !== null && this.#honestNames.has(from)) {
      this.broken(peer, `R6: rejects what the honest peer ${from} accepted or made (${code})`);
    }
  }

  /** I3: nothing accuses the honest; and all evidence holds on its own. */
  #finds(peer: ObservedPeer, finding: Finding): void {
    this.listener?.found(peer, finding);
    if (finding.evidence !== null) this.#check(finding.evidence);
    if (!["fork", "bad-leaf", "self-contradiction", "rollback"].includes(finding.kind)) return;
    const framed = finding.keys.map(toHex).find((key) => this.#honestKeys.has(key));
    if (framed !== undefined) this.broken(peer, `I3: finds a ${finding.kind} of the honest key ${framed}`);
  }

  /** Many find the very same: it is checked once. */
  #check(evidence: Uint8Array): void {
    const id = sha256Hex(evidence);
    if (!this.#evidence.has(id)) checkEvidenceSync(evidence);
    this.#evidence.add(id);
  }

  broken(peer: ObservedPeer, what: string): never {
    throw new InvariantError(`${peer.name}: ${what}`);
  }
}

function isOrigin(text: string): boolean {
  try {
    parseOrigin(text);
    return true;
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}

function sameAs(before: FeedView, after: FeedView): boolean {
  const same = (a: FeedView["head"], b: FeedView["head"]): boolean =>
    a?.size === b?.size && a?.root === b?.root;
  return same(before.head, after.head) && same(before.proven, after.proven);
}

/** Of so many unresolved heads some had to go. */
function knows(view: FeedView | null, size: number, root: string): boolean {
  if (view === null) return false;
  if (view.forked || (view.head !== null && view.head.size >= size)) return true;
  const { unresolved } = view;
  return (
    unresolved.length === MAX_UNRESOLVED || unresolved.some((one) => one.size === size && one.root === root)
  );
}

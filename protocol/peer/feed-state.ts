import { ed25519Key } from "../crypto/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import { equalBytes } from "../bytes/index.ts";
import { emptyRange, originHash, rangeRoot } from "../feed/index.ts";
import type { CompactRange, CosignedHead, SignedHead } from "../feed/index.ts";
import { ENTRY_ROW_BYTES, MAX_FEED_SOURCES, MAX_UNRESOLVED_HEADS } from "../limits.ts";
import { isTimedAhead } from "./time-ahead.ts";
import type { FeedClass, FeedStateName, HeadView, Origin, PeerName } from "./types.ts";

/** What is known here of one feed: a few hundred octets, 14 KB at worst. Entries and hashes are in the store. */
export class FeedState {
  /** Stands for the origin in the store's keys. */
  readonly no: number;
  readonly origin: Origin;
  readonly originHash: Uint8Array;
  readonly key: Uint8Array;
  readonly publicKey: PublicKey;
  /** An unknown feed becomes a vouched one when a pinned witness has cosigned a head of it. */
  class: FeedClass;
  /** Its claims are read, shown and compared (RULES R30). */
  readonly wanted: boolean;

  /** The accepted head: extends all that is held (I4). Larger than `held` while entries are fetched. */
  head: SignedHead | null = null;
  /** A smaller head towards which entries were taken, as nobody served those of the accepted one; not yet joined to that. */
  nearer: SignedHead | null = null;
  /** A larger head of the own feed that came from elsewhere, until it is joined or proves a fork. */
  rival: SignedHead | null = null;
  /** Right edge of the entries accepted; those above `held` are on their way into the store. */
  range: CompactRange = emptyRange;
  /** Right edge of the entries in the store. */
  stored: CompactRange = emptyRange;
  /** Whether `stored` is what the store holds: nobody knows while entries are written, nor, after that failed, before a write succeeds. */
  edge: "known" | "writing" | "unsure" = "known";
  /** Entries below this, and above `stored`, may be in the store: a write failed that would have brought them. */
  doubtful = 0;
  /** Its row was due while the edge was not known. */
  unsaved = false;
  /** The largest head whose entries are all held: what proofs lead to and what others are told. */
  proven: SignedHead | null = null;
  /** The newest head with the feed's own time line (RULES R10). */
  timed: SignedHead | null = null;
  /** ms since 1970 at which a time line of it was last ignored, being ahead of the clock, in this life of the peer; 0 before. */
  aheadAt = 0;
  /** Seconds since 1970 at which its key first called the head in `timed` the newest, as far as is known here. */
  since: number | null = null;
  /** The newest head that each witness has cosigned, pinned witnesses first (cosignatures.ts). */
  cosigned: readonly CosignedHead[] = [];
  /**
   * Heads that are neither joined to the accepted one nor shown to contradict it, largest first. Of a forked feed the two that prove it.
   */
  unresolved: readonly SignedHead[] = [];
  /** Claims are indexed up to here. */
  indexed = 0;
  /** Claims indexed. */
  claims = 0;
  /** Claims up to here can be read from the store. */
  visible = 0;
  /** Contradictions were looked for up to here; after a restart the index goes on from here. */
  examined = 0;
  /** Looked through for forged entries up to here, and whether one stands there and was told of (audit.ts). */
  audited = 0;
  accused = false;
  /** It was evicted: nothing of it is written any more. */
  gone = false;
  /** Octets of its entries. */
  bytes = 0;
  /** Where an entry stands, under a signed head, that is larger than any may be (oversized.ts): this peer holds none from there on. */
  endsAt: number | null = null;
  /** Octets for which there was no room when they were to be taken in (room.ts), 0 where there was; and when that was. */
  lacks = 0;
  lackedAt = 0;
  /** Two heads that don't join are proven: nothing moves any more. */
  forked = false;
  /** The proof that froze it is not here, as after a crash: it is sought anew, and nothing moves meanwhile (I4). */
  unproven = false;
  /** What is above `held` was not to be had from anybody (RULES R18). */
  withheld = false;
  /** When the last head by this feed was shown: steady ms, of an earlier life of the peer too. */
  heardAt = 0;
  /** Steady ms at which somebody first showed it, in this life of the peer; null before. */
  metAt: number | null = null;
  /** Peers that showed a head of it, newest last. */
  sources: readonly PeerName[] = [];

  constructor(no: number, origin: Origin, key: Uint8Array, kind: FeedClass, wanted: boolean) {
    this.no = no;
    this.origin = origin;
    this.originHash = originHash(origin);
    this.publicKey = ed25519Key(key);
    this.key = this.publicKey.raw;
    this.class = kind;
    this.wanted = wanted;
  }

  /** It is the own one, or somebody here follows it: it is kept, and what it says counts here, whoever else claims what. */
  get isFollowed(): boolean {
    return this.class === "own" || this.class === "followed";
  }

  /** Entries in the store, without a gap from 0. */
  get held(): number {
    return this.stored.size;
  }

  get state(): FeedStateName {
    if (this.forked) return "forked";
    if (this.isOversized) return "oversized";
    if (this.isFull) return "full";
    if (this.withheld) return "withheld";
    return this.missing === null ? "open" : "syncing";
  }

  /** What it takes of the room for feeds of its class. */
  get room(): number {
    return this.bytes + ENTRY_ROW_BYTES * this.range.size;
  }

  /** What is missing is not fetched, for want of room. */
  get isFull(): boolean {
    return this.lacks > 0 && this.missing !== null;
  }

  /** What is missing is not fetched: it begins with an entry that is larger than any may be. */
  get isOversized(): boolean {
    return this.endsAt === this.range.size && this.missing !== null;
  }

  /** The head towards which entries are to be fetched, or null: the accepted one first, then the largest unresolved. */
  get missing(): SignedHead | null {
    return this.wantedAfter(0);
  }

  /**
   * The same after so many failures: a smaller unresolved one in its turn too, since nobody may have what the largest or the accepted one
   * stands for (RULES R18). None that is larger than an accepted head under way: it is not shown to extend that (I4).
   */
  wantedAfter(failures: number): SignedHead | null {
    if (this.forked) return null;
    const ahead = this.unresolved.filter(({ size }) => size > this.range.size);
    const { head, nearer } = this;
    const half = head === null || this.range.size >= head.size ? null : head;
    const begun = nearer !== null && nearer.size > this.range.size ? [nearer] : [];
    const wanted = half === null ? ahead : [half, ...begun, ...ahead.filter(({ size }) => size < half.size)];
    return wanted[failures % wanted.length] ?? null;
  }

  /** Entries come under this head, which is shown to extend all that is held: it is accepted, unless a larger one is already. */
  accept(head: SignedHead): void {
    if (this.head === null || this.head.size <= head.size) this.head = head;
    else this.nearer = head;
  }

  /** The largest head whose entries are all held once the store holds those up to `edge`. */
  provenAt(edge: CompactRange): SignedHead | null {
    const reached = [this.head, this.nearer].find(
      (head) => head?.size === edge.size && equalRoot(head, { root: rangeRoot(edge) }),
    );
    return reached ?? this.proven;
  }

  /** Remembers who has this feed. */
  heardFrom(peer: PeerName, steady: number): void {
    this.heardAt = steady;
    this.metAt ??= steady;
    if (this.sources.at(-1) === peer) return;
    this.sources = [...this.sources.filter((other) => other !== peer), peer].slice(-MAX_FEED_SOURCES);
  }

  /** Keeps a head until it is joined; the largest always has room. */
  keepUnresolved(head: SignedHead): void {
    const kept = [...this.unresolved.filter((other) => !sameHead(other, head)), head];
    kept.sort((a, b) => b.size - a.size);
    this.unresolved = kept.slice(0, MAX_UNRESOLVED_HEADS);
  }

  /** Forgets a head that is joined or refuted. */
  resolve(head: SignedHead): void {
    this.unresolved = this.unresolved.filter((other) => !sameHead(other, head));
  }

  /**
   * Keeps the head's time line if it is the newest that is not ahead of `now` (RULES R10), and says whether it is. One that is kept and ahead,
   * from under a wrong clock or by an older version, gives way to any that is not.
   */
  keepTime(head: SignedHead, now: number): boolean {
    const { timed, since } = this;
    if (head.time === null || isTimedAhead(head, now)) return false;
    if (timed !== null && !isTimedAhead(timed, now) && head.time <= (timed.time ?? -1)) return false;
    const goesOn = since !== null && timed !== null && sameHead(timed, head);
    this.since = goesOn ? Math.min(since, head.time) : head.time;
    this.timed = head;
    return true;
  }

  /** What others and people are told; null before anything is held. */
  view(): HeadView | null {
    const head = this.proven ?? this.head ?? (this.forked ? this.unresolved[0] : null) ?? null;
    if (head === null) return null;
    return {
      origin: this.origin,
      checkpoint: head.note,
      size: head.size,
      held: this.held,
      timed: this.timed?.note ?? null,
      cosigned: this.cosigned.map(({ note }) => note),
      state: this.state,
      indexed: this.indexed,
      class: this.class,
    };
  }
}

/** Whether two heads of one feed say the same. */
export function sameHead(a: SignedHead, b: SignedHead): boolean {
  return a.size === b.size && equalRoot(a, b);
}

/** Whether the roots are equal. */
export function equalRoot(a: { readonly root: Uint8Array }, b: { readonly root: Uint8Array }): boolean {
  return equalBytes(a.root, b.root);
}

import type {
  NamedPeer,
  PeerName,
  PlacedPeer,
  Range,
  Row,
  SignatureItem,
  StoreOp,
  Stream,
  Topic,
} from "../protocol/index.ts";

/** A page of rows; `more` is true if the range holds rows after the last one given. */
export interface Page {
  readonly rows: readonly Row[];
  readonly more: boolean;
}

/** The ordered rows of one peer. Level or memory; `test/acceptance/store.ts` holds both to this. */
export interface Store {
  /**
   * Applies all operations or none, after all earlier calls. Resolved: visible to every later `read`, and, if
   * `durable`, safe against a crash of the machine. Rejected: may or may not have persisted.
   */
  apply(ops: readonly StoreOp[], durable: boolean): Promise<void>;
  /** Of each key, whether it has a row. */
  has(keys: readonly Uint8Array[]): Promise<readonly boolean[]>;
  /** At most `range.limit` rows and about MAX_READ_BYTES octets, at least one row if there is any. */
  read(range: Range): Promise<Page>;
  /** Waits for the writes in hand. */
  close(): Promise<void>;
}

/** The file beside the database that remembers the own feed's newest head (RULES R13). */
export interface OwnHeadFile {
  /** `"none"`: never begun here. `"lost"`: begun here once, and the file is gone. */
  read(): Promise<Uint8Array | "none" | "lost">;
  /** Whether the file that is there is not the one that was written last, but a copy: a restored backup, another machine's. */
  moved(): Promise<boolean>;
  /**
   * Replaces `old` (null: no file yet) by `next`. True: `next` is on disk and survives a crash. False: the file does
   * not hold `old`; nothing was written. Rejected: may or may not have persisted.
   */
  swap(old: Uint8Array | null, next: Uint8Array): Promise<boolean>;
}

export type Judgement = "accept" | "ignore" | "reject";

/** What a transport tells its owner. */
export interface TransportListener {
  /** A peer of this network that answers questions; told once until `left`. */
  joined(peer: PeerName): void;
  left(peer: PeerName): void;
  /** Bytes as received, at most MAX_GOSSIP_BYTES. Never rejects. */
  gossip(topic: Topic, from: PeerName, bytes: Uint8Array): Promise<Judgement>;
  /** The parts of the answer to a question, or a rejection with the code to tell the asker. */
  asked(stream: Stream, from: PeerName, bytes: Uint8Array): Promise<readonly Uint8Array[]>;
}

/** The mesh as the driver sees it. Nothing is promised delivered. */
export interface Transport {
  readonly self: PeerName;
  gossip(topic: Topic, bytes: Uint8Array): void;
  /** Rejects at the latest after `timeoutMs`; the answer's size was checked before it was read. */
  ask(to: PeerName, stream: Stream, bytes: Uint8Array, timeoutMs: number): Promise<Uint8Array>;
  /** The peers closest to SHA-256 of `key` that answered in time, closest first, without this one (RULES R26). */
  lookup(key: Uint8Array, timeoutMs: number): Promise<readonly PeerName[]>;
  /** The same, but up to REGION_PEERS of them, with their places; how many of one network is not looked at. */
  region(key: Uint8Array, timeoutMs: number): Promise<readonly PlacedPeer[]>;
  /** Of each key, whether this peer is one of the 2k closest to its SHA-256 that it knows of; asks nobody (RULES R25). */
  near(keys: readonly Uint8Array[]): readonly boolean[];
  /** The largest head record that is found under `key`; null for none. Silence is an answer. */
  recall(key: Uint8Array, timeoutMs: number): Promise<Uint8Array | null>;
  /** Puts a head record there. */
  announce(key: Uint8Array, value: Uint8Array): void;
  /** Tells the peers closest to `key` (32 octets) that this one has what it stands for; how many were told. */
  provide(key: Uint8Array, timeoutMs: number): Promise<number>;
  /** Whom they name for it. Silence is an answer. */
  providers(key: Uint8Array, timeoutMs: number): Promise<readonly NamedPeer[]>;
  /** Connects with a peer that was named, if it can be called in time; rejects otherwise. */
  call(peer: PeerName, timeoutMs: number): Promise<void>;
  /** Hangs up and refuses the peer for so long. */
  drop(peer: PeerName, forMs: number): void;
}

/** Signs with one feed's key; refuses everything outside the domains of RULES R2. */
export interface Signer {
  /** Raw Ed25519 key. */
  readonly publicKey: Uint8Array;
  sign(bytes: Uint8Array): Uint8Array;
}

/** Checks signatures off the engine's path, in the order of `items`. */
export interface Checker {
  check(items: readonly SignatureItem[]): Promise<readonly boolean[]>;
  close(): Promise<void>;
}

/** Wall time for the engine, timers for waking it; the simulator and the tests have their own. */
export interface Clock {
  /** ms since 1970. */
  now(): number;
  /** Runs once, at or after `at`; the returned function cancels. */
  at(at: number, run: () => void): () => void;
}

import type { FindResult, Finding, PublishedEntry, Question } from "../protocol/index.ts";

/** Where bytes about targets come from. Bytes, never judgements; silence is a value, not an error. */
export interface Source {
  /** For messages: `local node`, `mesh`, `bundle x`. */
  readonly name: string;
  /** True if it keeps feeds of its own: then these are asked first, and the network only for what they leave open. */
  readonly holdsFeeds: boolean;
  /** True if what this source says of its own completeness may be taken over: the user's own node on this machine. */
  readonly trusted: boolean;
  /** Everything known about the question, unverified. Rejects only if the source cannot be asked at all. */
  find(question: Question, options: FindOptions): Promise<FindResult>;
  close(): Promise<void>;
}

export interface FindOptions {
  /** Ask peers and the DHT too, not only what is held. */
  readonly network: boolean;
  readonly deadlineMs: number;
}

/** Takes envelopes for publishing. */
export interface Publisher {
  publish(envelopes: readonly Uint8Array[]): Promise<readonly PublishedEntry[]>;
}

/** Hands out findings by number, from `since` on, for ever or until the signal. */
export interface FindingFeed {
  findings(since: number, signal: AbortSignal): AsyncIterable<Finding>;
}

/** Takes alerts. Resolved = taken; rejected = will be offered again, in order, so at least once. */
export interface Sink {
  readonly name: string;
  deliver(line: string): Promise<void>;
}

/** Signs with a builder's key, whatever it is given: domain separation is the caller's (RULES R2). */
export interface Signer {
  /** Raw Ed25519 key. */
  readonly publicKey: Uint8Array;
  /** Plain key id, hex. */
  readonly keyId: string;
  sign(bytes: Uint8Array): Uint8Array;
}

import type {
  Acknowledged,
  Cosigner,
  FindResult,
  AlertState,
  Change,
  Finding,
  PublicKey,
  PublishedEntry,
  Question,
  RawFindings,
  RolePath,
  Severity,
  TargetFile,
  WhichPeers,
} from "../protocol/index.ts";
import type { ClientError } from "./errors.ts";

/** Where bytes about targets come from. Bytes, never judgements; silence is a value, not an error. */
export interface Source {
  /** For messages: `local node`, `mesh`, `bundle x`. */
  readonly name: string;
  /** True if it keeps feeds of its own: then these are asked first, and the network only for what they leave open. */
  readonly holdsFeeds: boolean;
  /** True if what this source says of its own completeness may be taken over: the user's own node on this machine. */
  readonly trusted: boolean;
  /** Resolves when it can be asked: the deadline of a question counts from then. */
  ready?(): Promise<void>;
  /** Everything known about the question, unverified. Rejects only if the source cannot be asked at all. */
  find(question: Question, options: FindOptions): Promise<FindResult>;
  close(): Promise<void>;
}

export interface FindOptions {
  /** Ask peers and the DHT too, not only what is held. */
  readonly network: boolean;
  readonly deadlineMs: number;
}

/** What is looked for in whole feeds. */
export interface Sought {
  /** Keys of targets, and digests. */
  readonly targets: readonly Uint8Array[];
  readonly digests: readonly Uint8Array[];
  /** Names of files, for attestations that name no target. */
  readonly files: readonly string[];
  /** Feeds of the builders that count: looked for where a mirror holds several. */
  readonly origins: readonly string[];
  /** Seconds since 1970: what these witnesses had cosigned by then is wanted too. */
  readonly since: readonly number[];
  readonly witnesses: readonly Cosigner[];
}

/** Feeds in static files that the user named (C2SP tlog-tiles): they answer nothing, and are read. */
export interface Mirrors {
  /**
   * Reads what is in the feeds of what is sought, and says how far each is read. Every octet that it hands over stands in a feed under a
   * verified head; who signed it is for the reader to see. Never rejects for what a mirror does.
   */
  read(sought: Sought, deadlineMs: number): Promise<MirrorsRead>;
  /** How far it is, in words; null while nothing is read. */
  progress(): string | null;
}

/** What was read of mirrors. */
export interface MirrorsRead {
  /** `complete`: all entries below the head were looked at here, by ourselves. */
  readonly raw: RawFindings;
  /** Mirrors that served. */
  readonly count: number;
  /** Nothing was left out for want of time. */
  readonly ended: boolean;
  /** What of them is not used, and why. */
  readonly dropped: readonly ClientError[];
}

/**
 * Where documents and files of one trust domain come from: a web server, a folder, a file, the mesh. Bytes, never judgements: who asks
 * checks every octet. Each of the three is null where the source has no such thing, and rejects where it can't be asked.
 */
export interface TrustSource {
  /** For messages. */
  readonly name: string;
  /** How it is opened again; left out: by its name. */
  readonly place?: string;
  /** The root of this version, MAX_ROOT_BYTES at most. */
  root(version: number): Promise<Uint8Array | null>;
  /** The newest targets of a role that it knows (`[]` = the domain's own), MAX_TARGETS_BYTES at most. */
  targets(role: RolePath): Promise<Uint8Array | null>;
  /** A file that targets list: `length` octets with this SHA-256. */
  file(file: TargetFile): Promise<Uint8Array | null>;
  /** Proof that the domain has split, MAX_SPLIT_BYTES at most. Only peers of the mesh carry some. */
  split?(): Promise<Uint8Array | null>;
  close(): Promise<void>;
}

/** Peers of the mesh that carry trust domains, each known by the first DOMAIN_NAME_BYTES of its fingerprint. */
export interface Carriers {
  carriers(domain: Uint8Array, deadlineMs: number, which?: WhichPeers): Promise<readonly string[]>;
  /** A document by its path, `most` octets at most; null where the peer has none. */
  fetch(
    peer: string,
    wanted: { readonly domain: Uint8Array; readonly path: string; readonly most: number },
  ): Promise<Uint8Array | null>;
}

/** Takes envelopes for publishing. */
export interface Publisher {
  publish(envelopes: readonly Uint8Array[]): Promise<readonly PublishedEntry[]>;
}

/** A finding, and whether somebody has seen to it: where nothing is said, nobody has. */
export interface NotedFinding extends Finding {
  readonly acknowledged?: Acknowledged | null;
}

/** Hands out findings by number, from `since` on, for ever or until the signal. */
export interface FindingFeed {
  findings(since: number, signal: AbortSignal): AsyncIterable<NotedFinding>;
}

/** What a sink is told: an alert that is new or has changed, or a digest of many. */
export interface Told {
  readonly event: "alert" | "digest";
  /** The same whenever the same is told again: who gets it twice can know. */
  readonly delivery: string;
  /** Stable id of the matter, or of the digest. */
  readonly matter: string;
  readonly kind: string;
  readonly severity: Severity;
  readonly state: AlertState;
  readonly change: Change | null;
  /** ms since 1970. */
  readonly since: number;
  readonly headline: string;
  readonly sentences: readonly string[];
  readonly check: string | null;
  readonly purl: string | null;
  readonly builders: readonly string[];
  /** All of it as JSON, without line feed (protocol/spec/alert.schema.json, alert-digest.schema.json). */
  readonly line: string;
}

/** Takes alerts. Resolved = taken; rejected = will be offered again, in order, so at least once. */
export interface Sink {
  /** For people, and what its place in the data directory is called by. */
  readonly name: string;
  /** It wants to hear what is no news to anybody, too: that somebody has acknowledged it. */
  readonly wantsAll: boolean;
  deliver(told: Told, signal: AbortSignal): Promise<void>;
  /** Where what goes on must be said again and again: all of it, every so many ms. */
  readonly repeat: {
    readonly everyMs: number;
    say(open: readonly Told[], signal: AbortSignal): Promise<void>;
  } | null;
}

/** Signs envelopes with a key that may be elsewhere: in an agent, or on a card that wants to be touched. */
export interface EnvelopeSigner {
  readonly key: PublicKey;
  /** As an envelope names it, hex. */
  readonly keyId: string;
  /** Resolves when whoever holds the key has agreed. */
  sign(message: Uint8Array): Promise<EnvelopeSignature>;
}

/** A signature as an envelope carries it. */
export interface EnvelopeSignature {
  readonly sig: Uint8Array;
  /** Of an OpenPGP signature: what it signs of itself; else null. */
  readonly openPgpHeaders: Uint8Array | null;
}

/** Signs with a builder's key, whatever it is given: domain separation is the caller's (RULES R2). */
export interface Signer {
  /** Raw Ed25519 key. */
  readonly publicKey: Uint8Array;
  /** Plain key id, hex. */
  readonly keyId: string;
  sign(bytes: Uint8Array): Uint8Array;
}

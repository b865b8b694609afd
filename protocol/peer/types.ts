import type { Attestation } from "../attestation/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import type { Cosigner } from "../feed/index.ts";
import type { FeedStateName, FeedView, HeadJoin, HeadView } from "./head-view.ts";
import type { FindingKind } from "./finding-kind.ts";
import type { AuditView } from "./audit-view.ts";
import type { Caution, RecoveryView } from "./caution.ts";
import type { DomainCommand, DomainHint, DomainResult } from "./domain-commands.ts";
import type { ProviderEffect, ProviderEvent } from "./provider-effects.ts";
import type { PlacedPeer } from "./region.ts";
import type { SweepView } from "./sweep-view.ts";
import type { SyncView } from "./sync-view.ts";
import type { SignatureItem } from "./signature-item.ts";
import type { SignEffect, WitnessAnswer, WitnessView } from "./witness-view.ts";

/**
 * The engine's whole surface (DESIGN section 5): events in, effects out, nothing else. The engine owns no clock, no
 * randomness and no I/O; a driver (libp2p and level, or the simulator) runs the effects and answers with events.
 */

export type { FeedClass, FeedStateName, FeedView, HeadJoin, HeadView } from "./head-view.ts";

/** A peer's id in its text form; the engine compares ids and never parses them. */
export type PeerName = string;
/** `samebits/<network>/<hex>` (RULES R1). */
export type Origin = string;
/** Number made by the engine: names the answer that it waits for. */
export type Token = number;
/** Number made by the driver: names who waits for the engine's verdict, reply or result. */
export type Ticket = number;

export type Topic = "feeds" | "evidence" | "cosignatures" | "domains";
export type Stream = "tiles" | "query" | "records";

/** One row of the store: keys are ordered bytewise (`rows.ts` has the layout). */
export interface Row {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** All rows with from ≤ key < to, at most `limit` of them and about 1 MB, in key order (or backwards). */
export interface Range {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly limit: number;
  readonly reverse?: boolean;
}

export type StoreOp =
  | { readonly op: "put"; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly op: "delete"; readonly key: Uint8Array };

/** What somebody on this machine asks of its own peer; ends in one `done`. */
export type Command =
  | { readonly do: "publish"; readonly attestations: readonly Attestation[] }
  | { readonly do: "find"; readonly question: Question; readonly network: boolean; readonly deadline: number }
  /** Findings after number `since`, oldest first, with their evidence. */
  | { readonly do: "findings"; readonly since: number; readonly limit: number }
  /** Somebody has seen to the finding with this id. */
  | { readonly do: "acknowledge"; readonly id: string; readonly note: string }
  | { readonly do: "status" }
  /** A request to the witness as it came (C2SP tlog-witness). */
  | { readonly do: "add-checkpoint"; readonly request: Uint8Array }
  /** Gives room of feeds that nobody follows back. */
  | { readonly do: "prune" }
  | DomainCommand;

/** Which attestations somebody wants: by target key, by product digest, by file name of a legacy link; of whom. */
export interface Question {
  readonly targets: readonly Uint8Array[];
  readonly digests: readonly Uint8Array[];
  /** Raw keys (Ed25519) or SPKI (foreign) of the builders wanted; empty = of anybody known here. */
  readonly builders: readonly Uint8Array[];
  /** Seconds since 1970, at most MAX_SINCE_TIMES: of feeds that carry what is found also the newest heads that witnesses had cosigned by then are wanted. */
  readonly since?: readonly number[];
}

/** An entry with all that proves it, as `query`, `records`, bundles and mirrors hand it around; unverified bytes. */
export interface FoundEntry {
  readonly entry: Uint8Array;
  /** Who is said to have signed: raw Ed25519 key or SPKI DER. A hint: verification decides. */
  readonly signer: Uint8Array;
  readonly index: number;
  readonly path: readonly Uint8Array[];
  readonly checkpoint: Uint8Array;
}

export interface PublishedEntry {
  readonly origin: Origin;
  readonly index: number;
  /** True if the very same signed bytes were there before (idempotent). */
  readonly known: boolean;
}

export interface FindResult {
  readonly found: readonly FoundEntry[];
  /** Heads of the feeds that this peer holds and that belong to the builders asked for (or all followed). */
  readonly heads: readonly HeadView[];
  /** Heads with a witness's line, as other peers told them of the feeds that carry what they found. */
  readonly cosigned: readonly Uint8Array[];
  /** How the heads that witnesses have cosigned go together with these and with those under which entries were found. */
  readonly joins: readonly HeadJoin[];
  readonly evidence: readonly Uint8Array[];
  readonly peers: { readonly asked: number; readonly replied: number };
  readonly dht: { readonly asked: number; readonly replied: number };
  /** All that was asked has replied, refused or timed out (RULES R20c), and nothing was left out: a question may have too many keys. */
  readonly ended: boolean;
}

export interface StatusResult {
  readonly feeds: readonly FeedView[];
  readonly own: {
    readonly origin: Origin;
    readonly state: FeedStateName;
    readonly size: number;
    /** Why nothing can be published, and what to do; null where it can. */
    readonly reason: string | null;
  } | null;
  /** Of a peer that recovers a feed. */
  readonly recovery: RecoveryView | null;
  /** Null without a witness key. */
  readonly witness: WitnessView | null;
  readonly sync: SyncView;
  readonly audit: AuditView;
  readonly claims: number;
  readonly findings: number;
  readonly records: number;
  readonly sweep: SweepView;
  readonly peers: number;
  readonly counters: ReadonlyMap<string, number>;
}

export type CommandResult =
  | { readonly ok: true; readonly do: "publish"; readonly entries: readonly PublishedEntry[] }
  | { readonly ok: true; readonly do: "find"; readonly result: FindResult }
  | { readonly ok: true; readonly do: "findings"; readonly findings: readonly Finding[] }
  | { readonly ok: true; readonly do: "acknowledge" }
  | { readonly ok: true; readonly do: "status"; readonly result: StatusResult }
  | { readonly ok: true; readonly do: "prune" }
  | DomainResult
  | { readonly ok: true; readonly do: "add-checkpoint"; readonly answer: WitnessAnswer }
  | { readonly ok: false; readonly code: string; readonly message: string };

export type { FindingKind } from "./finding-kind.ts";

/** Something a watcher wants to know; numbered in the order of finding, kept, and told once. */
export interface Finding {
  readonly number: number;
  readonly kind: FindingKind;
  /** Hex SHA-256 over (kind, keys, target): the same matter has the same id. */
  readonly id: string;
  /** Raw keys or SPKI of the builders or feed concerned. */
  readonly keys: readonly Uint8Array[];
  readonly target: Uint8Array | null;
  /** Canonical purl and file name for people, when the matter has a target. */
  readonly purl: string | null;
  readonly file: string | null;
  readonly step: string | null;
  /** Self-contained evidence file (protocol/evidence), or null where there is only an observation. */
  readonly evidence: Uint8Array | null;
  /** ms since 1970 by this peer's clock. */
  readonly time: number;
  readonly difference: boolean;
}

export type Event =
  /**
   * Once, first: `own` is the content of the own-head file ("none" = never begun here, "lost" = begun, and gone). `moved`: it is not the file
   * that was written last, but a copy of it, as after a restored backup (I1).
   */
  | { readonly kind: "opened"; readonly own: Uint8Array | "none" | "lost"; readonly moved?: boolean }
  | { readonly kind: "joined"; readonly peer: PeerName }
  | { readonly kind: "left"; readonly peer: PeerName }
  /** Ends in one `verdict`. */
  | {
      readonly kind: "gossip";
      readonly topic: Topic;
      readonly from: PeerName;
      readonly bytes: Uint8Array;
      readonly ticket: Ticket;
    }
  /** Ends in one `reply` or `refuse`. */
  | {
      readonly kind: "asked";
      readonly stream: Stream;
      readonly from: PeerName;
      readonly bytes: Uint8Array;
      readonly ticket: Ticket;
    }
  /** Ends in one `done`. */
  | { readonly kind: "local"; readonly command: Command; readonly ticket: Ticket }
  | { readonly kind: "answered"; readonly token: Token; readonly bytes: Uint8Array }
  | { readonly kind: "closest"; readonly token: Token; readonly peers: readonly PeerName[] }
  | { readonly kind: "region"; readonly token: Token; readonly peers: readonly PlacedPeer[] }
  /** Of a `recall`: octets as somebody put them there, or null where nobody had any. */
  | { readonly kind: "recalled"; readonly token: Token; readonly value: Uint8Array | null }
  | { readonly kind: "near"; readonly token: Token; readonly near: readonly boolean[] }
  | ProviderEvent
  | { readonly kind: "rows"; readonly token: Token; readonly rows: readonly Row[]; readonly more: boolean }
  | { readonly kind: "checked"; readonly token: Token; readonly good: readonly boolean[] }
  | { readonly kind: "signed"; readonly token: Token; readonly signature: Uint8Array }
  /** Of a `store` (applied; durable if that was asked) or of a `swap`. `there`: of each key that the store asks for, whether it had a row right before. */
  | { readonly kind: "stored"; readonly token: Token; readonly there?: readonly boolean[] }
  /** Of any token. For a durable store or a swap: it may or may not have persisted. */
  | { readonly kind: "failed"; readonly token: Token; readonly code: string }
  /** At `wake`, and at the latest every second. */
  | { readonly kind: "tick" };

export type Effect =
  /** Atomic, first in first out with all other stores. `asks`: keys that `ops` put, of which it is asked whether they are new. */
  | {
      readonly kind: "store";
      readonly token: Token;
      readonly durable: boolean;
      readonly ops: readonly StoreOp[];
      readonly asks: readonly Uint8Array[];
    }
  /** Compare-and-swap of the own-head file; durable when `stored` comes. */
  | {
      readonly kind: "swap";
      readonly token: Token;
      readonly old: Uint8Array | null;
      readonly next: Uint8Array;
    }
  | {
      readonly kind: "verdict";
      readonly ticket: Ticket;
      readonly verdict: "accept" | "ignore" | "reject";
      readonly code: string | null;
    }
  /** The answer is all parts together; they do not change afterwards. */
  | { readonly kind: "reply"; readonly ticket: Ticket; readonly parts: readonly Uint8Array[] }
  | { readonly kind: "refuse"; readonly ticket: Ticket; readonly code: string }
  | { readonly kind: "gossip"; readonly topic: Topic; readonly bytes: Uint8Array }
  | {
      readonly kind: "ask";
      readonly token: Token;
      readonly to: PeerName;
      readonly stream: Stream;
      readonly bytes: Uint8Array;
      /** ms from now until `failed`. */
      readonly timeoutMs: number;
    }
  /** The k peers closest to SHA-256(key), this one excluded; `region`: twice as many, with their places. */
  | { readonly kind: "lookup"; readonly token: Token; readonly key: Uint8Array; readonly timeoutMs: number }
  | { readonly kind: "region"; readonly token: Token; readonly key: Uint8Array; readonly timeoutMs: number }
  /** Of each key, whether this peer is one of the 2k closest to it that it knows of: nobody is asked (RULES R25). */
  | { readonly kind: "near"; readonly token: Token; readonly keys: readonly Uint8Array[] }
  /** The head record under `key` in the DHT, of several the largest. */
  | { readonly kind: "recall"; readonly token: Token; readonly key: Uint8Array; readonly timeoutMs: number }
  /** A head put into the DHT as a hint: nothing is promised. */
  | { readonly kind: "announce"; readonly key: Uint8Array; readonly value: Uint8Array }
  | ProviderEffect
  | { readonly kind: "read"; readonly token: Token; readonly range: Range }
  | { readonly kind: "check"; readonly token: Token; readonly items: readonly SignatureItem[] }
  | SignEffect
  /** Hang up and do not take back for so long: only for what its bytes alone show to be wrong. */
  | { readonly kind: "drop"; readonly peer: PeerName; readonly code: string; readonly forMs: number }
  | { readonly kind: "done"; readonly ticket: Ticket; readonly result: CommandResult }
  | { readonly kind: "finding"; readonly finding: Finding }
  | DomainHint
  /** The store is loaded; gossip and questions are served from now on. */
  | { readonly kind: "ready" }
  | { readonly kind: "wake"; readonly at: number };

export interface EngineConfig {
  readonly network: string;
  /** This peer's own id: never asked, never dropped. */
  readonly self: PeerName;
  /** Raw key of the own feed; null = a light peer that publishes nothing. */
  readonly feedKey: Uint8Array | null;
  /** Cosigns heads of followed feeds: its name and raw key, which is used for nothing else (RULES R2). */
  readonly witness?: Cosigner;
  /** Witnesses whose cosignatures are kept of every feed, at most MAX_PINNED_WITNESSES. */
  readonly witnesses?: readonly Cosigner[];
  /** The own feed begins now (RULES R13): allowed only where neither store nor own-head file knows it. */
  readonly first: boolean;
  /** The feed that its publisher recovers with this peer: it is followed, and nothing of it is signed. `known`: the last head in the own-head file. */
  readonly recovers?: { readonly origin: Origin; readonly known: Uint8Array | null };
  /** Without it nobody is waited for after an ordinary start, and three sources after a restore. */
  readonly caution?: Caution;
  readonly follow: {
    /** Follow every feed that shows up (within the unknown budget's rules, R11). */
    readonly all: boolean;
    readonly origins: readonly Origin[];
    /** Keys whose attestations are indexed wherever they are carried. */
    readonly builders: readonly PublicKey[];
  };
  /** Light: keeps no foreign feed, answers no question, only finds. */
  readonly light: boolean;
  /** Octets that feeds which nobody here follows may take in all, and those that are followed (room.ts). */
  readonly maxStoreBytes: number;
  readonly maxFollowedBytes: number;
}

export interface Engine {
  /** Never awaits, never throws on foreign bytes. `now` in ms since 1970. */
  handle(event: Event, now: number): readonly Effect[];
}

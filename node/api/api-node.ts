import type {
  Acknowledged,
  DomainView,
  FindResult,
  PublishedEntry,
  Question,
  Range,
  Row,
  StatusResult,
  WitnessAnswer,
} from "../../protocol/index.ts";
import type { DiskView } from "../disk-room.ts";
import type { NodeError } from "../errors.ts";
import type { FindingsPage, KeptFinding } from "../findings.ts";
import type { Picture } from "../picture/index.ts";
import type { PolicyView } from "../policies.ts";
import type { Traffic } from "../traffic.ts";

/** One connection of this node, for people. */
export interface PeerView {
  readonly peer: string;
  readonly addresses: readonly string[];
  readonly direction: "in" | "out";
  /** ms since 1970. */
  readonly since: number;
}

/** What the HTTP interface needs of a node. */
export interface ApiNode {
  readonly network: string;
  readonly peerId: string;
  readonly listen: readonly string[];
  query(
    question: Question,
    options: { readonly network: boolean; readonly deadlineMs: number },
  ): Promise<FindResult>;
  publish(entries: readonly Uint8Array[]): Promise<readonly PublishedEntry[]>;
  status(): Promise<StatusResult>;
  peers(): readonly PeerView[];
  /** What its streams carried since the start. */
  readonly traffic: Traffic;
  /** The released version, where it was told. */
  readonly version: string;
  /** How the disk of its data stands; null for a peer without. */
  disk(): Promise<DiskView | null>;
  /** What keeps the node from reading or writing its data, or null. */
  trouble(): NodeError | null;
  /** What it was started with. */
  readonly policies: readonly PolicyView[];
  /** How builders agree, as far as the index was looked through. */
  readonly picture: Pick<Picture, "view" | "grown" | "matrix">;
  readonly domains: { readonly pinned: readonly DomainView[] };
  findings(
    since: number,
    wanted: { readonly limit: number; readonly onlyProven: boolean },
  ): Promise<FindingsPage>;
  events(since: number, signal: AbortSignal): AsyncIterable<KeptFinding>;
  /** Whether somebody has seen to the finding with this id (64 hex digits). */
  acknowledged(id: string): Promise<Acknowledged | null>;
  /** Rejects with `peer/no-such-finding`. */
  acknowledge(id: string, note: string): Promise<void>;
  /** Puts a request to the witness; rejects with `witness/…` where nothing is cosigned. */
  addCheckpoint(request: Uint8Array): Promise<WitnessAnswer>;
  ask(stream: "tiles" | "query", bytes: Uint8Array): Promise<Uint8Array>;
  read(range: Range): Promise<{ readonly rows: readonly Row[]; readonly more: boolean }>;
}

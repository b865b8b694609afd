import type { Effect, PeerName, Stream } from "../../protocol/peer/index.ts";
import type { Disk } from "./disk.ts";

/** What is seen of an honest peer from outside. */
export interface ObservedPeer {
  readonly name: PeerName;
  readonly disk: Disk;
  readonly feedKey: Uint8Array | null;
  /** Of its own feed. */
  readonly origin: string | null;
  /** How often it was started or crashed. */
  readonly life: number;
  /** Effects that wait for an answer. */
  readonly outstanding: number;
  /** Whether it was told to follow this feed. */
  follows(origin: string): boolean;
  /** Who sent the message that waits for this verdict. */
  gossipFrom(ticket: number): PeerName | null;
}

/** What is told of every honest peer. */
export interface Observer {
  /** Before it takes effect. */
  effect(peer: ObservedPeer, effect: Effect): void;
  /** A question was answered, and that has taken effect. */
  answered(
    peer: ObservedPeer,
    from: PeerName,
    stream: Stream,
    question: Uint8Array,
    answer: Uint8Array | string,
  ): void;
}

import type { Finding, FindResult, PublicKey, Question } from "../../protocol/index.ts";
import type { FindingFeed, FindOptions, Source } from "../edges.ts";

/** How long the first peers may take to answer before the question goes out without them. */
const MEET_WITHIN_MS = 1_500;
const MEET_POLL_MS = 15;

/** Where a peer of our own begins. */
export interface Meeting {
  readonly network: string;
  /** Multiaddrs. */
  readonly bootstrap: readonly string[];
}

/**
 * A light peer for as long as one command runs: in memory, listening nowhere, keeping nothing, asking connected peers and the DHT side by
 * side (CONTRACT, `verify`). Starts at once; the first question waits until somebody was met.
 */
export async function openLightPeer(meeting: Meeting): Promise<Source> {
  const { lightConfig, startNode } = await import("../../node/index.ts");
  const node = await startNode({ ...lightConfig(meeting.network, meeting.bootstrap), log: "silent" });
  let met: Promise<void> | null = null;
  return {
    name: "the mesh",
    holdsFeeds: false,
    trusted: false,
    async find(question: Question, options: FindOptions): Promise<FindResult> {
      const started = performance.now();
      if (options.network)
        await (met ??= meet(() => node.status(), Math.min(MEET_WITHIN_MS, options.deadlineMs)));
      const deadlineMs = Math.max(1, options.deadlineMs - (performance.now() - started));
      return node.query(question, { ...options, deadlineMs });
    },
    close: () => node.close(),
  };
}

async function meet(status: () => Promise<{ readonly peers: number }>, withinMs: number): Promise<void> {
  const until = performance.now() + withinMs;
  while ((await status()).peers === 0 && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, MEET_POLL_MS));
  }
}

/** What a peer of our own follows, in the data directory. */
export interface Following extends Meeting {
  readonly dataDir: string;
  readonly builders: readonly PublicKey[];
  readonly origins: readonly string[];
}

/** A full peer in the data directory that listens nowhere and follows these builders, for `watch` without a running node. */
export async function openFollower(following: Following): Promise<FindingFeed & { close(): Promise<void> }> {
  const { defaultConfig, startNode } = await import("../../node/index.ts");
  const { network, bootstrap, dataDir, builders, origins } = following;
  const node = await startNode({
    ...defaultConfig(dataDir),
    network,
    bootstrap,
    follow: { all: builders.length === 0 && origins.length === 0, builders, origins },
    log: "silent",
  });
  return {
    findings: (since: number, signal: AbortSignal): AsyncIterable<Finding> => node.events(since, signal),
    close: () => node.close(),
  };
}

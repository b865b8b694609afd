import type { Finding, FindResult, PublicKey, Question } from "../../protocol/index.ts";
import type { Node } from "../../node/index.ts";
import type { Carriers, FindingFeed, FindOptions, Source } from "../edges.ts";

/** Where a peer of our own begins. */
export interface Meeting {
  readonly network: string;
  /** Multiaddrs. */
  readonly bootstrap: readonly string[];
}

/**
 * A light peer for as long as one command runs: in memory, listening nowhere, keeping nothing, asking connected peers and the DHT side by
 * side (CONTRACT, `verify`). It starts when it is needed, and is ready when somebody was met, or could not be.
 */
export function openLightPeer(meeting: Meeting): Source {
  let node: Promise<Node> | null = null;
  const started = (): Promise<Node> => (node ??= startLightPeer(meeting));
  return {
    name: "the mesh",
    holdsFeeds: false,
    trusted: false,
    ready: async () => void (await started()),
    find: async (question: Question, options: FindOptions): Promise<FindResult> =>
      (await started()).query(question, options),
    close: async () => (await node?.catch(() => null))?.close(),
  };
}

/** A light peer that fetches trust domains; it starts when it is first asked. */
export function openMesh(meeting: Meeting): Carriers & { close(): Promise<void> } {
  let node: Promise<Node> | null = null;
  const started = (): Promise<Node> => (node ??= startLightPeer(meeting));
  return {
    carriers: async (domain, deadlineMs, which) =>
      (await started()).domains.carriers(domain, deadlineMs, which),
    fetch: async (peer, wanted) => (await started()).domains.fetch(peer, wanted),
    close: async () => (await node?.catch(() => null))?.close(),
  };
}

async function startLightPeer({ network, bootstrap }: Meeting): Promise<Node> {
  const { lightConfig, startNode } = await import("../../node/index.ts");
  return startNode({ ...lightConfig(network, bootstrap), log: "silent" });
}

/** What a peer of our own follows, in the data directory. */
export interface Following extends Meeting {
  readonly dataDir: string;
  readonly builders: readonly PublicKey[];
  readonly origins: readonly string[];
}

/** A full peer in the data directory that listens nowhere and follows these builders, for `watch` without a running node. */
export async function openFollower(
  following: Following,
): Promise<FindingFeed & Pick<Node, "domains"> & { close(): Promise<void> }> {
  const { defaultConfig, startNode } = await import("../../node/index.ts");
  const { network, bootstrap, dataDir, builders, origins } = following;
  const node = await startNode({
    ...defaultConfig(dataDir),
    network,
    bootstrap,
    follow: { all: builders.length === 0 && origins.length === 0, builders, origins },
    // By its socket in the data directory it is asked like a node that runs by itself.
    api: { listen: null, public: false, hosts: [] },
    log: "silent",
  });
  return {
    findings: (since: number, signal: AbortSignal): AsyncIterable<Finding> => node.events(since, signal),
    domains: node.domains,
    close: () => node.close(),
  };
}

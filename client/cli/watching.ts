/** Where `watch` has its findings from: a running node, else a peer of its own. */
import { join } from "node:path";
import type { Config } from "../config.ts";
import type { FindingFeed } from "../edges.ts";
import { ClientError } from "../errors.ts";
import type { Policies } from "../policy-file.ts";
import { openApi, openFollower, runningNode } from "../source/index.ts";
import type { NodeApi } from "../source/index.ts";
import { carryDomains } from "./node-domains.ts";
import type { Told } from "./node-domains.ts";

/** Where findings come from. */
export interface Watching extends FindingFeed {
  readonly name: string;
  /** Where its feeds are read, and its store is asked. */
  readonly api: NodeApi;
  /** A peer of our own, which follows whom it was opened for. */
  readonly isOwn: boolean;
  /** A node that can be asked what became of an alert; null = there is none. */
  readonly asked: NodeApi | null;
  /** Carries pinned domains and keeps them up to date until `stop`, where no node does. */
  keep(stop: AbortSignal, told: Told): Promise<void>;
  close(): Promise<void>;
}

/** A running node, else a peer of our own in the data directory. */
export async function openFeed(
  config: Config,
  bootstrap: readonly string[],
  policies: Policies | null,
): Promise<Watching> {
  const running = await runningNode(config);
  if (running !== null) {
    const { api } = running;
    return { ...api, api, name: api.name, isOwn: false, asked: api, keep: () => Promise.resolve() };
  }
  if (bootstrap.length === 0) {
    throw new ClientError(
      "source/none",
      "no node runs here, and there is no address to begin at: start one (samebits node), or give --bootstrap",
    );
  }
  const builders = (policies?.all ?? []).flatMap(({ policy }) => [...policy.builders.values()]);
  const follower = await openFollower({
    network: config.network,
    dataDir: config.data,
    bootstrap,
    builders: builders.flatMap(({ keys }) => keys),
    origins: builders.flatMap(({ feeds }) => feeds),
  });
  return {
    ...follower,
    api: openApi(
      { socket: join(config.data, "api.sock") },
      { trusted: true, dataDir: config.data, network: config.network },
    ),
    name: "a peer of its own",
    isOwn: true,
    asked: null,
    keep: (stop, told) => carryDomains(config.data, follower.domains, stop, told),
  };
}

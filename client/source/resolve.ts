import type { Config } from "../config.ts";
import type { Source } from "../edges.ts";
import { openLightPeer } from "./peer.ts";
import { runningNode } from "./running.ts";

/**
 * Whom to ask: a running node; without one, a light peer of our own that begins at `bootstrap`; without any address to begin at, nobody.
 * Throws as `runningNode` does.
 */
export async function openSource(config: Config, bootstrap: readonly string[]): Promise<Source | null> {
  const running = await runningNode(config);
  if (running !== null) return running.api;
  const addresses = bootstrap.length > 0 ? bootstrap : config.bootstrap;
  return addresses.length === 0 ? null : openLightPeer({ network: config.network, bootstrap: addresses });
}

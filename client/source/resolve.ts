import { connect } from "node:net";
import { join } from "node:path";
import type { Config } from "../config.ts";
import type { Mirrors, Source } from "../edges.ts";
import { openApi } from "./api.ts";
import { isLocal, parseAddress } from "./http.ts";
import { openLightPeer } from "./peer.ts";
import { runningNode } from "./running.ts";

/**
 * Whom to ask: the node of `--api`, else that of the data directory, else the one on the default port; without any, a light peer of our
 * own that begins at `bootstrap`; without an address to begin at, nobody. Throws as `runningNode` and `startNode` do.
 */
export async function openSource(config: Config, bootstrap: readonly string[]): Promise<Source | null> {
  const { data: dataDir, network } = config;
  if (config.api !== null) {
    const address = parseAddress(config.api);
    return openApi(address, { trusted: isLocal(address), dataDir, network });
  }
  const socket = join(dataDir, "api.sock");
  // Who may connect here is the user: the folder is the node's own, and nobody else's.
  if (await answers(socket)) return openApi({ socket }, { trusted: true, dataDir, network });
  const running = await runningNode(config);
  // Anybody on this machine may listen on the default port.
  if (running !== null) return { ...running.api, trusted: false };
  const addresses = bootstrap.length > 0 ? bootstrap : config.bootstrap;
  return addresses.length === 0 ? null : openLightPeer({ network, bootstrap: addresses });
}

/** Mirrors as they are named; null where none is: then nothing of them is loaded. Throws `usage/bad-option`, `config/bad-address`. */
export async function openMirrors(config: Config, names: readonly string[]): Promise<Mirrors | null> {
  if (names.length === 0) return null;
  const { openMirrors: open } = await import("./mirror/index.ts");
  return open(names, { network: config.network, dataDir: config.data });
}

/** Whether somebody listens; a node that was killed leaves its socket behind. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect({ path });
    connection.on("error", () => resolve(false));
    connection.on("connect", () => {
      connection.destroy();
      resolve(true);
    });
  });
}

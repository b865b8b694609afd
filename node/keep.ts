import { AGAIN_MAX_MS, AGAIN_MS, ROOM_BYTES, RUNS_WELL_MS } from "../protocol/index.ts";
import type { NodeConfig } from "./config.ts";
import { NodeError } from "./errors.ts";
import { openLog } from "./log.ts";
import type { Log } from "./log.ts";
import { hasRoom } from "./private-file.ts";
import { startNode } from "./start.ts";
import type { Node } from "./start.ts";

/**
 * Runs a node until `stop`. One whose disk fails or is full goes on answering from what it holds; as soon as the data
 * folder can be written again it is started anew, which reads what is there (RULES R12, I1). `ready` is called after
 * each start. Rejects as `startNode` if the first start fails.
 */
export async function keepNode(
  config: NodeConfig,
  stop: AbortSignal,
  ready: (node: Node) => void,
  given?: Log,
): Promise<void> {
  const log = given ?? (await openLog(config.log));
  const stopped = aborted(stop);
  let node: Node | null = await startNode(config, log);
  let pause = AGAIN_MS;
  while (node !== null) {
    ready(node);
    const since = performance.now();
    await Promise.race([node.broken, stopped]);
    if (performance.now() - since > RUNS_WELL_MS) pause = AGAIN_MS;
    while (!stop.aborted) {
      await sleep(pause, stopped);
      pause = Math.min(2 * pause, AGAIN_MAX_MS);
      if (config.dataDir === null || (await hasRoom(config.dataDir, ROOM_BYTES))) break;
    }
    await node.close();
    node = await startAgain(config, stop, log);
  }
}

/** Starts until it succeeds; null if that is not wanted any more. */
async function startAgain(config: NodeConfig, stop: AbortSignal, log: Log): Promise<Node | null> {
  const stopped = aborted(stop);
  let again = config;
  for (let pause = AGAIN_MS; !stop.aborted; pause = Math.min(2 * pause, AGAIN_MAX_MS)) {
    try {
      return await startNode(again, log);
    } catch (error) {
      if (!(error instanceof NodeError)) throw error;
      // The failure came after the feed was begun, or before: only the start says.
      if (error.code === "own-head/begun") again = { ...config, first: false };
      else
        log.error(
          { event: "start-failed", code: error.code, error: error.message },
          "cannot start again yet",
        );
    }
    await sleep(pause, stopped);
  }
  return null;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

async function sleep(ms: number, stopped: Promise<void>): Promise<void> {
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, ms);
  await Promise.race([over.promise, stopped]);
  clearTimeout(timer);
}

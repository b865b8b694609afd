import { defaultConfig, startNode } from "../../node/index.ts";
import type { Node, NodeConfig } from "../../node/index.ts";
import { atEnd } from "../at-end.ts";
import { newFolder } from "./folder.ts";

/** A node of the network `test` that listens on loopback, says nothing, and is closed when the test file is done. */
export async function startTestNode(changes: Partial<NodeConfig> = {}): Promise<Node> {
  const node = await startNode({
    ...defaultConfig(changes.dataDir === undefined ? await newFolder() : ""),
    network: "test",
    listen: ["/ip4/127.0.0.1/tcp/0"],
    log: "silent",
    ...changes,
  });
  atEnd(() => node.close());
  return node;
}

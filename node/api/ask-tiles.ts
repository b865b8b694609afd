import { readTilesAnswer, writeTilesRequest } from "../../protocol/index.ts";
import type { TilesRequest } from "../../protocol/index.ts";
import type { ApiNode } from "./api-node.ts";

/** What this node's own engine answers on the stream `tiles`. Rejects as its questions do. */
export async function askTiles(
  node: Pick<ApiNode, "ask">,
  request: TilesRequest,
): Promise<readonly Uint8Array[]> {
  return readTilesAnswer(await node.ask("tiles", writeTilesRequest(request))).blobs;
}

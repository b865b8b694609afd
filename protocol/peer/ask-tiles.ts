/** A question on the stream `tiles`, and its answer read: whoever answers what is no frame is hung up on. */
import { ProtocolError } from "../errors.ts";
import { ASK_TIMEOUT_MS } from "../limits.ts";
import { readTilesAnswer, writeTilesRequest } from "../wire/index.ts";
import type { TilesAnswer, TilesRequest } from "../wire/index.ts";
import type { Context } from "./context.ts";
import type { PeerName } from "./types.ts";

export function askTiles(
  { turn, peers }: Context,
  peer: PeerName,
  request: TilesRequest,
  answered: (answer: TilesAnswer) => void,
  failed: (code: string) => void,
  timeoutMs: number = ASK_TIMEOUT_MS,
): void {
  turn.ask(
    peer,
    "tiles",
    writeTilesRequest(request),
    timeoutMs,
    (bytes) => {
      let answer: TilesAnswer;
      try {
        answer = readTilesAnswer(bytes);
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        peers.drop(peer, error.code);
        failed(error.code);
        return;
      }
      answered(answer);
    },
    failed,
  );
}

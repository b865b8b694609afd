/**
 * A question on the stream `tiles`, and its answer read: whoever answers what is no frame, or gives more entries than were asked for, is hung up on.
 * Nobody honest does, and what stands behind the last one asked for would be kept with it.
 */
import { ProtocolError } from "../errors.ts";
import { ASK_TIMEOUT_MS, MAX_ANSWER_ITEMS } from "../limits.ts";
import { readTilesAnswer, writeTilesRequest } from "../wire/index.ts";
import type { TilesAnswer, TilesRequest } from "../wire/index.ts";
import type { Context } from "./context.ts";
import type { PeerName } from "./types.ts";

export function askTiles(
  { turn, peers }: Context,
  peer: PeerName,
  request: TilesRequest,
  /** Told also how many octets the frame has, which the answer's blobs are views of. */
  answered: (answer: TilesAnswer, octets: number) => void,
  failed: (code: string) => void,
  timeoutMs: number = ASK_TIMEOUT_MS,
): void {
  const most = request.kind === "entries" ? request.count : MAX_ANSWER_ITEMS;
  turn.ask(
    peer,
    "tiles",
    writeTilesRequest(request),
    timeoutMs,
    (bytes) => {
      let answer: TilesAnswer;
      try {
        answer = readTilesAnswer(bytes, most);
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        peers.drop(peer, error.code);
        failed(error.code);
        return;
      }
      answered(answer, bytes.length);
    },
    failed,
  );
}

/** What stands for the door of `node/` in the single file: static mirrors are read, and there is no peer, so no libp2p. */
import { ClientError } from "../../client/index.ts";
import { openMirror } from "../../node/index.ts";

export { openMirror };

/** Of what a trust domain names, only plain names on the public network count here; those are never asked about. */
export function sortForeign(places: readonly string[]): {
  readonly allowed: readonly string[];
  readonly refused: readonly string[];
} {
  return { allowed: [], refused: places };
}

export function lightConfig(): object {
  return {};
}

/** Throws `source/none`. */
export async function startNode(): Promise<never> {
  throw new ClientError(
    "source/none",
    "this file is verify alone and no peer of the mesh: name a --mirror, a running node with --api, or bring a --bundle; --bootstrap needs the whole samebits",
  );
}

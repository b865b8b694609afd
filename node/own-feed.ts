import { toHex } from "../protocol/index.ts";
import { openCarrier } from "./carrier.ts";
import type { NodeConfig } from "./config.ts";
import type { OwnHeadFile, Signer } from "./edges.ts";
import { NodeError } from "./errors.ts";
import { openSigner } from "./signer.ts";
import { assertNotFrozen, memoryOwnHead, ownHeadFile } from "./store/index.ts";

/** What this node signs its feed with, and what it knows of having done so. */
export interface OwnFeedKey {
  /** Null for a light peer, and for one that recovers its feed. */
  readonly signer: Signer | null;
  readonly ownHead: OwnHeadFile;
  /** The feed begins now (RULES R13). */
  readonly first: boolean;
  /** To be called when the engine serves: a feed that was to begin has begun. */
  begun(): Promise<void>;
}

/** Opens the key that the configuration names, or the carrier's. Throws `own-head/begun` for a `first` that is not. */
export async function openOwnFeed(config: NodeConfig): Promise<OwnFeedKey> {
  if (config.light || config.dataDir === null || config.recovers !== undefined) {
    return { signer: null, ownHead: memoryOwnHead(), first: false, begun: async () => {} };
  }
  const carrier = config.publishKey === null ? await openCarrier(config.dataDir) : null;
  const signer = openSigner(
    carrier?.pem ?? config.publishKey ?? "",
    carrier === null ? "--publish-key" : "carrier.key",
  );
  await assertNotFrozen(config.dataDir, toHex(signer.publicKey));
  const ownHead = ownHeadFile(config.dataDir, toHex(signer.publicKey));
  const never = (await ownHead.read()) === "none";
  if (config.first && !never) {
    throw new NodeError(
      "own-head/begun",
      "the feed of --publish-key was begun here before: start without --first",
    );
  }
  return {
    signer,
    ownHead,
    first: carrier === null ? config.first : carrier.fresh && never,
    async begun(): Promise<void> {
      if (carrier !== null && (await ownHead.read()) !== "none") await carrier.begun();
    },
  };
}

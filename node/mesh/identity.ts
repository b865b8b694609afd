import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from "@libp2p/crypto/keys";
import type { PrivateKey } from "@libp2p/interface";
import { join } from "node:path";
import { NodeError } from "../errors.ts";
import { readIfThere, replaceFile } from "../private-file.ts";

/**
 * This peer's key, which names it to other peers and signs nothing else: `peer.key` in the data folder (mode 0600),
 * made on the first start; a new one each time without a folder.
 */
export async function peerKey(folder: string | null): Promise<PrivateKey> {
  if (folder === null) return generateKeyPair("Ed25519");
  const path = join(folder, "peer.key");
  const kept = await readIfThere(path);
  if (kept === null) {
    const key = await generateKeyPair("Ed25519");
    await replaceFile(path, privateKeyToProtobuf(key));
    return key;
  }
  try {
    return privateKeyFromProtobuf(kept);
  } catch (cause) {
    throw new NodeError(
      "data/bad-key",
      `${path} is not a libp2p private key; remove it to get a new peer id`,
      { cause },
    );
  }
}

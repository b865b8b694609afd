import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from "@libp2p/crypto/keys";
import type { PrivateKey } from "@libp2p/interface";
import { open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { NodeError } from "../errors.ts";

/**
 * This peer's key, which names it to other peers and signs nothing else: `peer.key` in the data folder (mode 0600),
 * made on the first start; a new one each time without a folder.
 */
export async function peerKey(folder: string | null): Promise<PrivateKey> {
  if (folder === null) return generateKeyPair("Ed25519");
  const path = join(folder, "peer.key");
  const kept = await readKept(path);
  if (kept !== null) {
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
  const key = await generateKeyPair("Ed25519");
  try {
    const handle = await open(`${path}.new`, "w", 0o600);
    try {
      await handle.writeFile(privateKeyToProtobuf(key));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(`${path}.new`, path);
  } catch (cause) {
    throw new NodeError("data/unusable", `cannot write ${path}: ${String(cause)}`, { cause });
  }
  return key;
}

async function readKept(path: string): Promise<Uint8Array | null> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return null;
    throw new NodeError("data/unusable", `cannot read ${path}: ${String(cause)}`, { cause });
  }
}

import { randomBytes } from "node:crypto";
import { open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { toPkcs8Pem } from "../protocol/index.ts";
import { NodeError } from "./errors.ts";

/** The key of a node's own carrier feed: for what others hand it when it has no `--publish-key`. */
export interface CarrierKey {
  readonly pem: string;
  /** Its feed was not begun yet. */
  readonly fresh: boolean;
  /** To be called when the feed is begun: from then on its absence means loss. */
  begun(): Promise<void>;
}

/**
 * The key in `carrier.key` of the data folder. It is made under another name, which it keeps until its feed has begun,
 * so that a crash in between neither loses the key nor begins a feed twice.
 */
export async function openCarrier(folder: string): Promise<CarrierKey> {
  const path = join(folder, "carrier.key");
  const fresh = `${path}.new`;
  const kept = await readIfThere(path);
  if (kept !== null) return { pem: kept, fresh: false, begun: async () => {} };
  const begun = (): Promise<void> => rename(fresh, path);
  const started = await readIfThere(fresh);
  if (started !== null && started.length > 0) return { pem: started, fresh: true, begun };
  const pem = toPkcs8Pem(new Uint8Array(randomBytes(32)));
  try {
    const handle = await open(fresh, "w", 0o600);
    try {
      await handle.writeFile(pem);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw new NodeError("data/unusable", `cannot write ${fresh}: ${String(cause)}`, { cause });
  }
  return { pem, fresh: true, begun };
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return null;
    throw new NodeError("data/unusable", `cannot read ${path}: ${String(cause)}`, { cause });
  }
}

import { randomBytes } from "node:crypto";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { toPkcs8Pem } from "../protocol/index.ts";
import { readIfThere, replaceFile } from "./private-file.ts";

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
  if (kept !== null) return { pem: textOf(kept), fresh: false, begun: async () => {} };
  const begun = (): Promise<void> => rename(fresh, path);
  const started = await readIfThere(fresh);
  if (started !== null) return { pem: textOf(started), fresh: true, begun };
  const pem = toPkcs8Pem(new Uint8Array(randomBytes(32)));
  await replaceFile(fresh, new TextEncoder().encode(pem));
  return { pem, fresh: true, begun };
}

function textOf(pem: Uint8Array): string {
  return new TextDecoder().decode(pem);
}

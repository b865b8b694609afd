import { randomBytes } from "node:crypto";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { NodeError } from "../errors.ts";
import { readIfThere, replaceFile } from "../private-file.ts";

const TOKEN = /^[0-9a-f]{64}\n$/;

/** The node's token, from `token` in the data directory (0600), made there the first time. */
export async function openToken(dataDir: string): Promise<string> {
  const path = join(dataDir, "token");
  const kept = await readIfThere(path);
  if (kept === null) {
    const token = randomBytes(32).toString("hex");
    await replaceFile(path, new TextEncoder().encode(`${token}\n`));
    return token;
  }
  const text = new TextDecoder().decode(kept);
  if (!TOKEN.test(text)) {
    throw new NodeError("data/unusable", `${path}: not a token; delete the file, the node makes a new one`);
  }
  await chmod(path, 0o600);
  return text.trimEnd();
}

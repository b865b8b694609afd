import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { NodeError } from "../errors.ts";

const TOKEN = /^[0-9a-f]{64}\n$/;

/** The node's token, from `token` in the data directory (0600), made there the first time. */
export async function openToken(dataDir: string): Promise<string> {
  const path = join(dataDir, "token");
  try {
    await writeFile(path, `${randomBytes(32).toString("hex")}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) {
      throw new NodeError("data/unusable", `${path}: cannot be written: ${String(error)}`, { cause: error });
    }
  }
  const text = await readFile(path, "utf8");
  if (!TOKEN.test(text)) {
    throw new NodeError("data/unusable", `${path}: not a token; delete the file, the node makes a new one`);
  }
  return text.trimEnd();
}

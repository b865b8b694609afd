import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../client/cli/run.ts";
import { newFolder } from "../node/folder.ts";
import type { TestBuilder } from "./claims.ts";

/** The link of the old form that `samebits attest` signs about a file with this builder's key. */
export async function ownLink(
  by: TestBuilder,
  path: string,
  ...options: readonly string[]
): Promise<Uint8Array> {
  const folder = await newFolder();
  const key = join(folder, "builder.key");
  await writeFile(key, by.pem, { mode: 0o600 });
  const argv = ["attest", path, "--key", key, "--predicate", "legacy-link", "-o", join(folder, "out")];
  const { code, err } = await runCommand([...argv, ...options], folder);
  if (code !== 0) throw new Error(err);
  const [file = ""] = readdirSync(join(folder, "out"));
  return Uint8Array.from(readFileSync(join(folder, "out", file))).subarray(0, -1);
}

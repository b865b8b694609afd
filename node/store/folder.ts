import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { NodeError } from "../errors.ts";

/**
 * Makes the data folder, and those above it, where they lack. Throws `data/unusable`. By hand: Node's own recursion never ends where a
 * folder can't be made in one that is there (/proc).
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await make(path, true);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new NodeError(
      "data/unusable",
      `the data folder ${path} cannot be made (${why}); choose another with --data`,
      { cause },
    );
  }
}

async function make(path: string, parents: boolean): Promise<void> {
  try {
    await mkdir(path, 0o700);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "EEXIST" && (await stat(path)).isDirectory()) return;
    if (code !== "ENOENT" || !parents) throw error;
    await make(dirname(path), dirname(path) !== path);
    await make(path, false);
  }
}

/** git, run in the working folder. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const TIMEOUT_MS = 10_000;
/** Of a command that only names things. */
const MAX_TEXT_BYTES = 4_096;
/** Objects as they are, whatever the repository has in their stead (git-replace). */
const PLAIN = ["--no-replace-objects"];

/** What git prints. Rejects where it does not run, ends with another status than 0 (`code`), or prints more than `maxBuffer`. */
export async function gitOutput(args: readonly string[], maxBuffer: number): Promise<Uint8Array> {
  const options = { timeout: TIMEOUT_MS, maxBuffer, encoding: "buffer" } as const;
  return (await promisify(execFile)("git", [...PLAIN, ...args], options)).stdout;
}

/** The same as one line of text. */
export async function gitLine(...args: readonly string[]): Promise<string> {
  return Buffer.from(await gitOutput(args, MAX_TEXT_BYTES))
    .toString("utf8")
    .trim();
}

/** What a rejection says: that git is not there, or how it ended; null for anything else. */
export function gitEnd(error: unknown): "missing" | number | null {
  if (!(error instanceof Error) || !("code" in error)) return null;
  if (error.code === "ENOENT") return "missing";
  return typeof error.code === "number" ? error.code : null;
}

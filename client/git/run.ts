/** git, run in the working folder. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { untranslated } from "../output-of.ts";

const TIMEOUT_MS = 10_000;
/** Of a command that only names things. */
const MAX_TEXT_BYTES = 4_096;
/** Objects as they are, whatever the repository has in their stead (git-replace). */
const PLAIN = ["--no-replace-objects"];
/** Nothing is fetched that a clone has left out: what would do it is in the repository's configuration. */
const OFFLINE = { GIT_NO_LAZY_FETCH: "1" };
/** Where another folder is to be looked into, nothing says of what is in it that it is a repository but its own `.git`. */
const ELSEWHERE = ["-c", "safe.bareRepository=explicit"];
/** Variables that name the repository of the working folder (`git rev-parse --local-env-vars`). */
const LOCAL = ["DIR", "WORK_TREE", "COMMON_DIR", "INDEX_FILE", "OBJECT_DIRECTORY", "NAMESPACE", "PREFIX"];
const NOT_HERE = Object.fromEntries(LOCAL.map((name) => [`GIT_${name}`, undefined]));

/** What a command of git's is given beside its arguments. */
export interface GitInput {
  /** Its stdin; nothing if left out. */
  readonly stdin?: Uint8Array | string;
  /** Variables of its environment beside ours. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where it runs; null or left out = in the working folder. The caller knows it for the root of a checkout. */
  readonly folder?: string | null;
}

/** What git prints. Rejects where it does not run, ends with another status than 0 (`code`), or prints more than `maxBuffer`. */
export async function gitOutput(
  args: readonly string[],
  maxBuffer: number,
  { stdin, env = {}, folder = null }: GitInput = {},
): Promise<Uint8Array> {
  const where = folder === null ? [] : ["-C", folder, ...ELSEWHERE];
  const options = {
    timeout: TIMEOUT_MS,
    maxBuffer,
    encoding: "buffer",
    env: { ...untranslated(), ...OFFLINE, ...env, ...(folder === null ? {} : NOT_HERE) },
  } as const;
  const asked = promisify(execFile)("git", [...PLAIN, ...where, ...args], options);
  // What git says when it does not read on is told by how it ends.
  asked.child.stdin?.on("error", () => undefined).end(stdin);
  return (await asked).stdout;
}

/** The same as one line of text. */
export async function gitLine(...args: readonly string[]): Promise<string> {
  return lineOf(await gitOutput(args, MAX_TEXT_BYTES));
}

/** The same, with what it is given. */
export async function gitLineWith(input: GitInput, ...args: readonly string[]): Promise<string> {
  return lineOf(await gitOutput(args, MAX_TEXT_BYTES, input));
}

function lineOf(printed: Uint8Array): string {
  return Buffer.from(printed).toString("utf8").trim();
}

/** What a rejection says: that git is not there, or how it ended; null for anything else. */
export function gitEnd(error: unknown): "missing" | number | null {
  if (!(error instanceof Error) || !("code" in error)) return null;
  if (error.code === "ENOENT") return "missing";
  return typeof error.code === "number" ? error.code : null;
}

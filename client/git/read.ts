/** Objects of the repository in the working folder, as `git cat-file` gives them; what they say is read and checked by the core. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import {
  gitId,
  MAX_GIT_OBJECT_BYTES,
  parseGitCommit,
  parseGitTag,
  ProtocolError,
} from "../../protocol/index.ts";
import type { GitCommit, GitTag } from "../../protocol/index.ts";
import { readWhole } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";

/** An object by the name that somebody gave it. */
export interface NamedObject {
  /** A reference, or a file. */
  readonly name: string;
  readonly object: GitTag | GitCommit;
  /** Of the object, hex. */
  readonly id: string;
}

const TIMEOUT_MS = 10_000;
/** Of a command that only names things. */
const MAX_TEXT_BYTES = 4_096;
const COMMIT_BEGINS = "tree ";

/** The annotated tag that a reference names, else the commit. Throws `git/no-object`, `git/bad-object`. */
export async function openObject(reference: string): Promise<NamedObject> {
  const id = await text(reference, "rev-parse", "--verify", "--quiet", "--end-of-options", reference);
  const kind = await text(reference, "cat-file", "-t", id);
  if (kind !== "tag" && kind !== "commit")
    throw new ClientError("git/no-object", `${reference} is a ${kind}: name a tag or a commit`);
  const bytes = await run(reference, MAX_GIT_OBJECT_BYTES, "cat-file", kind, id);
  const named = parse(reference, bytes);
  if (named.id !== id)
    throw new ClientError(
      "git/no-object",
      `${reference}: git gives another object than ${id}: its repository is damaged (git fsck)`,
    );
  return named;
}

/** The same of a file with an object's octets, such as \`git cat-file tag v1\` writes it: no git is needed. Throws `input/…`, `git/bad-object`. */
export function readObjectFile(path: string): NamedObject {
  return parse(path, readWhole(path, MAX_GIT_OBJECT_BYTES));
}

/** Whether a commit is on a branch: it, or an ancestor of it. Throws `git/no-object`. */
export async function isAncestor(commit: string, branch: string): Promise<boolean> {
  const tip = await text(
    branch,
    "rev-parse",
    "--verify",
    "--quiet",
    "--end-of-options",
    `${branch}^{commit}`,
  );
  try {
    await promisify(execFile)("git", ["merge-base", "--is-ancestor", commit, tip], { timeout: TIMEOUT_MS });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === 1) return false;
    throw noObject(branch, error);
  }
}

function parse(name: string, bytes: Uint8Array): NamedObject {
  const isCommit =
    new TextDecoder("latin1").decode(bytes.subarray(0, COMMIT_BEGINS.length)) === COMMIT_BEGINS;
  try {
    const object = isCommit ? parseGitCommit(bytes) : parseGitTag(bytes);
    return { name, object, id: gitId(object) };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ProtocolError(error.code, `${name}: ${error.message}`, { cause: error });
  }
}

async function text(reference: string, ...args: readonly string[]): Promise<string> {
  return Buffer.from(await run(reference, MAX_TEXT_BYTES, ...args))
    .toString("utf8")
    .trim();
}

async function run(reference: string, maxBuffer: number, ...args: readonly string[]): Promise<Uint8Array> {
  try {
    const options = { timeout: TIMEOUT_MS, maxBuffer, encoding: "buffer" } as const;
    const { stdout } = await promisify(execFile)("git", [...args], options);
    return stdout;
  } catch (error) {
    throw noObject(reference, error);
  }
}

function noObject(reference: string, cause: unknown): ClientError {
  const lacks = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
  const why = lacks
    ? "git is not installed (give the object's file with --object)"
    : "the repository in this folder has no such commit or tag";
  return new ClientError("git/no-object", `${reference}: ${why}`, { cause });
}

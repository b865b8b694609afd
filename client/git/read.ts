/** Objects of the repository in the working folder, as `git cat-file` gives them; what they say is read and checked by the core. */
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
import { gitEnd, gitLine, gitOutput } from "./run.ts";

/** An object by the name that somebody gave it. */
export interface NamedObject {
  /** A reference, or a file. */
  readonly name: string;
  readonly object: GitTag | GitCommit;
  /** Of the object, hex. */
  readonly id: string;
}

const COMMIT_BEGINS = "tree ";

/** The annotated tag that a reference names, else the commit. Throws `git/no-object`, `git/bad-object`. */
export async function openObject(reference: string): Promise<NamedObject> {
  const id = await idOf(reference);
  const kind = await within(reference, gitLine("cat-file", "-t", id));
  if (kind !== "tag" && kind !== "commit")
    throw new ClientError("git/no-object", `${reference} is a ${kind}: name a tag or a commit`);
  const bytes = await within(reference, gitOutput(["cat-file", kind, id], MAX_GIT_OBJECT_BYTES));
  const named = parse(reference, bytes);
  if (named.id !== id)
    throw new ClientError(
      "git/no-object",
      `${reference}: git gives another object than ${id}: its repository is damaged (git fsck)`,
    );
  return named;
}

/** The same of a file with an object's octets, such as `git cat-file tag v1` writes it: no git is needed. Throws `input/…`, `git/bad-object`. */
export function readObjectFile(path: string): NamedObject {
  return parse(path, readWhole(path, MAX_GIT_OBJECT_BYTES));
}

/** The id of the commit that a reference names, or that the tag tags. Throws `git/no-object`. */
export function commitOf(reference: string): Promise<string> {
  return idOf(reference, `${reference}^{commit}`);
}

/** `name`: as the user has it. */
function idOf(name: string, wanted: string = name): Promise<string> {
  return within(name, gitLine("rev-parse", "--verify", "--quiet", "--end-of-options", wanted));
}

async function within<Value>(name: string, asked: Promise<Value>): Promise<Value> {
  try {
    return await asked;
  } catch (error) {
    throw noObject(name, error);
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

function noObject(reference: string, cause: unknown): ClientError {
  const why =
    gitEnd(cause) === "missing"
      ? "git is not installed (give the object's file with --object)"
      : "the repository in this folder has no such commit or tag";
  return new ClientError("git/no-object", `${reference}: ${why}`, { cause });
}

/** What was built, as the repository in the working folder knows it: a commit, its tags, and where it stands. */
import { MAX_GIT_NAME_BYTES, MAX_GIT_OBJECTS } from "../../protocol/index.ts";
import type { GitCommit, GitTag } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { openObject } from "./read.ts";
import type { NamedObject } from "./read.ts";
import { exactRef, isAncestor } from "./refs.ts";
import { gitEnd, gitLine, gitOutput } from "./run.ts";
import { submodulesOf } from "./submodules.ts";
import type { Submodule } from "./submodules.ts";
import { namesUser, publicUrl } from "./url.ts";

/** What the user names. */
export interface GitWish {
  /** Commits and tags, all of one commit; at least one. */
  readonly references: readonly string[];
  /** The commit has to be on it, and it is recorded. */
  readonly branch: string | null;
  /** Of the repository, instead of its remote's. */
  readonly url: string | null;
  /** That files were changed is meant, and recorded; `unasked`: nothing was built from them. */
  readonly dirty: boolean | "unasked";
}

/** What there is to be said of it. */
export interface GitCheckout {
  readonly commit: GitCommit;
  /** Of `commit`, hex. */
  readonly id: string;
  /** The annotated tags among the references, each once. */
  readonly tags: readonly { readonly id: string; readonly tag: GitTag }[];
  /** `repositoryOf`; null where none is known. */
  readonly repository: string | null;
  readonly branch: string | null;
  readonly isDirty: boolean;
  readonly submodules: readonly Submodule[];
  /** What the user is to be told. */
  readonly notes: readonly string[];
}

/** Looks all of it up. Throws `usage/bad-option`, `git/…`, `input/too-big`. */
export async function openCheckout(wish: GitWish): Promise<GitCheckout> {
  const { references, branch, dirty } = wish;
  const id = await commonCommit(references);
  const { object: commit } = await openObject(id);
  if (commit.kind !== "commit") throw new ClientError("git/no-object", `${id} is no commit`);
  const tags = await tagsOf(references);
  const state = dirty === "unasked" ? { isDirty: false, notes: [] } : await stateOf(id, dirty);
  const remote = await remoteOf();
  const repository = wish.url === null ? remote.repository : namedUrl(wish.url);
  if (branch !== null) await assertOnBranch(id, branch, remote.name);
  const { submodules, notes } = await submodulesOf(id, repository);
  return { commit, id, tags, repository, branch, ...state, submodules, notes: [...state.notes, ...notes] };
}

/** The commit that all of these name. */
async function commonCommit(references: readonly string[]): Promise<string> {
  if (references.length > MAX_GIT_OBJECTS)
    throw new ClientError("usage/bad-option", `--git: at most ${MAX_GIT_OBJECTS} references`);
  const commits = new Map<string, string>();
  for (const reference of references) {
    const id = await named(reference, `${reference}^{commit}`);
    if (!commits.has(id)) commits.set(id, reference);
  }
  const [id, second] = commits.keys();
  if (id === undefined || second !== undefined)
    throw new ClientError(
      "usage/bad-option",
      `--git ${[...commits.values()].join(" ")}: these are of ${commits.size} commits; one is what was built`,
    );
  return id;
}

async function tagsOf(references: readonly string[]): Promise<GitCheckout["tags"]> {
  const tags = new Map<string, GitTag>();
  for (const reference of references) {
    const { object, id }: NamedObject = await openObject(reference);
    if (object.kind === "tag") tags.set(id, object);
  }
  return [...tags].map(([id, tag]) => ({ id, tag }));
}

async function named(reference: string, wanted: string): Promise<string> {
  try {
    return await gitLine("rev-parse", "--verify", "--end-of-options", wanted);
  } catch (error) {
    const why =
      gitEnd(error) === "missing"
        ? "git is not installed"
        : "git knows no such commit in this folder's repository";
    throw new ClientError("usage/bad-option", `--git ${reference}: ${why}`, { cause: error });
  }
}

/** Enough to name what was changed. */
const MAX_STATUS_BYTES = 64 * 1024;

/** Whether files that git knows are as in the commit; only where that is what is checked out can they tell. */
async function stateOf(commit: string, isMeant: boolean): Promise<Pick<GitCheckout, "isDirty" | "notes">> {
  if (isMeant) return { isDirty: true, notes: [] };
  // Not where the working folder is: variables may name a work tree elsewhere, and git looks at the whole of it.
  const workTree = await gitLine("rev-parse", "--show-toplevel").catch(() => "");
  if (workTree === "") return ownWord(`no files of ${commit.slice(0, 12)} are checked out here`);
  const head = await gitLine("rev-parse", "--verify", "--quiet", "HEAD^{commit}").catch(() => "");
  if (head !== commit) {
    const at = head === "" ? "nothing" : head.slice(0, 12);
    return ownWord(`${at} is checked out here, not ${commit.slice(0, 12)}`);
  }
  const changed = await changedFiles();
  if (changed === "") return { isDirty: false, notes: [] };
  throw new ClientError(
    "git/dirty",
    `${changed.slice(3).trim() || "files"}: changed since the commit that is checked out, and so is what is built from it: ` +
      "commit or undo it, or say --git-dirty, which is recorded; nothing was signed",
  );
}

function ownWord(why: string): Pick<GitCheckout, "isDirty" | "notes"> {
  return { isDirty: false, notes: [`--git: ${why}: that this commit was built is your word`] };
}

/** A line of the first file that is not as in the commit; "" where all are. Files that git does not know change nothing, as in `git describe --dirty`. */
async function changedFiles(): Promise<string> {
  const how = ["--porcelain", "-z", "--untracked-files=no", "--ignore-submodules=untracked"];
  try {
    const printed = await gitOutput(["--no-optional-locks", "status", ...how], MAX_STATUS_BYTES);
    return Buffer.from(printed).toString("utf8").split("\0")[0] ?? "";
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER")
      return "?? many files";
    throw new ClientError("git/no-object", "git cannot say whether files were changed: git status", {
      cause: error,
    });
  }
}

const MAX_REMOTES_BYTES = 256 * 1024;
const USUAL_REMOTE = "origin";

/** The remote called origin, else the only one. */
async function remoteOf(): Promise<{ readonly name: string | null; readonly repository: string | null }> {
  const wanted = String.raw`^remote\..*\.url$`;
  const printed = await gitOutput(
    ["config", "-z", "--name-only", "--get-regexp", wanted],
    MAX_REMOTES_BYTES,
  ).catch(() => new Uint8Array());
  const keys = Buffer.from(printed).toString("utf8").split("\0");
  const remotes = new Set(keys.map((key) => key.slice("remote.".length, -".url".length)));
  remotes.delete("");
  const [only] = remotes.size === 1 ? remotes : [];
  const name = remotes.has(USUAL_REMOTE) ? USUAL_REMOTE : (only ?? null);
  if (name === null) return { name, repository: null };
  // By git itself: what the user has it put in the stead of an address (`url.….insteadOf`) is where it comes from.
  const url = await gitLine("remote", "get-url", "--", name).catch(() => "");
  return { name, repository: publicUrl(url) };
}

function namedUrl(url: string): string {
  if (namesUser(url))
    throw new ClientError(
      "usage/bad-option",
      "--git-url: leave the user, the password and what follows ? or #: it is for everybody to read",
    );
  const repository = publicUrl(url);
  if (repository !== null) return repository;
  throw new ClientError("usage/bad-option", `--git-url ${url}: such as https://git.example.org/tool`);
}

/** A branch here, or of the remote: who builds a commit by itself has none of its own. */
async function assertOnBranch(commit: string, branch: string, remote: string | null): Promise<void> {
  const places = [`refs/heads/${branch}`, ...(remote === null ? [] : [`refs/remotes/${remote}/${branch}`])];
  let known = 0;
  for (const place of places) {
    const tip = await exactRef(place).catch(() => null);
    if (tip === null) continue;
    known++;
    if (await isAncestor(commit, tip, branch)) return;
  }
  if (known === 0 || branch === "" || Buffer.byteLength(branch) > MAX_GIT_NAME_BYTES)
    throw new ClientError(
      "git/no-object",
      `--git-branch ${branch}: the repository in this folder has no such branch`,
    );
  const isShallow = (await gitLine("rev-parse", "--is-shallow-repository")) === "true";
  throw new ClientError(
    "git/off-branch",
    `the commit ${commit} is not on ${branch}${isShallow ? ", as far as this shallow clone goes: git fetch --unshallow" : ""}; nothing was signed`,
  );
}

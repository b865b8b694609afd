/** The submodules of a commit, as its own `.gitmodules` names them, and theirs as far as they are checked out. */
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { isPath, MAX_PATH_BYTES, MAX_SUBMODULE_DEPTH, MAX_SUBMODULES } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { gitLine, gitLineWith, gitOutput } from "./run.ts";
import { submoduleUrl } from "./url.ts";

export interface Submodule {
  /** From the root of the outermost repository. */
  readonly path: string;
  readonly commit: string;
  /** Without users and passwords; null where none is known that can be told. */
  readonly repository: string | null;
}

/** A repository, and a commit of it. */
interface Whole {
  /** Null = the one in the working folder. */
  readonly folder: string | null;
  readonly commit: string;
  readonly repository: string | null;
  /** In front of the paths in it. */
  readonly prefix: string;
  readonly depth: number;
}

const GITLINK = "160000";
const MAX_LIST_BYTES = 1024 * 1024;

/** All of them, outer before inner, and what is to be told. Throws `git/no-object`, `input/too-big`. */
export async function submodulesOf(
  commit: string,
  repository: string | null,
): Promise<{ readonly submodules: readonly Submodule[]; readonly notes: readonly string[] }> {
  const root = await gitLine("rev-parse", "--show-toplevel").catch(() => "");
  const submodules: Submodule[] = [];
  const notes: string[] = [];
  const waiting: Whole[] = [{ folder: null, commit, repository, prefix: "", depth: 0 }];
  for (let whole = waiting.shift(); whole !== undefined; whole = waiting.shift()) {
    for (const inner of await inside(whole)) {
      submodules.push(inner);
      if (submodules.length > MAX_SUBMODULES)
        throw new ClientError("input/too-big", `${commit} has more than ${MAX_SUBMODULES} submodules`);
      const folder = whole.depth < MAX_SUBMODULE_DEPTH ? await checkoutAt(root, inner.path) : null;
      if (folder === null || !(await holds(folder, inner.commit)))
        notes.push(
          `the submodule ${inner.path} is not checked out here: submodules inside it are not recorded`,
        );
      else waiting.push({ ...inner, folder, prefix: `${inner.path}/`, depth: whole.depth + 1 });
    }
  }
  return { submodules, notes };
}

/**
 * The folder of a submodule that has a `.git` of its own; null = there is none, or the way to it leaves the checkout. git lets nobody track a `.git`, but
 * may take files that are tracked for a repository, with commands in its configuration.
 */
async function checkoutAt(root: string, path: string): Promise<string | null> {
  if (root === "") return null;
  let folder = root;
  for (const part of path.split("/")) {
    if (["", ".", ".."].includes(part) || part.toLowerCase() === ".git") return null;
    folder = join(folder, part);
    const found = await lstat(folder).catch(() => null);
    if (found === null || !found.isDirectory()) return null;
  }
  const own = await lstat(join(folder, ".git")).catch(() => null);
  return own !== null && (own.isFile() || own.isDirectory()) ? folder : null;
}

/** A folder that is no repository itself is only a part of the one that it is in. */
async function holds(folder: string, commit: string): Promise<boolean> {
  try {
    if ((await gitLineWith({ folder }, "rev-parse", "--show-prefix")) !== "") return false;
    await gitLineWith({ folder }, "cat-file", "-e", `${commit}^{commit}`);
    return true;
  } catch {
    return false;
  }
}

async function inside(whole: Whole): Promise<readonly Submodule[]> {
  const { commit, repository, prefix } = whole;
  const listed = await list(whole, ["ls-tree", "-z", "--full-tree", commit, "--", ".gitmodules"]);
  if (listed.length === 0) return [];
  const urls = await urlsOf(whole);
  if (urls.size === 0) return [];
  const places = ["--literal-pathspecs", "ls-tree", "-z", "--full-tree", commit, "--", ...urls.keys()];
  const submodules: Submodule[] = [];
  for (const line of await list(whole, places)) {
    const [about = "", path = ""] = line.split("\t");
    const [mode, , id = ""] = about.split(" ");
    if (mode !== GITLINK) continue;
    if (!isPath(prefix + path)) throw unreadable(commit, "a submodule's path is no line of text");
    submodules.push({
      path: prefix + path,
      commit: id,
      repository: submoduleUrl(urls.get(path) ?? "", repository),
    });
  }
  return submodules;
}

/** By path. */
async function urlsOf(whole: Whole): Promise<ReadonlyMap<string, string>> {
  const { commit } = whole;
  const wanted = String.raw`^submodule\..*\.(path|url)$`;
  const blob = ["--no-includes", "--blob", `${commit}:.gitmodules`];
  const rows = await list(whole, ["config", ...blob, "-z", "--get-regexp", wanted]);
  const paths = new Map<string, string>();
  const urls = new Map<string, string>();
  for (const row of rows) {
    const [key = "", value = ""] = row.split("\n");
    const dot = key.lastIndexOf(".");
    (key.slice(dot) === ".path" ? paths : urls).set(key.slice(0, dot), value);
  }
  if ([...paths.values()].some((path) => Buffer.byteLength(path) > MAX_PATH_BYTES))
    throw unreadable(commit, `a submodule's path has more than ${MAX_PATH_BYTES} octets`);
  return new Map([...paths].map(([name, path]) => [withoutSlashes(path), urls.get(name) ?? ""]));
}

/** At its end. */
function withoutSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === "/") end--;
  return path.slice(0, end);
}

async function list({ folder, commit }: Whole, args: readonly string[]): Promise<readonly string[]> {
  try {
    const printed = await gitOutput(args, MAX_LIST_BYTES, { folder });
    return Buffer.from(printed)
      .toString("utf8")
      .split("\0")
      .filter((line) => line !== "");
  } catch (error) {
    throw unreadable(commit, "git cannot say what submodules it has", error);
  }
}

function unreadable(commit: string, why: string, cause?: unknown): ClientError {
  return new ClientError("git/no-object", `${commit}: ${why}`, { cause });
}

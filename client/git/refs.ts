/** References by their exact names: what git also takes for one (tags of the same name, `main~1`) is none here. */
import { ClientError } from "../errors.ts";
import { gitEnd, gitLine } from "./run.ts";

/**
 * The id that a reference with this full name (`refs/…`) has; null = there is none. `at`: options of git's that say which repository. Rejects as
 * `gitOutput` does where there is no repository.
 */
export async function exactRef(name: string, at: readonly string[] = []): Promise<string | null> {
  try {
    await gitLine(...at, "show-ref", "--verify", "--quiet", "--", name);
  } catch (error) {
    if (gitEnd(error) === 1) return null;
    throw error;
  }
  return gitLine(...at, "show-ref", "--verify", "--hash", "--", name);
}

/** Whether a commit is another one, by its id, or an ancestor of it. `name`: as the user has it. Throws `git/no-object`. */
export async function isAncestor(commit: string, tip: string, name: string): Promise<boolean> {
  try {
    await gitLine("merge-base", "--is-ancestor", commit, tip);
    return true;
  } catch (error) {
    if (gitEnd(error) === 1) return false;
    throw noBranch(name, error);
  }
}

/** Whether a commit is on a branch of here, or of a remote (`origin/main`), or has such a full name (`refs/…`) before it. Throws `git/no-object`. */
export async function isOnBranch(commit: string, branch: string): Promise<boolean> {
  const places = branch.startsWith("refs/") ? [branch] : [`refs/heads/${branch}`, `refs/remotes/${branch}`];
  for (const place of places) {
    const tip = await exactRef(place).catch((error: unknown) => {
      throw noBranch(branch, error);
    });
    if (tip !== null) return isAncestor(commit, tip, branch);
  }
  throw noBranch(branch);
}

function noBranch(branch: string, cause?: unknown): ClientError {
  const why =
    gitEnd(cause) === "missing" ? "git is not installed" : "the repository in this folder has no such branch";
  return new ClientError("git/no-object", `${branch}: ${why}`, { cause });
}

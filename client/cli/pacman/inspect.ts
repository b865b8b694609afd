/** Is pacman's hook sound: for `doctor`, and for who has just installed it. */
import { PACMAN, pacmanHookAt } from "../../install/index.ts";
import { inspectCalled } from "../apt/index.ts";
import type { Finding } from "../finding.ts";

/** Of the hook at this path in a HookDir; none where there is none. Throws `output/exists`, `input/…`. */
export async function inspectPacmanHook(path: string): Promise<readonly Finding[]> {
  const hook = pacmanHookAt(path);
  return hook === null ? [] : inspectCalled(PACMAN, path, hook, true);
}

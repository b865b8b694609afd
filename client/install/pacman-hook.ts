/** The hook in pacman's configuration (alpm-hooks(5)): one file, which says all that the hook goes by. */
import { basename, join } from "node:path";
import { ClientError } from "../errors.ts";
import { writeWhole } from "../write-file.ts";
import type { HookSettings } from "./apt-hook.ts";
import { hookIn, ifWritten, PLAIN } from "./hook-file.ts";
import { pacmanConf } from "./pacman-files.ts";

export type PacmanHook = Pick<HookSettings, "program" | "words">;

/** Before the hooks of others: where it refuses, nothing has run yet. */
const NAME = "00-samebits.hook";
const HEAD = "# Written by `samebits pacman install-hook`; `samebits pacman remove-hook` takes it away.";
/** libalpm reads lines of PATH_MAX octets at most. */
const MAX_EXEC_BYTES = 4_000;

/** The file's text. Throws `usage/bad-option` for a word that would have to be quoted. */
export function pacmanHookText({ program, words }: PacmanHook): string {
  const odd = [program, ...words].find((word) => !PLAIN.test(word));
  if (odd !== undefined) {
    throw new ClientError(
      "usage/bad-option",
      `${odd}: a hook takes paths and names of letters, digits and . _ + : @ % , / = - only; choose another path`,
    );
  }
  const command = [program, ...words].join(" ");
  if (command.length > MAX_EXEC_BYTES)
    throw new ClientError(
      "usage/bad-option",
      `a hook's command has ${MAX_EXEC_BYTES} octets at most: name fewer files`,
    );
  return [
    HEAD,
    "[Trigger]",
    "Operation = Install",
    "Operation = Upgrade",
    "Type = Package",
    "Target = *",
    "",
    "[Action]",
    "Description = Checking that the packages were reproduced...",
    "When = PreTransaction",
    `Exec = ${command}`,
    "NeedsTargets",
    "AbortOnFail",
    "",
  ].join("\n");
}

/** What a file that `pacmanHookText` wrote says; null for another one. */
function readPacmanHook(text: string): PacmanHook | null {
  const [program, ...words] = /^Exec = (.+)$/m.exec(text)?.[1]?.split(" ") ?? [];
  if (program === undefined) return null;
  return ifWritten({ program, words }, text, pacmanHookText);
}

/** Where it belongs: in the last of the folders that this configuration names, whose hooks come before those of the others. Throws `pacman/no-pacman`. */
export async function pacmanHookPath(config: string | null): Promise<string> {
  const folder = (await pacmanConf(config, "HookDir")).at(-1);
  if (folder === undefined) throw new ClientError("pacman/no-pacman", "pacman-conf names no HookDir");
  return join(folder, NAME);
}

/** Throws `output/cannot-write`, `usage/bad-option`. */
export async function writePacmanHook(path: string, hook: PacmanHook): Promise<void> {
  await writeWhole(path, pacmanHookText(hook), { replace: true });
}

/** The hook that is there; null where there is none. Throws `input/…`, and `output/exists` for a file of somebody else. */
export function pacmanHookAt(path: string): PacmanHook | null {
  return hookIn(path, readPacmanHook);
}

/** Whether pacman downloads by `samebits pacman fetch`. Throws `pacman/no-pacman`. */
export async function isFetching(config: string | null): Promise<boolean> {
  const [line = ""] = await pacmanConf(config, "XferCommand");
  const [program = "", ...words] = line.split(" ");
  return basename(program).startsWith("samebits") && words.join(" ").startsWith("pacman fetch");
}

/** Has pacman ask samebits before it installs anything, or no more. */
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import type { CommonOptions } from "../../config.ts";
import { makeFolder, removeFile } from "../../folder.ts";
import {
  isFetching,
  PACMAN,
  pacmanHookAt,
  pacmanHookPath,
  removeState,
  writePacmanHook,
} from "../../install/index.ts";
import {
  addHookOptions,
  MACHINE_CONFIG,
  MACHINE_DATA,
  MACHINE_POLICY,
  openForHook,
  programOf,
  settleHook,
  stateOfHook,
  tellRemoved,
  wordsOf,
} from "../apt/index.ts";
import type { HookOptions } from "../apt/index.ts";
import { addCommonOptions } from "../options.ts";
import { openPrinter } from "../print.ts";
import { inspectPacmanHook } from "./inspect.ts";

interface Options extends HookOptions {
  readonly pacmanConf?: string;
}

interface RemoveOptions extends CommonOptions {
  readonly state?: string;
  readonly pacmanConf?: string;
}

export function defineInstallHook(command: Command): void {
  addHookOptions(command, PACMAN)
    .option("--pacman-conf <file>", "pacman's configuration (default: its own)")
    .addHelpText(
      "after",
      `
Data directory and configuration are the machine's: ${MACHINE_DATA} and ${MACHINE_CONFIG}, unless --data and --config say otherwise.
All that the hook goes by stands in one file of pacman's HookDir; pacman.conf is left as it is.

Examples:
  samebits pacman install-hook --policy ${MACHINE_POLICY}
  samebits pacman install-hook --mode enforce --domain 3f0c9a5d7e…`,
    )
    .action(installHook);
}

export function defineRemoveHook(command: Command): void {
  addCommonOptions(command)
    .option("--state <dir>", "the folder that the hook was given (default: as the hook says)")
    .option("--pacman-conf <file>", "pacman's configuration (default: its own)")
    .addHelpText("after", "\nExample:\n  samebits pacman remove-hook")
    .action(removeHook);
}

async function installHook(options: Options): Promise<void> {
  const printer = openPrinter(options);
  const path = await pacmanHookPath(options.pacmanConf ?? null);
  const former = pacmanHookAt(path); // a file of somebody else is left alone
  const { config, policy } = await openForHook(options);
  makeFolder(options.state, 0o755);
  makeFolder(dirname(path), 0o755);
  const program = programOf(options);
  const words = wordsOf(options, config, policy);
  const conf = options.pacmanConf === undefined ? [] : ["--pacman-conf", resolve(options.pacmanConf)];
  await writePacmanHook(path, { program, words: ["pacman", "pre-install", ...words, ...conf] });
  const takeBack = async (): Promise<void> => {
    if (former === null) removeFile(path);
    else await writePacmanHook(path, former);
  };
  const undo = { isFormer: former !== null, takeBack };
  await settleHook(await inspectPacmanHook(path), PACMAN, options, undo, printer);
  const fetching = [program, "pacman", "fetch", ...words, "--", "%u", "%o"].join(" ");
  printer.note(
    `samebits: to withhold a refused package when it is downloaded, too, put into pacman.conf: XferCommand = ${fetching}`,
  );
}

async function removeHook({ state: said, pacmanConf, ...options }: RemoveOptions): Promise<void> {
  const printer = openPrinter(options);
  const path = await pacmanHookPath(pacmanConf ?? null);
  const hook = pacmanHookAt(path);
  const state = said ?? stateOfHook(hook, PACMAN);
  removeFile(path);
  tellRemoved(path, state, { wasThere: hook !== null, isGone: removeState(state) }, printer);
  if (await isFetching(pacmanConf ?? null))
    printer.note(
      "samebits: pacman.conf still has XferCommand = … pacman fetch …: take that line away as well",
    );
}

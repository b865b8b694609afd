/** Has apt ask samebits before it unpacks anything, or no more. */
import { resolve } from "node:path";
import type { Command } from "commander";
import type { CommonOptions } from "../../config.ts";
import { ClientError } from "../../errors.ts";
import { makeFolder, removeFile } from "../../folder.ts";
import {
  APT,
  aptFolder,
  hookAt,
  hookPath,
  isHooked,
  methodScripts,
  pinsPath,
  removeMethods,
  removeState,
  sourcesByMethods,
  writeHook,
  writeMethods,
} from "../../install/index.ts";
import type { HookSettings } from "../../install/index.ts";
import { addCommonOptions } from "../options.ts";
import { openPrinter } from "../print.ts";
import { addHookOptions, openForHook, programOf, settleHook, tellRemoved, wordsOf } from "./hook-words.ts";
import type { HookOptions } from "./hook-words.ts";
import { inspectHook } from "./inspect.ts";
import { MACHINE_CONFIG, MACHINE_DATA, MACHINE_POLICY, stateOfHook } from "./settings.ts";

interface Options extends HookOptions {
  readonly hold: boolean;
  readonly coverage: boolean;
  readonly method?: boolean;
}

export function defineInstallHook(command: Command): void {
  addHookOptions(command, APT)
    .option("--no-coverage", "do not say, before apt asks whether to go on, how much is reproduced")
    .option("--no-hold", "do not hold back, after apt-get update, what would be refused")
    .option(
      "--method",
      "also let sources name samebits+http:// and samebits+https://: what is refused is not even kept",
    )
    .addHelpText(
      "after",
      `
Data directory and configuration are the machine's: ${MACHINE_DATA} and ${MACHINE_CONFIG}, unless --data and --config say otherwise.
All that the hook goes by stands in one file of apt's configuration; nothing of a user's own gets in.

Examples:
  samebits policy new debian -o ${MACHINE_POLICY} && samebits apt install-hook
  samebits apt install-hook --mode enforce --domain 3f0c9a5d7e…
  samebits apt install-hook --mode enforce --method`,
    )
    .action(installHook);
}

export function defineRemoveHook(command: Command): void {
  addCommonOptions(command)
    .option("--state <dir>", "the folder that the hook was given (default: as the hook says)")
    .addHelpText("after", "\nExample:\n  samebits apt remove-hook")
    .action(removeHookOf);
}

async function installHook(options: Options): Promise<void> {
  const printer = openPrinter(options);
  const path = await hookPath();
  const former = hookAt(path); // a file of somebody else is left alone
  const { config, policy } = await openForHook(options);
  const program = programOf(options);
  makeFolder(options.state, 0o755);
  const words = wordsOf(options, config, policy);
  const hook: HookSettings = {
    program,
    words: ["apt", "pre-install", ...words],
    covers: options.coverage ? ["apt", "coverage", ...words] : null,
    holds: options.hold ? ["apt", "hold", ...words] : null,
    methods: options.method === true ? resolve(options.state) : null,
  };
  const stock = await aptFolder("Dir::Bin::methods");
  const write = async (which: HookSettings): Promise<void> => {
    await writeHook(path, which);
    removeMethods(options.state);
    await writeMethods(methodScripts(which, stock));
  };
  const takeBack = async (): Promise<void> => {
    removeMethods(options.state);
    if (former === null) removeFile(path);
    else await write(former);
  };
  await write(hook);
  if (!(await isHooked(hook))) {
    await takeBack();
    throw new ClientError(
      "apt/no-apt",
      `${path} was written, and apt-config does not show it: it was removed again`,
    );
  }
  await settleHook(await inspectHook(path), APT, options, { isFormer: former !== null, takeBack }, printer);
  // Nobody would ever look again at what is held.
  if (!options.hold) removeFile(await pinsPath());
}

async function removeHookOf({
  state: said,
  ...options
}: CommonOptions & { readonly state?: string }): Promise<void> {
  const printer = openPrinter(options);
  const path = await hookPath();
  const hook = hookAt(path);
  const state = said ?? stateOfHook(hook, APT);
  const sources = typeof hook?.methods === "string" ? await sourcesByMethods() : [];
  removeFile(path);
  removeFile(await pinsPath());
  tellRemoved(path, state, { wasThere: hook !== null, isGone: removeState(state) }, printer);
  const [first] = sources;
  if (first !== undefined)
    printer.note(
      `samebits: apt's sources still name ${first}: take \`samebits+\` away there, or apt can't fetch`,
    );
}

/** What pacman calls before it installs anything: each package of the transaction is judged, and the transaction stops where one is refused. */
import type { Command } from "commander";
import { MAX_APT_INPUT_BYTES, parsePurl } from "../../../protocol/index.ts";
import { ClientError, EXIT } from "../../errors.ts";
import {
  asPacman,
  assertHeld,
  cachedFiles,
  calledFiles,
  PACMAN,
  pacmanCall,
  pacmanPlaces,
  readTargets,
} from "../../install/index.ts";
import type { Held, PacmanFile } from "../../install/index.ts";
import { addNearOptions, assertSafe, holdTold, openNear, readTold, STOPPED, tell } from "../apt/index.ts";
import type { NearOptions } from "../apt/index.ts";
import { openPrinter } from "../print.ts";
import type { Printer } from "../print.ts";

/** What is wrong with the transaction itself stops it in either mode. */
const ALWAYS: ReadonlySet<string> = new Set([
  "pacman/bad-input",
  "pacman/changed-file",
  "pacman/unsafe-file",
]);

interface Options extends NearOptions {
  readonly pacmanConf?: string;
}

export function definePreInstall(command: Command): void {
  addNearOptions(command, PACMAN)
    .option("--pacman-conf <file>", "pacman's configuration, unless its call names one (default: its own)")
    .addHelpText(
      "after",
      `
Reads from stdin the names of the packages that pacman installs; \`samebits pacman install-hook\` has pacman call it. Their files are found by
pacman's databases, in its caches, and by how it was called. It asks the running node by its socket, and nobody else. Exit codes: 0 the
transaction may go on; else as \`samebits verify --decide\`.

Example:
  echo sl | samebits pacman pre-install --mode enforce`,
    )
    .action(async (options: Options) => {
      process.exitCode = await preInstall(options, openPrinter(options));
    });
}

async function preInstall(options: Options, printer: Printer): Promise<number> {
  const names = readTargets(await readTold(PACMAN, MAX_APT_INPUT_BYTES));
  try {
    return await judgeTransaction(names, options, printer);
  } catch (error) {
    // So does what nobody expected (RULES R32).
    const isOurs = error instanceof ClientError && !ALWAYS.has(error.code);
    if (options.mode === "enforce" || !isOurs) throw error;
    printer.failure(error);
    printer.note("samebits: nothing could be checked, and the mode is warn: the transaction goes on");
    return EXIT.ok;
  }
}

async function judgeTransaction(
  names: ReadonlySet<string>,
  options: Options,
  printer: Printer,
): Promise<number> {
  const near = await openNear(options, printer, PACMAN);
  const call = pacmanCall();
  const places = await pacmanPlaces(call, options.pacmanConf ?? null);
  const called = await examine(calledFiles(call, places), options, printer);
  const found = new Set(called.flatMap(nameOf));
  const others = new Set([...names].filter((name) => !found.has(name)));
  const cached = await examine(await cachedFiles(others, places), options, printer);
  const files = [...called, ...cached];
  const judgement = await near.judge(files, true);
  for (const file of files) assertHeld(file);
  return tell(judgement, { manager: PACMAN, allowed: near.allowed, options, refusal: STOPPED }, printer);
}

/** Of a file that says it. */
function nameOf({ artifact: { target } }: Held): readonly string[] {
  return target === null ? [] : [parsePurl(target.purl).name];
}

async function examine(
  files: readonly PacmanFile[],
  options: NearOptions,
  printer: Printer,
): Promise<readonly Held[]> {
  const paths = files.map(({ path }) => path);
  assertSafe(PACMAN, paths, options, printer);
  const held = await holdTold(paths, { debNamespace: null, manager: PACMAN }, printer);
  return held.flatMap((each, at) => {
    const file = files[at];
    return file === undefined ? [] : asPacman(each, file);
  });
}

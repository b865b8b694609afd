/** What apt calls before dpkg unpacks anything: each .deb of the transaction is judged, and the transaction stops where one is refused. */
import type { Command } from "commander";
import { MAX_APT_INPUT_BYTES } from "../../../protocol/index.ts";
import { EXIT } from "../../errors.ts";
import { APT, asApt, assertHeld, readAptInput } from "../../install/index.ts";
import type { AptAction, Held } from "../../install/index.ts";
import { openPrinter } from "../print.ts";
import type { Printer } from "../print.ts";
import { addNearOptions, openNear } from "./near.ts";
import type { Near, NearOptions } from "./near.ts";
import { assertSafe, goesOnWith, holdTold, readTold, STOPPED, tell } from "./transaction.ts";

export function definePreInstall(command: Command): void {
  addNearOptions(command)
    .addHelpText(
      "after",
      `
Reads from stdin what apt says of a transaction; \`samebits apt install-hook\` has apt call it. It asks the running node by its
socket, and nobody else. Exit codes: 0 the transaction may go on; else as \`samebits verify --decide\`.

Example:
  samebits apt pre-install --mode enforce < what-apt-says.txt`,
    )
    .action(async (options: NearOptions) => {
      process.exitCode = await preInstall(options, openPrinter(options));
    });
}

async function preInstall(options: NearOptions, printer: Printer): Promise<number> {
  const { actions } = readAptInput(await readTold(APT, MAX_APT_INPUT_BYTES));
  const unpacked = actions.filter((action) => action.kind === "unpack");
  if (unpacked.length === 0) return EXIT.ok;
  try {
    return await judgeTransaction(unpacked, options, printer);
  } catch (error) {
    if (!goesOnWith(APT, error, options.mode)) throw error;
    printer.failure(error);
    printer.note("samebits: nothing could be checked, and the mode is warn: the transaction goes on");
    return EXIT.ok;
  }
}

type Unpacked = Extract<AptAction, { readonly kind: "unpack" }>;

async function judgeTransaction(
  actions: readonly Unpacked[],
  options: NearOptions,
  printer: Printer,
): Promise<number> {
  assertSafe(
    APT,
    actions.map(({ path }) => path),
    options,
    printer,
  );
  const near = await openNear(options, printer);
  const files = await examineAll(actions, near, printer);
  const judgement = await near.judge(files, true);
  for (const file of files) assertHeld(file);
  return tell(judgement, { manager: APT, allowed: near.allowed, options, refusal: STOPPED }, printer);
}

async function examineAll(
  actions: readonly Unpacked[],
  { debNamespace }: Pick<Near, "debNamespace">,
  printer: Printer,
): Promise<readonly Held[]> {
  const paths = actions.map(({ path }) => path);
  const files = await holdTold(paths, { debNamespace }, printer);
  return files.flatMap((file, at) => {
    const action = actions[at];
    return action === undefined ? [] : asApt(file, action);
  });
}

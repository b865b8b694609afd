/** What apt calls before dpkg unpacks anything: each .deb of the transaction is judged, and the transaction stops where one is refused. */
import type { Command } from "commander";
import { APT_HOOK_MS, counted, MAX_APT_INPUT_BYTES } from "../../../protocol/index.ts";
import { readStdin } from "../../artifact/index.ts";
import type { Config } from "../../config.ts";
import { ClientError, EXIT } from "../../errors.ts";
import { asApt, assertHeld, holdAll, readAptInput, shown } from "../../install/index.ts";
import type { Allowed, AptAction, Held } from "../../install/index.ts";
import { noteCircumstances } from "../circumstances.ts";
import type { Judgement } from "../judging.ts";
import { openPrinter } from "../print.ts";
import type { Printer } from "../print.ts";
import { exitOf, printJson } from "../verify.ts";
import { addNearOptions, assertSafe, goesOnWith, openNear } from "./near.ts";
import type { NearOptions } from "./near.ts";
import { screenOf } from "./screen.ts";
import type { HookMode } from "./settings.ts";

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
  const { actions } = readAptInput(await readInput());
  const unpacked = actions.filter((action) => action.kind === "unpack");
  if (unpacked.length === 0) return EXIT.ok;
  try {
    return await judgeTransaction(unpacked, options, printer);
  } catch (error) {
    if (!goesOnWith(error, options.mode)) throw error;
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
    actions.map(({ path }) => path),
    options,
    printer,
  );
  const near = await openNear(options, printer);
  const files = await examineAll(actions, near.config, printer);
  const judgement = await near.judge(files, true);
  for (const file of files) assertHeld(file);
  return tell(judgement, near.allowed, options.mode, printer);
}

async function examineAll(
  actions: readonly Unpacked[],
  { debNamespace }: Config,
  printer: Printer,
): Promise<readonly Held[]> {
  let checked = 0;
  const ended = printer.progress(() => `checking ${checked} of ${counted(actions.length, "package")} …`);
  try {
    const paths = actions.map(({ path }) => path);
    const files = await holdAll(paths, { debNamespace }, (done) => (checked = done));
    return files.flatMap((file, at) => {
      const action = actions[at];
      return action === undefined ? [] : asApt(file, action);
    });
  } finally {
    ended();
  }
}

/** What was found, on one screen, and the exit status. */
function tell(judgement: Judgement, allowed: readonly Allowed[], mode: HookMode, printer: Printer): number {
  const { outcome } = judgement;
  const refused = outcome.judged.filter(({ verdict }) => verdict.decision === "refuse");
  const stops = refused.length > 0 && mode === "enforce";
  if (printer.json) {
    printJson(judgement, printer);
    const [packages, shownAllowed] = [outcome.judged.length, allowed.map(shown)];
    const counts = { packages, refused: refused.length, goes_on: !stops };
    printer.object({ samebits: 1, event: "apt", mode, ...counts, allowed: shownAllowed });
  } else for (const line of screenOf(judgement, allowed, { mode, color: printer.color })) printer.data(line);
  noteCircumstances(judgement, printer);
  return stops ? exitOf(judgement, true) : EXIT.ok;
}

/** All that apt says, within a time and a size. */
async function readInput(): Promise<Uint8Array> {
  if (process.stdin.isTTY) throw badInput("it comes from a terminal");
  const late = setTimeout(
    () => process.stdin.destroy(badInput(`apt has not come to its end in ${APT_HOOK_MS / 1_000} s`)),
    APT_HOOK_MS,
  );
  const octets = await readStdin(MAX_APT_INPUT_BYTES).finally(() => clearTimeout(late));
  if (octets === null) throw badInput(`it has more than ${MAX_APT_INPUT_BYTES} octets`);
  return octets;
}

function badInput(why: string): ClientError {
  return new ClientError(
    "apt/bad-input",
    `what apt says of the transaction can't be read: ${why}; this command is for apt to call (samebits apt install-hook)`,
  );
}

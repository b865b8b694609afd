/** After `apt-get update`: what the hook would refuse is held back, so that the rest of an upgrade goes on. */
import type { Command } from "commander";
import { counted } from "../../../protocol/index.ts";
import { EXIT } from "../../errors.ts";
import {
  listedPackages,
  nativeArch,
  pinsAt,
  pinsPath,
  simulatedUpgrade,
  writePins,
} from "../../install/index.ts";
import type { Pin } from "../../install/index.ts";
import type { Examined } from "../../verify/index.ts";
import type { JudgedBy } from "../judged.ts";
import { noteCircumstances } from "../circumstances.ts";
import { openPrinter } from "../print.ts";
import type { Printer } from "../print.ts";
import { addNearOptions, openNear } from "./near.ts";
import type { Near, NearOptions } from "./near.ts";
import { offeredFile } from "./offered.ts";
import { heldLines } from "./screen.ts";

/** What held packages give way to may have to be held too; after so many rounds the hook has the last word. */
const MAX_ROUNDS = 5;

export function defineHold(command: Command): void {
  addNearOptions(command)
    .addHelpText(
      "after",
      `
\`samebits apt install-hook\` has apt call it after each update of its lists. It judges what an upgrade would install,
by the SHA-256 in the lists, and pins what the hook would refuse in apt's preferences. Without an answer it leaves the pins as they are.

Example:
  samebits apt hold --mode enforce`,
    )
    .action(async (options: NearOptions) => {
      process.exitCode = await hold(options, openPrinter(options));
    });
}

/** A file that apt's lists offer, and what it would be installed as. */
interface Offer {
  readonly pin: Pin;
  readonly file: Examined;
}

async function hold(options: NearOptions, printer: Printer): Promise<number> {
  const path = await pinsPath();
  const native = await nativeArch();
  if (options.mode === "warn") {
    await writePins(path, [], native);
    return EXIT.ok;
  }
  const near = await openNear(options, printer);
  const held: { readonly pin: Pin; readonly by: JudgedBy }[] = [];
  const seen = new Set<string>();
  // What is held now is looked at again, and what is not.
  let wanted: readonly Pick<Pin, "name" | "version">[] = [...pinsAt(path), ...(await simulatedUpgrade())];
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const names = new Set(wanted.map(nameOf).filter((name) => !seen.has(name)));
    const offers = names.size === 0 ? [] : await offersOf(names, near.debNamespace);
    if (offers.length === 0) break;
    for (const { pin } of offers) seen.add(nameOf(pin));
    const judgement = await near.judge(
      offers.map(({ file }) => file),
      false,
    );
    if (judgement.outcome.nobodyAsked) {
      noteCircumstances(judgement, printer);
      return EXIT.unavailable;
    }
    held.push(...refusedOf(offers, judgement.outcome.judged));
    await writePins(
      path,
      held.map(({ pin }) => pin),
      native,
    );
    wanted = await simulatedUpgrade();
  }
  if (seen.size === 0) await writePins(path, [], native);
  tell(held, seen.size, near, path, printer);
  return EXIT.ok;
}

function tell(
  held: readonly { readonly pin: Pin; readonly by: JudgedBy }[],
  looked: number,
  { allowed }: Near,
  path: string,
  printer: Printer,
): void {
  if (printer.json) {
    const shown = held.map(({ pin, by }) => ({ ...pin, verdict: by.verdict.verdict }));
    printer.object({ samebits: 1, event: "hold", considered: looked, held: shown });
    return;
  }
  if (looked === 0 || (held.length === 0 && allowed.length === 0)) return;
  printer.data(
    `samebits: ${counted(looked, "version")} that could be installed · ${held.length} held back (${path})`,
  );
  for (const line of heldLines(
    held.map(({ by }) => by),
    printer.color,
  ))
    printer.data(line);
}

/** One row a file: two lists may have another file of one version each, and either may come. */
async function offersOf(wanted: ReadonlySet<string>, namespace: string): Promise<readonly Offer[]> {
  const offers = new Map<string, Offer>();
  for await (const { namespace: whose, name, version, architecture: arch, sha256 } of listedPackages(
    namespace,
  )) {
    const pin = { name, version, arch };
    if (!wanted.has(nameOf(pin))) continue;
    offers.set(`${nameOf(pin)} ${arch} ${sha256 ?? ""}`, { pin, file: offeredFile(whose, pin, sha256) });
  }
  return [...offers.values()];
}

function refusedOf(
  offers: readonly Offer[],
  judged: readonly JudgedBy[],
): readonly { readonly pin: Pin; readonly by: JudgedBy }[] {
  return judged.flatMap((by, at) => {
    const offer = offers[at];
    return offer === undefined || by.verdict.decision !== "refuse" ? [] : [{ pin: offer.pin, by }];
  });
}

/** Pins are by these alone. */
function nameOf({ name, version }: Pick<Pin, "name" | "version">): string {
  return `${name} ${version}`;
}

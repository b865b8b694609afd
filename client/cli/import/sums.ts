import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { counted } from "../../../protocol/index.ts";
import { ClientError } from "../../errors.ts";
import { differences, harvestSums, keysIn } from "../../import/index.ts";
import type { Difference, SumsLayout } from "../../import/index.ts";
import { addCommonOptions } from "../options.ts";
import { openPrinter } from "../print.ts";
import type { Printer } from "../print.ts";
import { plain } from "../show/index.ts";
import { deliver, isPrinted } from "./deliver.ts";
import type { ImportOptions } from "./deliver.ts";

interface Options extends ImportOptions {
  readonly layout: string;
  readonly keys?: string;
}

const LAYOUTS: readonly SumsLayout[] = ["guix", "flat"];
/** Where guix.sigs has the certificates. */
const KEYS = "builder-keys";
/** Names that are listed; the rest is counted. */
const NAMED = 3;

export function defineSums(command: Command): void {
  addCommonOptions(command)
    .argument("<dir>", "a checkout of guix.sigs, or a part of it; with --layout flat any folder")
    .requiredOption(
      "--layout <name>",
      "guix: RELEASE/SIGNER/LIST and LIST.asc; flat: LIST and LIST.asc anywhere",
    )
    .option("--keys <dir>", "the signers' OpenPGP certificates (default: builder-keys in or above DIR)")
    .option(
      "-o, --output <file>",
      "write the documents there (- for stdout), one a line, and publish nothing",
    )
    .addHelpText(
      "after",
      `
Each list is carried as it is, with its signature, which is checked first. Bitcoin Core's lists are of two steps,
noncodesigned and all, told apart by what they name. Who got other files than most is told, and brought in all the same.

Examples:
  samebits import sums guix.sigs --layout guix
  samebits import sums guix.sigs/30.2 --layout guix --keys guix.sigs/builder-keys -o 30.2.jsonl
  samebits import sums tor-browser/13.5 --layout flat --keys tor-keys`,
    )
    .action(importSums);
}

async function importSums(folder: string, options: Options): Promise<void> {
  const printer = openPrinter(options);
  const layout = LAYOUTS.find((name) => name === options.layout);
  if (layout === undefined) {
    throw new ClientError("usage/bad-option", `--layout ${options.layout}: one of ${LAYOUTS.join(", ")}`);
  }
  const { keys, leftOut } = await keysIn(options.keys ?? keysBeside(folder));
  const ended = printer.progress(() => `checking the lists in ${folder} …`);
  const harvest = await harvestSums(folder, layout, keys).finally(ended);
  const all = { imported: harvest.imported, leftOut: [...leftOut, ...harvest.leftOut] };
  await deliver(all, options, printer);
  if (!isPrinted(options)) for (const one of differences(harvest.imported)) tell(one, printer);
}

function keysBeside(folder: string): string {
  const found = [folder, join(folder, "..")]
    .map((place) => join(place, KEYS))
    .find((place) => existsSync(place));
  if (found !== undefined) return found;
  throw new ClientError(
    "usage/bad-option",
    `no ${KEYS} in or above ${folder}: name the folder of the signers' certificates with --keys`,
  );
}

function tell({ signer, purl, step, files, of, others }: Difference, printer: Printer): void {
  if (printer.json) {
    printer.object({ samebits: 1, event: "difference", signer, purl, step, files, of, others });
    return;
  }
  const names = files
    .slice(0, NAMED)
    .map((file) => plain(file))
    .join(", ");
  const more = files.length > NAMED ? ", …" : "";
  printer.data(
    `DIFFERS  ${plain(signer)} got other bits than ${others.map((other) => plain(other)).join(", ")} in ${files.length} of ${counted(of, "file")} of ${purl} (${step}): ${names}${more}`,
  );
}

import { existsSync } from "node:fs";
import type { Command } from "commander";
import {
  counted,
  keyIdKha,
  MAX_IMPORT_WAIT_MS,
  MIN_IMPORT_EVERY_MS,
  toSpkiPem,
} from "../../../protocol/index.ts";
import { ClientError } from "../../errors.ts";
import {
  answersAt,
  answersIn,
  every,
  harvestRebuilderd,
  openInstance,
  openJournal,
} from "../../import/index.ts";
import type { Answers, Harvest, Instance, RebuilderdHarvest } from "../../import/index.ts";
import { wait } from "../../wait.ts";
import { durationInWords, parseDuration } from "../duration.ts";
import { addCommonOptions, openConfig } from "../options.ts";
import { openPrinter } from "../print.ts";
import type { Printer } from "../print.ts";
import { plain } from "../show/index.ts";
import { stopSignal } from "../stop-signal.ts";
import { bringIn, isPrinted, summary } from "./deliver.ts";
import type { Brought, ImportOptions } from "./deliver.ts";

interface Options extends ImportOptions {
  readonly every?: string;
}

export function defineRebuilderd(command: Command): void {
  addCommonOptions(command)
    .argument(
      "<url|dir>",
      "an instance, such as https://reproduce.debian.net/amd64, or a folder of its recorded answers",
    )
    .option("--every <span>", "again and again, such as 10m: a bridge that goes on until it is stopped")
    .option("-o, --output <file>", "write the links there (- for stdout), one a line, and publish nothing")
    .addHelpText(
      "after",
      `
Links keep their octets. Each has to be signed by the key that the instance names, and to be about the very package,
version and architecture that it is listed under: an instance signs whatever its workers upload. Its own key and its workers' are
one operator's: one builder of a policy. What the instance calls BAD is nobody's signed word: it is shown, and never counted.
What was brought in before is not asked for again.

Examples:
  samebits import rebuilderd https://reproduce.debian.net/amd64
  samebits import rebuilderd https://reproducible.archlinux.org --every 10m --quiet`,
    )
    .action(importRebuilderd);
}

async function importRebuilderd(place: string, options: Options): Promise<void> {
  const printer = openPrinter(options);
  const answersUntil = (stop: AbortSignal): Answers =>
    existsSync(place) ? answersIn(place) : answersAt(place, stop);
  if (options.every === undefined) {
    await round(answersUntil(new AbortController().signal), options, printer);
    return;
  }
  const everyMs = parseDuration("--every", options.every);
  if (everyMs < MIN_IMPORT_EVERY_MS || options.output !== undefined) {
    throw new ClientError(
      "usage/bad-option",
      options.output === undefined
        ? `--every ${options.every}: at least ${durationInWords(MIN_IMPORT_EVERY_MS)}: others pay for the machine`
        : "--every publishes; with -o it would write the same file over and over",
    );
  }
  const signal = stopSignal();
  const answers = answersUntil(signal);
  const failed = (error: unknown, waitMs: number): void => {
    // What it was told to stop in the middle of is asked for again.
    if (signal.aborted) return;
    printer.failure(error);
    printer.note(`samebits: the next round begins in ${durationInWords(waitMs)}`);
  };
  const oneRound = (): Promise<void> => round(answers, options, printer);
  await every({ round: oneRound, everyMs, maxWaitMs: MAX_IMPORT_WAIT_MS, failed, wait, signal });
}

/** All that is new, page by page: what a page brings is remembered once it is delivered. */
async function round(answers: Answers, options: Options, printer: Printer): Promise<void> {
  const instance = await openInstance(answers);
  const config = await openConfig(options);
  const journal = options.output === undefined ? openJournal(config.data, answers.name) : null;
  const workers = new Set<string>();
  const total: Brought[] = [];
  const written: RebuilderdHarvest[] = [];
  let bad = 0;
  for await (const page of harvestRebuilderd(answers, instance, journal?.done ?? new Set())) {
    if (journal === null) written.push(page);
    else total.push(await bringIn(page, options, printer));
    // Only now: what is not in the feed is asked for again.
    await journal?.add(page.done);
    if (!isPrinted(options)) tellHearsay(page, printer);
    bad += page.hearsay.length;
    for (const keyid of page.workers) workers.add(keyid);
  }
  if (journal === null) total.push(await bringIn(joined(written), options, printer));
  if (!isPrinted(options)) tellInstance(answers, instance, workers, printer);
  summary(total, printer);
  if (bad > 0) {
    printer.note(
      `samebits: ${counted(bad, "package is", "packages are")} BAD there: unsigned, shown with --verbose and --json, counted nowhere`,
    );
  }
}

/** One file is written whole. */
function joined(pages: readonly RebuilderdHarvest[]): Harvest {
  return {
    imported: pages.flatMap(({ imported }) => imported),
    leftOut: pages.flatMap(({ leftOut }) => leftOut),
  };
}

function tellHearsay({ hearsay }: RebuilderdHarvest, printer: Printer): void {
  for (const { source, name, version, architecture, status } of hearsay) {
    if (printer.json)
      printer.object({ samebits: 1, event: "hearsay", source, name, version, architecture, status });
    else
      printer.detail(
        `samebits: ${plain(name)} ${plain(version)} ${plain(architecture)}: ${status}, says ${source}, unsigned`,
      );
  }
}

/** Whose keys sign there: one operator. */
function tellInstance(
  answers: Answers,
  { version, keys }: Instance,
  workers: ReadonlySet<string>,
  printer: Printer,
): void {
  if (printer.json) {
    printer.object({
      samebits: 1,
      event: "instance",
      source: answers.name,
      api: version,
      keys: keys.map((key) => ({ keyid: keyIdKha(key), key: toSpkiPem(key) })),
      workers: [...workers],
    });
    return;
  }
  const names = keys.map((key) => keyIdKha(key).slice(0, 8)).join(", ");
  const others =
    workers.size === 0
      ? ""
      : `, with ${counted(workers.size, "worker")} of its own (${[...workers].map((id) => plain(id).slice(0, 8)).join(", ")})`;
  printer.note(
    `samebits: ${answers.name} signs with ${names}${others}: one operator, one builder of a policy`,
  );
}

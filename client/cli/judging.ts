import { resolve } from "node:path";
import type { Command } from "commander";
import { counted, MAX_QUERY_MS, MIRRORS_MS } from "../../protocol/index.ts";
import type { Beginning } from "../begin.ts";
import type { Config, CommonOptions } from "../config.ts";
import type { Mirrors, Source } from "../edges.ts";
import { ClientError } from "../errors.ts";
import type { Policies } from "../policy-file.ts";
import { addressRule, assertOption } from "../settings/index.ts";
import { openBundles, openLinks, openMirrors, openNearby, openSource } from "../source/index.ts";
import type { NamedBundle } from "../source/index.ts";
import { uptimeMs } from "../uptime.ts";
import { Inspecting } from "../verify/index.ts";
import type { Examined } from "../verify/index.ts";
import { beginningOf } from "./beginning.ts";
import { assertFiles, examineAll } from "./examining.ts";
import { judgeByAll } from "./judged.ts";
import type { Outcomes } from "./judged.ts";
import { addLayoutOptions, inspectionsOf, policiesSaid } from "./layout-options.ts";
import type { LayoutJudgingOptions } from "./layout-options.ts";
import { addListedOptions, listedAs } from "./listed.ts";
import type { ListedOptions } from "./listed.ts";
import { addCommonOptions, openConfig } from "./options.ts";
import type { Printer } from "./print.ts";

/** What `verify` and `bundle` have in common. */
export interface JudgingOptions extends CommonOptions, ListedOptions, LayoutJudgingOptions {
  readonly purl?: string;
  readonly policy?: string;
  readonly bundle?: readonly string[];
  readonly mirror?: readonly string[];
  readonly offline?: boolean;
  readonly bootstrap?: readonly string[];
  readonly deadline?: string;
  readonly sha256?: string;
  readonly name?: string;
  readonly unsigned?: string;
}

/** Judged files, and what they were judged by. */
export interface Judgement {
  readonly config: Config;
  readonly policies: Policies;
  readonly outcome: Outcomes;
  /** ms since 1970. */
  readonly now: number;
  readonly elapsedMs: number;
}

const DEFAULT_DEADLINE_S = 5;
/** Of mirrors; nodes take MAX_QUERY_MS at most. */
const MAX_DEADLINE_S = 600;

export function addJudgingOptions(command: Command): Command {
  const files = addCommonOptions(command)
    .argument("[file...]", "files to check")
    .option(
      "--purl <purl>",
      "what the file is, where it does not say so itself (and to check it where it does)",
    );
  return addLayoutOptions(addListedOptions(addAskingOptions(files)))
    .option("--sha256 <hex>", "instead of a file: its digest, with --purl and --name")
    .option("--name <filename>", "its file name")
    .option("--unsigned <file>", "what FILE was before it was signed, where nobody says its normal form");
}

/** By what is judged, and who is asked. */
export function addAskingOptions(command: Command): Command {
  return command
    .option("--policy <file>", "whom to believe, and how many of them; or domain:FINGERPRINT")
    .option(
      "--bundle <file...>",
      "proofs collected before, files of envelopes, or folders of these (put FILE before, or `--` after)",
    )
    .option(
      "--mirror <url...>",
      "read feeds from static files: https://HOST/PATH, http://…, file:DIR (put FILE before, or `--` after)",
    )
    .option("--offline", "ask nobody: only what bundles and file:DIR mirrors hold")
    .option("--bootstrap <multiaddr...>", "peers to begin at, where no node runs here")
    .option(
      "--deadline <seconds>",
      `the longest that the network may take (default: ${DEFAULT_DEADLINE_S}), and mirrors (${MIRRORS_MS / 1_000})`,
    );
}

/** Examines the files and judges them; `asOf`, in ms since 1970: as it was then, without what is remembered. Throws for what the user named and can't be used; what sources do is part of the outcome. */
export async function judgeFiles(
  paths: readonly string[],
  options: JudgingOptions,
  printer: Printer,
  asOf: number | null = null,
): Promise<Judgement> {
  const started = uptimeMs();
  assertFiles(paths, options);
  const judging = await Judging.open(options, printer, { asOf, beside: paths });
  const { config, policies, now } = judging;
  const files = await examineAll(paths, options, config);
  const asking = (name: string): string => `asking ${name} about ${counted(files.length, "file")} …`;
  try {
    const outcome = await judging.judge(files, asking);
    const failures = [...judging.failures, ...outcome.failures];
    const elapsedMs = Math.round(uptimeMs() - started);
    return { config, policies, outcome: { ...outcome, failures }, now, elapsedMs };
  } finally {
    await judging.close();
  }
}

interface OpenOptions {
  /** ms since 1970: judged as it was then, without what is remembered. */
  readonly asOf?: number | null;
  /** Files beside which bundles may lie. */
  readonly beside?: readonly string[];
}

/** Whom a command asks and reads. */
interface Places {
  readonly source: Source | null;
  readonly mirrors: Mirrors | null;
}

/** What a command judges by and whom it asks: opened once, for files that come together or in parts. */
export class Judging {
  /** ms since 1970: the time of all its judgements. */
  readonly now: number;
  readonly policies: Policies;
  /** Of what lies beside the files and can't be used. */
  readonly failures: readonly ClientError[];
  readonly #options: JudgingOptions;
  readonly #printer: Printer;
  readonly #begin: Beginning;
  readonly #bundles: readonly NamedBundle[];
  readonly #deadlineMs: number | null;
  readonly #isRemembering: boolean;
  readonly #inspecting: Inspecting;
  #places: Places | null = null;

  private constructor(
    options: JudgingOptions,
    printer: Printer,
    by: {
      readonly now: number;
      readonly policies: Policies;
      readonly begin: Beginning;
      readonly bundles: readonly NamedBundle[];
      readonly failures: readonly ClientError[];
      readonly deadlineMs: number | null;
      readonly isRemembering: boolean;
    },
  ) {
    this.#options = options;
    this.#printer = printer;
    this.now = by.now;
    this.policies = by.policies;
    this.#begin = by.begin;
    this.#bundles = by.bundles;
    this.failures = by.failures;
    this.#deadlineMs = by.deadlineMs;
    this.#isRemembering = by.isRemembering;
    this.#inspecting = new Inspecting(inspectionsOf(options), (command) =>
      printer.note(`the layout's inspection runs: ${command}`),
    );
  }

  /** Nobody is asked yet. Throws for what the user named and can't be used. */
  static async open(
    options: JudgingOptions,
    printer: Printer,
    { asOf = null, beside = [] }: OpenOptions = {},
  ): Promise<Judging> {
    // In whole seconds, as a summary states it: whoever judges as of then comes to the same.
    const now = asOf ?? Math.floor(Date.now() / 1_000) * 1_000;
    const deadlineMs = options.deadline === undefined ? null : readDeadline(options.deadline);
    assertOffline(options);
    assertOption("--bootstrap", options.bootstrap ?? [], addressRule);
    const said = await openConfig(options);
    const policies = await policiesSaid(options, said, now);
    const places = [...(options.bootstrap ?? []), ...(options.mirror ?? [])];
    const begin = await beginningOf(said, policies, places, printer);
    const bundled = (await Promise.all((options.bundle ?? []).map(openBundles))).flat();
    const named = [...bundled, ...(options.links ?? []).map(openLinks)];
    // As of a past time only what is named counts: what a summary is checked by is chosen by who checks it.
    const nearby = asOf === null ? await openNearby(beside) : { bundles: [], failures: [] };
    const known = new Set(named.map(({ path }) => resolve(path)));
    const bundles = [...named, ...nearby.bundles.filter(({ path }) => !known.has(resolve(path)))];
    return new Judging(options, printer, {
      now,
      policies,
      begin,
      bundles,
      failures: nearby.failures,
      deadlineMs,
      isRemembering: asOf === null,
    });
  }

  get config(): Config {
    return this.#begin.config;
  }

  /** Judges some files; `asking` says in words what is going on, where it takes long. */
  async judge(files: readonly Examined[], asking: (source: string) => string): Promise<Outcomes> {
    const { source, mirrors } = (this.#places ??= await this.#openPlaces());
    const ended = this.#printer.progress(() => mirrors?.progress() ?? asking(source?.name ?? "nobody"));
    const { network, data: dataDir } = this.config;
    try {
      return await judgeByAll(listedAs(files, this.#options), this.policies, {
        network,
        dataDir,
        isRemembering: this.#isRemembering,
        source,
        bundles: this.#bundles,
        mirrors,
        deadlineMs: Math.min(this.#deadlineMs ?? 1_000 * DEFAULT_DEADLINE_S, MAX_QUERY_MS),
        mirrorsMs: this.#deadlineMs ?? MIRRORS_MS,
        now: this.now,
        inspecting: this.#inspecting,
        ...(this.#options.unsigned === undefined ? {} : { unsigned: this.#options.unsigned }),
      });
    } finally {
      ended();
    }
  }

  async close(): Promise<void> {
    this.#inspecting.close();
    await this.#places?.source?.close();
  }

  async #openPlaces(): Promise<Places> {
    const options = this.#options;
    const { config } = this;
    const source = options.offline === true ? null : await openOrExplain(config, options, this.#printer);
    const mirrors = await openMirrors(config, options.mirror ?? placesToRead(this.#begin, options, source));
    return { source, mirrors };
  }
}

function assertOffline({ offline, mirror }: JudgingOptions): void {
  const far = offline === true ? mirror?.find((one) => !one.startsWith("file:")) : undefined;
  if (far !== undefined)
    throw new ClientError("usage/bad-option", `--mirror ${far}: with --offline only file:DIR is read`);
}

function readDeadline(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= MAX_DEADLINE_S)) {
    throw new ClientError(
      "usage/bad-option",
      `--deadline ${text}: seconds, more than 0 and at most ${MAX_DEADLINE_S}`,
    );
  }
  return 1_000 * seconds;
}

/** The domain's mirrors, where the user names none and no node of theirs has the feeds. */
function placesToRead(
  { mirrors }: Beginning,
  { offline }: JudgingOptions,
  source: Source | null,
): readonly string[] {
  return offline === true || source?.holdsFeeds === true ? [] : mirrors;
}

/** A source that can't be opened is nobody to ask: the verdict says so (CONTRACT: exit 69, the JSON is printed all the same). */
async function openOrExplain(
  config: Config,
  options: JudgingOptions,
  printer: Printer,
): Promise<Source | null> {
  try {
    return await openSource(config, options.bootstrap ?? []);
  } catch (error) {
    if (error instanceof ClientError && error.code === "usage/bad-option") throw error;
    printer.failure(error);
    return null;
  }
}

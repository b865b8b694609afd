import type { Command } from "commander";
import { gitWishOf, predicateKind } from "../../attest/index.ts";
import type { GitOptions } from "../../attest/index.ts";
import { ClientError } from "../../errors.ts";
import type { Build } from "../../rebuild/index.ts";
import type { SigningOptions } from "../attesting.ts";
import { parseEvery, parseTimeout } from "../duration.ts";
import { addCommitOptions, addFormOptions } from "../attest-options.ts";
import type { Printer } from "../print.ts";

/** Options of `rebuild -- COMMAND`. */
export interface RebuildOptions extends SigningOptions, GitOptions {
  readonly material?: readonly string[];
  readonly product?: readonly string[];
  readonly purl?: string;
  readonly buildinfo?: string;
  readonly timeout?: string;
  readonly one?: boolean;
  readonly loop?: string;
  readonly every?: string;
  readonly retry?: boolean;
  readonly strip?: readonly string[];
  readonly recordStreams?: boolean;
}

/** The options that `rebuild -- COMMAND` has beside the common ones. */
export function addRebuildOptions(command: Command): Command {
  // None is required by commander: it would be of the subcommands too.
  const withCommit = addCommitOptions(
    command
      .option("--key <key>", "the builder's key: a file, ssh-agent:SHA256:…, or gpg:FINGERPRINT")
      .option("--passphrase-file <file>", "its passphrase is the first line of this file")
      .option("--product <path...>", "what comes out: files, folders, patterns in quotes")
      .option("--material <path...>", "what goes in: files, folders, patterns in quotes")
      .option("--git <ref...>", "the commit that is built, of the repository in this folder, and tags of it"),
  );
  return addFormOptions(
    withCommit
      .option(
        "--buildinfo <file>",
        "the .buildinfo that the command writes: its environment, and itself as a material",
      )
      .option(
        "--purl <purl>",
        "what the products are, where their format does not say so; and what failed, where nothing came out",
      )
      .option("--step <name>", "what is done", "rebuild")
      .option("--timeout <span>", "end the command after so long, such as 2h")
      .option(
        "--predicate <kind>",
        "`link`, `slsa`, `legacy-link`: for clients of rebuilderd, or `step-link`: of a step of an in-toto layout",
        "link",
      )
      .option("--strip <dir...>", "of a step: folders that are left out of the names of files below them")
      .option("--record-streams", "of a step: the link says what the command printed, or its end"),
  )
    .option("--one", "one envelope for all products")
    .option("--replace", "take back what this key said before with another digest")
    .option("-o, --output <dir>", "folder for envelopes, or - for stdout (default: beside the product)")
    .option("--publish", "hand them to the node too")
    .option(
      "--loop <list>",
      "work off a list of package URLs, one a line (- for stdin): the command once for each",
    )
    .option("--retry", "with --loop: try what failed again now, not after its pause")
    .option("--every <span>", "with --loop: read the list again and again, such as 6h, until it is stopped");
}

/** What the user wants run. */
export interface Wish {
  readonly argv: readonly string[];
  readonly options: RebuildOptions;
  readonly signal: AbortSignal;
  readonly printer: Printer;
}

/** The build that these options ask for. What the command prints goes to stderr, nowhere with --quiet. Throws `usage/bad-option`. */
export function buildOf({ argv, options, signal }: Wish): Build {
  const { material = [], product = [], buildinfo = null, timeout, quiet, strip = [] } = options;
  return {
    argv,
    materials: material,
    products: product,
    git: gitWishOf(options),
    buildinfo,
    timeoutMs: timeout === undefined ? null : parseTimeout("--timeout", timeout),
    signal,
    show: quiet === true ? () => Promise.resolve() : toStderr,
    record: options.recordStreams === true,
    asStep: predicateKind(options.predicate) === "step-link" ? { strip } : null,
  };
}

/** Throws `usage/…` for what makes no sense together. */
export function assertSense(argv: readonly string[], options: RebuildOptions): void {
  const { key, product, purl, loop, every, output, predicate, step } = options;
  if (argv.length === 0) {
    throw new ClientError(
      "usage/nothing-to-do",
      "give the command behind --, such as: samebits rebuild --key K --product tool.tar.gz -- make dist; see samebits help rebuild",
    );
  }
  if (typeof key !== "string") throw bad("--key K is missing: whose result is it?");
  const kind = predicateKind(predicate);
  if (kind !== "step-link") refuseOfStep(options);
  else if (loop !== undefined)
    throw bad("--loop signs packages one by one, and a step has one link: run it for each, with -o");
  if (product === undefined && kind !== "step-link") throw bad("--product PATH is missing: what comes out?");
  if (kind === "slsa" && step !== "rebuild")
    throw bad("SLSA provenance knows no steps: use --predicate link");
  if (loop !== undefined && purl !== undefined)
    throw bad("--purl does not go with --loop: the list says what is built");
  if (loop !== undefined && output === "-")
    throw bad("--loop needs a folder: what an interrupted run has signed is published from there");
  if (options.retry === true && (loop === undefined || every !== undefined))
    throw bad("--retry goes with --loop, once: with --every what always fails would be tried for ever");
  if (every === undefined) return;
  if (loop === undefined || loop === "-") throw bad("--every goes with --loop FILE: it reads that again");
  parseEvery(every);
}

function refuseOfStep({ strip, recordStreams }: RebuildOptions): void {
  if (strip !== undefined)
    throw bad("--strip goes with --predicate step-link: packages are known by their names");
  if (recordStreams === true)
    throw bad(
      "--record-streams goes with --predicate step-link: other attestations have the digests of what was printed",
    );
}

async function toStderr(octets: Uint8Array): Promise<void> {
  if (process.stderr.write(octets)) return;
  await new Promise<void>((resolve) => {
    process.stderr.once("drain", resolve);
  });
}

function bad(why: string): ClientError {
  return new ClientError("usage/bad-option", why);
}

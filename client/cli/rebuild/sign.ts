import { basename, dirname } from "node:path";
import type { CommandRun } from "../../../protocol/index.ts";
import {
  assertSayable,
  checkBuildinfo,
  draft,
  draftFailure,
  formWish,
  predicateKind,
} from "../../attest/index.ts";
import type { Draft, FormWish, StatementOptions } from "../../attest/index.ts";
import type { Config } from "../../config.ts";
import { ClientError } from "../../errors.ts";
import { build, filesLacking, prepare, productsIn, stepProducts } from "../../rebuild/index.ts";
import type { Build, Built, BuiltProduct } from "../../rebuild/index.ts";
import { signerOf } from "../attesting.ts";
import type { Work } from "../attesting.ts";
import { plain } from "../show/index.ts";
import type { RebuildOptions } from "./options.ts";
import { signAll } from "./sign-all.ts";
import type { Kept } from "./sign-all.ts";

/** What signing the results of commands needs. */
export interface Bench {
  readonly config: Config;
  readonly work: Work<RebuildOptions>;
}

/** How it ended. */
export interface Signed {
  /** Why it failed, in words; null = it is built. */
  readonly failure: string | null;
  /** How many attestations were signed. */
  readonly signed: number;
}

/** What a result lets us say. */
interface Drafted {
  readonly drafts: readonly Draft[];
  readonly products: readonly BuiltProduct[];
  readonly failure: string | null;
}

/**
 * Runs a command and signs what it gave, or that it failed. `kept` is told which files hold the attestations before any of them is
 * published. What can be seen to be wrong is told before the command runs. Throws `rebuild/…`, `attest/conflicts`, `artifact/…`,
 * `input/…`, `key/…`, `usage/bad-option`.
 */
export async function buildAndSign(
  wanted: Build,
  purl: string | null,
  bench: Bench,
  kept: Kept,
): Promise<Signed> {
  const { work } = bench;
  signerOf(work);
  const prepared = await prepare(wanted);
  for (const note of prepared.inputs.notes ?? []) work.printer.note(`samebits: ${plain(note)}`);
  formsOf(work);
  assertSayable(prepared.inputs, saidOf(notYetRun(wanted.argv), work));
  const built = await build(wanted, prepared);
  const { drafts, products, failure } = await draftsOf(built, purl, wanted, bench);
  const signed = await signAll(
    drafts,
    saidOf(built.run, work).time,
    (draft) => folderOf(draft, products, work),
    { work, kept },
  );
  return { failure, signed };
}

async function draftsOf(
  built: Built,
  purl: string | null,
  wanted: Build,
  { config, work }: Bench,
): Promise<Drafted> {
  const { inputs, run } = built;
  const said = saidOf(run, work);
  const failed = (reason: string): Drafted => {
    const files = purl === null ? [] : filesLacking(purl, wanted.products);
    const drafts = files.map((file) => draftFailure(purl ?? "", file, reason, inputs, said));
    return { drafts, products: [], failure: reason };
  };
  if (built.state === "failed") return failed(built.reason);
  const { debNamespace } = config;
  const identity = purl === null ? { debNamespace } : { purl, debNamespace };
  const forms = formsOf(work);
  if (said.predicate === "step-link") {
    const made = await stepProducts(built.files, identity, forms);
    checkBuildinfo(inputs, made);
    return { drafts: draft(made, inputs, { ...said, said: built.said }, true), products: [], failure: null };
  }
  const { products, leftOut } = await productsIn(built.files, identity, forms);
  for (const { path } of leftOut) {
    work.printer.note(
      `samebits: ${plain(path)} is left out: its format does not say what it is, and no --purl does`,
    );
  }
  if (purl !== null && !products.some(({ target }) => target.purl === purl))
    return failed(`it made nothing of ${purl}`);
  if (products.length === 0) {
    throw new ClientError(
      "artifact/not-a-package",
      "nothing was signed: of no product it is known what it is; say it with --purl, e.g. --purl pkg:generic/name@1.0",
    );
  }
  checkBuildinfo(inputs, products);
  return { drafts: draft(products, inputs, said, work.options.one === true), products, failure: null };
}

/** Throws `usage/bad-option`. */
function formsOf({ options, printer }: Bench["work"]): FormWish {
  return formWish(options.normalForm, predicateKind(options.predicate), (line) => printer.note(line));
}

function saidOf(run: CommandRun, { key, options }: Work): StatementOptions {
  return {
    step: options.step,
    how: "built",
    predicate: predicateKind(options.predicate),
    keyId: key.keyId,
    time: Math.floor(run.finished / 1000) * 1000,
    run,
  };
}

function notYetRun(command: readonly string[]): CommandRun {
  const nothing = { sha256: new Uint8Array(32), length: 0 };
  const now = Date.now();
  return { command, status: 0, started: now, finished: now, stdout: nothing, stderr: nothing };
}

/** Where the envelope goes: `-o`, else beside the product, else the working folder. Null = stdout. */
function folderOf({ name }: Draft, products: readonly BuiltProduct[], { options }: Work): string | null {
  if (options.output !== undefined) return options.output === "-" ? null : options.output;
  const product = products.find(({ path, file }) => file === name || basename(path) === name);
  return product === undefined ? "." : dirname(product.path);
}

import { basename, dirname } from "node:path";
import type { Command } from "commander";
import {
  checkBuildinfo,
  draft,
  draftFailure,
  formWish,
  gitWishOf,
  predicateKind,
  productsOf,
  productsOfSums,
  readInputs,
} from "../attest/index.ts";
import type { Draft, FormWish, Inputs, Made, Sealed, StatementOptions } from "../attest/index.ts";
import type { Config } from "../config.ts";
import { ClientError } from "../errors.ts";
import type { GitWish } from "../git/index.ts";
import { attachSignature } from "./attach.ts";
import { emitUnsigned, handOver, openWork, plan, writeAll } from "./attesting.ts";
import type { AttestOptions } from "./attesting.ts";
import { addCommitOptions, addFormOptions } from "./attest-options.ts";
import { addCommonOptions, openConfig } from "./options.ts";
import { openPrinter } from "./print.ts";
import type { Printer } from "./print.ts";
import { plain } from "./show/index.ts";

export function define(command: Command): void {
  const withCommit = addCommitOptions(
    addCommonOptions(command)
      .argument("[file...]", "what you built (with --attach: what --emit-unsigned wrote)")
      .requiredOption(
        "--key <key>",
        "the builder's key: a file (a public one with --emit-unsigned and --attach), ssh-agent:SHA256:…, or gpg:FINGERPRINT",
      )
      .option("--passphrase-file <file>", "its passphrase is the first line of this file")
      .option("--purl <purl>", "what the file is, where its format does not say so")
      .option("--step <name>", "what was done", "rebuild")
      .option("--how <how>", "`built`, or `compared` with a build", "built")
      .option("--material <file...>", "what went in (give FILE before, or `--` after)")
      .option(
        "--git <ref...>",
        "the commit that was built, of the repository in this folder, and tags of it",
      ),
  );
  addFormOptions(
    withCommit
      .option("--buildinfo <file>", "the build's .buildinfo: its environment, and itself as a material")
      .option(
        "--predicate <kind>",
        "`link`, `slsa`, `legacy-link`: for clients of rebuilderd, or `step-link`: of a step of an in-toto layout",
        "link",
      )
      .option("--command <line>", "what was run, its words between blanks")
      .option("--git-product <ref>", "of a step: the commit or tag that came out")
      .option("--strip <dir...>", "of a step: folders that are left out of the names of files below them"),
  )
    .option("--one", "one envelope for all files")
    .option("--replace", "take back what this key said before with another digest")
    .option("--sums <file>", "instead of files: a list made by sha256sum, all under --purl")
    .option("--failed <reason>", "instead of files: the step gave none, of --purl and --name")
    .option("--name <filename>", "the file that --failed is about")
    .option("-o, --output <dir>", "folder for envelopes, or - for stdout (default: beside the file)")
    .option("--publish", "hand them to the node too")
    .option("--emit-unsigned", "write what an air-gapped key is to sign")
    .option("--attach <file>", "put such a key's signature to what was written")
    .addHelpText(
      "after",
      `
Examples:
  samebits attest hello_2.10-3_amd64.deb --key tu.key --buildinfo hello_2.10-3_amd64.buildinfo --publish
  samebits attest tool.tar.gz --purl pkg:generic/tool@1.0 --key tu.key --git v1.0 v1.0-review --git-branch main
  samebits attest --sums SHA256SUMS --purl pkg:generic/bitcoin@27.0 --key tu.key
  samebits attest --failed "no space left" --purl 'pkg:deb/debian/hello@2.10-3?arch=amd64' --name hello_2.10-3_amd64.deb --key tu.key
  samebits attest hello_2.10-3_amd64.deb --key ssh-agent:SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU
  samebits attest hello_2.10-3_amd64.deb --key gpg:CFB16E21C950F67FA95E558F2EEB9F5CC09526C1
  samebits attest --predicate step-link --step tag --git-product v1.0 --key alice.key
  samebits attest out/ --predicate step-link --step build --strip out --material src/ --command "make all" --key bob.key -o links
  samebits attest hello_2.10-3_amd64.deb --key tu.pub --emit-unsigned
  openssl pkeyutl -sign -rawin -inkey tu.key -in X.unsigned -out X.sig
  samebits attest X.unsigned --attach X.sig --key tu.pub`,
    )
    .action(attest);
}

async function attest(files: readonly string[], options: AttestOptions): Promise<void> {
  await attestFiles(files, options);
}

/** All that `attest` does; answers with what was signed. */
export async function attestFiles(
  files: readonly string[],
  options: AttestOptions,
): Promise<readonly Sealed[]> {
  const config = await openConfig(options);
  const printer = openPrinter(options);
  assertSense(files, options);
  const work = await openWork(options, config, printer);
  if (options.attach !== undefined) return [await attachSignature(files, options.attach, work)];
  const said: StatementOptions = {
    step: options.step,
    how: options.how === "compared" ? "compared" : "built",
    predicate: predicateKind(options.predicate),
    keyId: work.key.keyId,
    time: Math.floor(Date.now() / 1000) * 1000,
    command: wordsIn(options.command),
  };
  const forms = formWish(options.normalForm, said.predicate, (line) => printer.note(line));
  const drafts =
    said.predicate === "step-link"
      ? await draftStep(files, options, config, { said, forms, printer })
      : await draftAll(files, options, config, { said, forms, printer });
  const folder = (draft: Draft): string | null => folderOf(files, draft, options);
  if (options.emitUnsigned === true) {
    for (const planned of await plan(drafts, said.time, work))
      await emitUnsigned(planned, folder(planned.draft) ?? ".", work);
    return [];
  }
  const written = await work.ledger.exclusively(async () =>
    writeAll(await plan(drafts, said.time, work), folder, work),
  );
  for (const each of written) await handOver(each, work);
  return written.flatMap(({ sealed }) => sealed);
}

/** What all statements of a run share. */
interface Saying {
  readonly said: StatementOptions;
  readonly forms: FormWish;
  readonly printer: Printer;
}

/** The link of a step that nobody runs here: files by their paths. */
async function draftStep(
  files: readonly string[],
  options: AttestOptions,
  { debNamespace }: Config,
  { said, forms, printer }: Saying,
): Promise<readonly Draft[]> {
  const { purl, material = [], strip = [], gitProduct = null, buildinfo = null } = options;
  const { stepMaterials, stepProductsAt } = await import("../rebuild/index.ts");
  const inputs = await readInputs({ materials: [], git: gitWishOf(options), buildinfo, ofStep: true });
  const came: GitWish | null =
    gitProduct === null ? null : { references: [gitProduct], branch: null, url: null, dirty: "unasked" };
  const out = await readInputs({ materials: [], git: came, buildinfo: null, ofStep: true });
  tellOf(inputs, printer);
  const materials = [...(await stepMaterials(material, strip)), ...inputs.materials];
  const identity = purl === undefined ? { debNamespace } : { purl, debNamespace };
  const products = await stepProductsAt(files, strip, identity, forms);
  checkBuildinfo(inputs, products);
  return draft(products, { ...inputs, materials }, { ...said, commits: out.materials }, true);
}

async function draftAll(
  files: readonly string[],
  options: AttestOptions,
  config: Config,
  { said, forms, printer }: Saying,
): Promise<readonly Draft[]> {
  const inputs = await readInputs({
    materials: options.material ?? [],
    git: gitWishOf(options),
    buildinfo: options.buildinfo ?? null,
  });
  tellOf(inputs, printer);
  const { purl, sums, failed, name } = options;
  if (failed !== undefined && purl !== undefined && name !== undefined) {
    return [draftFailure(purl, name, failed, inputs, said)];
  }
  let products: readonly Made[];
  if (sums !== undefined && purl !== undefined) products = productsOfSums(sums, purl);
  else {
    const { debNamespace } = config;
    const identity = purl === undefined ? { debNamespace } : { purl, debNamespace };
    products = await productsOf(files, identity, forms);
  }
  checkBuildinfo(inputs, products);
  return draft(products, inputs, said, options.one === true || sums !== undefined);
}

function tellOf({ notes = [] }: Inputs, printer: Printer): void {
  for (const note of notes) printer.note(`samebits: ${plain(note)}`);
}

/** What takes all words after it. */
const MANY = ["git", "material"] as const;

function assertSense(files: readonly string[], options: AttestOptions): void {
  const { sums, failed, purl, name, attach, emitUnsigned, publish, how, predicate, step } = options;
  const { git, normalForm } = options;
  const ways = [files.length > 0, sums !== undefined, failed !== undefined].filter(Boolean).length;
  const kind = predicateKind(predicate);
  if (kind === "step-link") return assertStep(options);
  refuseOfStep(options);
  if (ways === 0) {
    const before = MANY.find((option) => options[option] !== undefined);
    const hint =
      before === undefined ? "" : ` (files stand before --${before}, which takes all after it, or after --)`;
    throw new ClientError(
      "usage/nothing-to-do",
      `name files${hint}, or --sums, or --failed; see samebits help attest`,
    );
  }
  if (ways > 1) throw bad("give files, or --sums, or --failed: one of them");
  if (sums !== undefined && purl === undefined) throw bad("--sums needs --purl: what are these files?");
  if (failed !== undefined && (purl === undefined || name === undefined)) {
    throw bad("--failed needs --purl and --name: what did not come out?");
  }
  if (normalForm === true && (files.length === 0 || attach !== undefined))
    throw bad("--normal-form is about files at hand: --sums, --failed and --attach have none");
  if (how !== "built" && how !== "compared") throw bad(`--how ${how}: use built or compared`);
  if (kind === "legacy-link" && (failed !== undefined || emitUnsigned === true || attach !== undefined))
    throw bad("a link of the old form says no failure, and is signed at once: use --predicate link");
  if (kind === "legacy-link" && git !== undefined)
    throw bad("a link of the old form has no place for a commit: use --predicate link");
  if (kind === "slsa" && step !== "rebuild")
    throw bad("SLSA provenance knows no steps: use --predicate link");
  if (attach !== undefined && files.length !== 1)
    throw bad("--attach takes the one file that --emit-unsigned wrote");
  if (emitUnsigned === true && (attach !== undefined || publish === true)) {
    throw bad("--emit-unsigned goes with neither --attach nor --publish: there is no signature yet");
  }
}

/** A step may give nothing and take nothing: then it says that it was done. */
function assertStep({ sums, failed, one, attach, emitUnsigned }: AttestOptions): void {
  if (sums !== undefined || failed !== undefined)
    throw bad("--sums and --failed say no step of a layout: use --predicate link");
  if (attach !== undefined || emitUnsigned === true)
    throw bad("a link of a step is signed at once: for a key that is elsewhere use ssh-agent:… or gpg:…");
  if (one === true) throw bad("a step has one link for all of its files: leave --one");
}

function refuseOfStep({ gitProduct, strip }: AttestOptions): void {
  if (gitProduct !== undefined) throw bad("--git-product goes with --predicate step-link");
  if (strip !== undefined)
    throw bad("--strip goes with --predicate step-link: packages are known by their names");
}

function wordsIn(line: string | undefined): readonly string[] {
  return (line ?? "").split(" ").filter((word) => word !== "");
}

/** Where the envelope goes: `-o`, else beside the file, else the working folder. Null = stdout. */
function folderOf(files: readonly string[], each: Draft, options: AttestOptions): string | null {
  if (options.output === "-") return null;
  if (options.output !== undefined) return options.output;
  if (each.form === "step") return ".";
  const file = files.find((path) => basename(path) === each.name) ?? files[0];
  return file === undefined ? "." : dirname(file);
}

function bad(why: string): ClientError {
  return new ClientError("usage/bad-option", why);
}

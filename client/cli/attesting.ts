import { join } from "node:path";
import { fromUtf8, parseAttestation, toHex } from "../../protocol/index.ts";
import type { PublishedEntry } from "../../protocol/index.ts";
import {
  addEnvelopes,
  envelopePath,
  idOf,
  Ledger,
  publish,
  refuseContradiction,
  replacements,
  seal,
  sealStepLink,
  standingsOf,
  writeUnsigned,
} from "../attest/index.ts";
import type { Draft, GitOptions, Replaced, Sealed } from "../attest/index.ts";
import type { CommonOptions, Config } from "../config.ts";
import type { EnvelopeSigner } from "../edges.ts";
import { ClientError } from "../errors.ts";
import { openAnyKey } from "../keys/index.ts";
import type { AnyKey } from "../keys/index.ts";
import { runningNode } from "../source/index.ts";
import type { RunningNode } from "../source/index.ts";
import { withPatience } from "./patience.ts";
import type { Printer } from "./print.ts";
import { forget, remember } from "./remembering.ts";
import { fileOnly, publishLink, reportLink, writeLink } from "./step-link.ts";
import type { WrittenLink } from "./step-link.ts";

/** Options of whatever signs results. */
export interface SigningOptions extends CommonOptions {
  readonly key: string;
  readonly passphraseFile?: string;
  readonly step: string;
  readonly predicate: string;
  readonly replace?: boolean;
  readonly output?: string;
  readonly publish?: boolean;
  /** Undefined = of files that are signed inside as a rule. */
  readonly normalForm?: boolean;
}

export interface AttestOptions extends SigningOptions, GitOptions {
  readonly purl?: string;
  readonly how: string;
  readonly material?: readonly string[];
  readonly buildinfo?: string;
  readonly one?: boolean;
  readonly sums?: string;
  readonly failed?: string;
  readonly name?: string;
  readonly gitProduct?: string;
  readonly command?: string;
  readonly strip?: readonly string[];
  readonly emitUnsigned?: boolean;
  readonly attach?: string;
}

/** What one run of a command that signs works with. */
export interface Work<Options extends SigningOptions = SigningOptions> {
  readonly key: AnyKey;
  readonly ledger: Ledger;
  readonly running: RunningNode | null;
  readonly options: Options;
  readonly printer: Printer;
}

/** Opens what signing needs: the key, what it said before, and the node. Throws `key/…`, and `api/unreachable` where a node is needed. */
export async function openWork<Options extends SigningOptions>(
  options: Options,
  config: Config,
  printer: Printer,
): Promise<Work<Options>> {
  const hash = options.predicate === "step-link" ? "SHA256" : "SHA512";
  const key = await openAnyKey(options.key, options.passphraseFile, hash);
  if (key.exposed) printer.note(`samebits: others can read ${options.key}: chmod 600 it`);
  const ledger = new Ledger(config.data, key.keyId);
  const running = await openNode(config, options.publish === true);
  return { key, ledger, running, options, printer };
}

/** A node is needed for publishing; else it only helps to remember what this key said before. */
async function openNode(config: Config, needed: boolean): Promise<RunningNode | null> {
  try {
    const running = await runningNode(config);
    if (running !== null || !needed) return running;
  } catch (error) {
    if (needed || config.api !== null) throw error;
    return null;
  }
  throw new ClientError(
    "api/unreachable",
    `no node of network ${config.network} runs here: start one with \`samebits node\`, or leave --publish; nothing was signed`,
  );
}

/** A draft, and what it takes back. */
export interface Planned {
  readonly draft: Draft;
  readonly replaced: readonly Replaced[];
}

/** Throws `attest/conflicts` where a draft would contradict what the key said before, unless that is to be replaced (RULES R13). */
export async function plan(drafts: readonly Draft[], time: number, work: Work): Promise<readonly Planned[]> {
  const { key, ledger, running, options } = work;
  refuseTwo(drafts);
  const planned: Planned[] = [];
  for (const draft of drafts) {
    const source = running?.api ?? null;
    const standings = await standingsOf(draft.products, options.step, key.key.raw, ledger, source);
    if (options.replace !== true) refuseContradiction(standings);
    const id = idOf(draft.statement, key.key, draft.form);
    planned.push({ draft, replaced: replacements(standings, { id, time }) });
  }
  return planned;
}

/** What is signed at once contradicts itself as much as what was signed before; `--replace` cannot know which of the two is right. */
function refuseTwo(drafts: readonly Draft[]): void {
  const digests = new Map<string, string>();
  for (const { target, sha256 } of drafts.flatMap(({ products }) => products)) {
    if (target === null) continue;
    const [digest, other] = [toHex(sha256), digests.get(target.keyHex)];
    if (other !== undefined && other !== digest) {
      throw new ClientError(
        "attest/conflicts",
        `${target.file}: of two files that are both ${target.purl}, one is ${other} and one ${digest}: sign the one that you stand by; nothing was signed`,
      );
    }
    digests.set(target.keyHex, digest);
  }
}

/** Throws `key/bad-file` for a public key. */
export function signerOf({ key, options }: Pick<Work, "key" | "options">): EnvelopeSigner {
  if (key.signer !== null) return key.signer;
  throw new ClientError(
    "key/bad-file",
    `${options.key} is a public key: sign with the private one, or write what it is to sign with \`samebits attest --emit-unsigned\``,
  );
}

/** Envelopes that are signed, in one file. */
export interface Written {
  readonly sealed: readonly Sealed[];
  /** Null = they went to stdout. */
  readonly path: string | null;
  /** The link of a layout's step, in a file of its own; null = there is none. */
  readonly link: WrittenLink | null;
}

/**
 * Signs a draft and what it takes back, and writes both as lines of one file; the link of a step into one of its own, where in-toto's tools
 * look for it. `folder` null = stdout.
 */
async function write({ draft, replaced }: Planned, folder: string | null, work: Work): Promise<Written> {
  const { key, printer } = work;
  const signer = signerOf(work);
  // What is taken back goes first, so that nobody sees both digests stand.
  const sealed: Sealed[] = [];
  for (const { statement } of replaced) sealed.push(await withPatience(printer, seal(statement, signer)));
  const isStep = draft.form === "step";
  const step = isStep ? await withPatience(printer, sealStepLink(draft.statement, draft.name, signer)) : null;
  if (!isStep) sealed.push(await withPatience(printer, seal(draft.statement, signer, draft.form)));
  const id = idOf(draft.statement, key.key, draft.form);
  await remember(draft, id, work);
  const envelopes = sealed.map(({ envelope }) => envelope);
  const ending = ENDINGS[draft.form];
  const path = folder === null ? null : envelopePath(folder, draft.name, key.keyId, ending);
  try {
    if (path === null) for (const envelope of envelopes) printer.data(fromUtf8(envelope));
    else if (envelopes.length > 0) await addEnvelopes(path, envelopes);
    const link = step === null ? null : await writeLink({ draft, link: step }, folder, work);
    await forget(replaced, work);
    return { sealed, path, link };
  } catch (error) {
    // Nobody has got it.
    await forget(
      draft.products.flatMap(({ target }) => (target === null ? [] : [{ target, id }])),
      work,
    );
    throw error;
  }
}

/** The same of several, one after the other. */
export async function writeAll(
  planned: readonly Planned[],
  folderOf: (draft: Draft) => string | null,
  work: Work,
): Promise<readonly Written[]> {
  const written: Written[] = [];
  for (const each of planned) written.push(await write(each, folderOf(each.draft), work));
  return written;
}

const ENDINGS: Readonly<Record<Draft["form"], string>> = {
  dsse: ".dsse.jsonl",
  link: ".link.jsonl",
  step: ".retraction.dsse.jsonl",
};

/** Publishes what was written, if asked, and tells of it. Throws `attest/file-only`. */
export async function handOver({ sealed, path, link }: Written, work: Work): Promise<void> {
  const published = await publishSealed(sealed, work);
  for (const [at, one] of sealed.entries()) report(one, path, published?.[at] ?? null, work);
  if (link === null) return;
  const isWanted = work.options.publish === true;
  const place = isWanted && work.running !== null ? await publishLink(link, work.running.api) : null;
  reportLink(link, place, work);
  if (isWanted && link.link.verified === null) throw fileOnly(link);
}

/** Hands sealed statements to the node; null where that was not asked for. */
export async function publishSealed(
  sealed: readonly Sealed[],
  { options, running }: Work,
): Promise<readonly PublishedEntry[] | null> {
  if (options.publish !== true || running === null) return null;
  return publish(
    sealed.map(({ envelope }) => parseAttestation(envelope)),
    running.api,
  );
}

/** Tells of one envelope: JSON or words; on stderr where the envelopes themselves go to stdout. */
export function report(
  { verified }: Sealed,
  path: string | null,
  published: PublishedEntry | null,
  { key, printer }: Pick<Work, "key" | "printer">,
): void {
  const { id, claims, predicateType } = verified;
  const say = (line: string): void => (path === null ? printer.note(line) : printer.data(line));
  if (printer.json && path !== null) {
    const subjects = claims.map(({ target, file, sha256 }) => ({
      purl: target?.purl ?? null,
      file,
      sha256: sha256 === null ? null : toHex(sha256),
    }));
    const { kind, step, how, retracts } = claims[0] ?? { kind: null, step: null, how: null, retracts: [] };
    const place = published === null ? null : { ...published };
    printer.object({
      samebits: 1,
      envelope: path,
      id,
      keyid: key.keyId,
      predicate: predicateType,
      kind,
      step,
      how,
      subjects,
      retracts,
      published: place,
    });
    return;
  }
  for (const { kind, file, sha256, step, retracts } of claims) {
    if (kind === "retraction") say(`retracts   ${file}: claim ${retracts.join(", ")}`);
    else if (kind === "failed") say(`signed     ${file}: ${step} failed`);
    else say(`signed     ${file}  ${sha256 === null ? "" : toHex(sha256)}  (${step})`);
  }
  say(`claim id   ${id}`);
  if (path !== null) say(`envelope   ${path}`);
  if (published !== null) {
    say(`published  ${published.origin} #${published.index}${published.known ? " (was there already)" : ""}`);
  }
}

/** Writes what an air-gapped key is to sign, and tells how. */
export async function emitUnsigned({ draft, replaced }: Planned, folder: string, work: Work): Promise<void> {
  const { key, printer } = work;
  // What is taken back goes first: until then the other one would contradict it.
  const all = [
    ...replaced.map(({ statement }, at) => ({ statement, ending: `.retraction-${at + 1}.unsigned` })),
    { statement: draft.statement, ending: ".unsigned" },
  ];
  for (const { statement, ending } of all) {
    const path = envelopePath(folder, draft.name, key.keyId, ending);
    await writeUnsigned(path, statement);
    const id = idOf(statement, key.key);
    if (printer.json) {
      printer.object({ samebits: 1, unsigned: path, id, keyid: key.keyId });
      continue;
    }
    printer.data(`to sign    ${path}`);
    printer.data(`claim id   ${id}`);
    const signature = join(folder, "SIG");
    printer.note(
      key.key.type === "openpgp"
        ? `  gpg --local-user ${key.keyId}! --digest-algo SHA512 --output ${signature} --detach-sign ${path}`
        : `  openssl pkeyutl -sign -rawin -inkey KEY -in ${path} -out ${signature}`,
    );
    const { step } = work.options;
    const of = step === "rebuild" ? "" : ` --step ${step}`;
    printer.note(`  samebits attest ${path} --attach ${signature} --key ${work.options.key}${of}`);
  }
}

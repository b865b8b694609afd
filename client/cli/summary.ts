/** `verify --vsa` and `verify --against`: verdicts as SLSA Verification Summaries, and whether summaries follow from what is here. */
import {
  differencesFrom,
  formatTime,
  fromUtf8,
  MAX_ENTRY_BYTES,
  ProtocolError,
  parseAttestation,
  policyUriOf,
  readVsa,
  summarizeVerdict,
  toHex,
  verifyWith,
  vsaOf,
} from "../../protocol/index.ts";
import type { Attestation, Vsa } from "../../protocol/index.ts";
import { readWhole } from "../artifact/index.ts";
import { seal } from "../attest/index.ts";
import { ClientError } from "../errors.ts";
import { openAnyKey } from "../keys/index.ts";
import type { AnyKey } from "../keys/index.ts";
import { writeOutput } from "../output-file.ts";
import type { Judged } from "../verify/index.ts";
import { VERSION } from "../version.ts";
import type { Judgement } from "./judging.ts";
import type { Printer } from "./print.ts";
import { plain } from "./show/index.ts";

export interface SummaryOptions {
  readonly vsa?: string;
  readonly against?: string;
  readonly key?: string;
  readonly passphraseFile?: string;
  readonly verifier?: string;
  readonly policyUri?: string;
}

/** Summaries of one run are for at most so many files. */
const MAX_SUMMARIES_BYTES: number = 4096 * MAX_ENTRY_BYTES;
const LINE_FEED = 0x0a;
const BRACE = 0x7b;

/** One line of a file of summaries. */
export interface Summary {
  readonly vsa: Vsa;
  /** Null of a bare Statement, which nobody signed. */
  readonly attestation: Attestation | null;
}

/** What options say nothing together. Throws `usage/bad-option`. */
export function assertSummaries({ vsa, against, key, verifier, policyUri }: SummaryOptions): void {
  if (vsa !== undefined && against !== undefined)
    throw new ClientError("usage/bad-option", "--vsa writes summaries, --against reads them: one of the two");
  if (vsa === undefined && against === undefined && key !== undefined)
    throw new ClientError(
      "usage/bad-option",
      "--key goes with --vsa or --against: a verdict by itself is not signed",
    );
  if (vsa === undefined && (verifier !== undefined || policyUri !== undefined))
    throw new ClientError("usage/bad-option", "--verifier and --policy-uri go with --vsa");
}

/** Writes a summary of each verdict, one a line: signed with `--key`, else bare Statements. Throws `key/…`, `output/…`. */
export async function writeSummaries(
  judgement: Judgement,
  path: string,
  options: SummaryOptions,
  printer: Printer,
): Promise<void> {
  const { key, passphraseFile } = options;
  const opened = key === undefined ? null : await openAnyKey(key, passphraseFile);
  if (opened !== null && opened.signer === null)
    throw new ClientError(
      "key/bad-file",
      `${key ?? ""} is a public key: a summary is signed with the private one`,
    );
  if (opened?.exposed === true) printer.note(`samebits: others can read ${key ?? ""}: chmod 600 it`);
  const verifier = {
    id: options.verifier ?? `urn:samebits:verifier:${opened?.keyId ?? "unsigned"}`,
    version: VERSION,
    network: judgement.config.network,
  };
  const lines: string[] = [];
  for (const { verdict, by } of judgement.outcome.judged) {
    const policyUri = options.policyUri ?? (by.domain === null ? null : policyUriOf(by.domain));
    const statement = summarizeVerdict(verdict, { ...verifier, policyUri });
    const signer = opened?.signer ?? null;
    lines.push(`${fromUtf8(signer === null ? statement : (await seal(statement, signer)).envelope)}\n`);
  }
  await writeOutput(path, lines.join(""));
  printer.note(`samebits: written: ${path}${opened === null ? ", not signed (--key)" : ""}`);
}

/** The summaries in a file, and their time: they are of one run. Throws `input/…`, `bundle/bad-file`. */
export function readSummaries(path: string): {
  readonly summaries: readonly Summary[];
  readonly timeMs: number;
} {
  const bytes = readWhole(path, MAX_SUMMARIES_BYTES);
  const summaries: Summary[] = [];
  for (let from = 0; from < bytes.length;) {
    const found = bytes.indexOf(LINE_FEED, from);
    const end = found === -1 ? bytes.length : found;
    if (end > from) summaries.push(readLine(bytes.subarray(from, end), path));
    from = end + 1;
  }
  const [first, ...others] = summaries;
  if (first === undefined) throw bad(path, "it holds no summary");
  if (others.some(({ vsa }) => vsa.time !== first.vsa.time))
    throw bad(path, "its summaries are of several times: check those of one run together");
  return { summaries, timeMs: first.vsa.time };
}

function readLine(line: Uint8Array, path: string): Summary {
  try {
    if (line[0] === BRACE && fromUtf8(line.subarray(0, 8)) === '{"_type"')
      return { vsa: readVsa(line), attestation: null };
    const attestation = parseAttestation(line);
    const vsa = vsaOf(attestation);
    if (vsa !== null) return { vsa, attestation };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ClientError("bundle/bad-file", `${path}: ${error.message} (${error.code})`, { cause: error });
  }
  throw bad(path, "it holds an attestation that is no SLSA Verification Summary");
}

function bad(path: string, why: string): ClientError {
  return new ClientError("bundle/bad-file", `${path}: ${why}`);
}

/** Says of each file whether its summary follows. True where all do, and are signed with the key where one is given. */
export async function checkSummaries(
  { outcome, config }: Judgement,
  summaries: readonly Summary[],
  options: SummaryOptions,
  printer: Printer,
): Promise<boolean> {
  const key = options.key === undefined ? null : await openAnyKey(options.key, options.passphraseFile);
  let isGood = true;
  for (const judged of outcome.judged) {
    const summary = summaries.find((one) => isOf(one, judged)) ?? null;
    const signed = summary === null || key === null ? null : await isSigned(summary, key);
    const differences =
      summary === null
        ? ["the file has no summary here"]
        : differencesFrom(summary.vsa, judged.verdict, config.network);
    const follows = differences.length === 0;
    isGood &&= follows && signed !== false;
    report(judged, summary, { follows, signed, differences }, options, printer);
  }
  return isGood;
}

function isOf({ vsa }: Summary, { verdict }: Judged): boolean {
  const { sha256, target } = verdict.artifact;
  const { subject } = vsa;
  return (
    subject.sha256 !== null &&
    toHex(subject.sha256) === toHex(sha256) &&
    subject.target?.keyHex === target?.keyHex
  );
}

async function isSigned({ attestation }: Summary, { key }: AnyKey): Promise<boolean> {
  return attestation !== null && (await verifyWith(attestation, key)) !== null;
}

interface Found {
  readonly follows: boolean;
  readonly signed: boolean | null;
  readonly differences: readonly string[];
}

function report(
  { path, verdict }: Judged,
  summary: Summary | null,
  { follows, signed, differences }: Found,
  options: SummaryOptions,
  printer: Printer,
): void {
  const sha256 = toHex(verdict.artifact.sha256);
  if (printer.json) {
    printer.object({
      samebits: 1,
      summary: options.against ?? "",
      path,
      sha256,
      follows,
      signed,
      differences,
    });
    return;
  }
  const name = path ?? sha256;
  if (summary === null || !follows) {
    printer.data(`${name}: the summary does not follow`);
    for (const line of differences) printer.data(`  ${plain(line)}`);
  } else {
    const { passed, time, inputs } = summary.vsa;
    printer.data(
      `${name}: the summary follows: ${passed ? "PASSED" : "FAILED"} at ${formatTime(time)}, from ${inputs.length} attestations`,
    );
  }
  if (signed === true) printer.data(`  signed by ${options.key ?? ""}`);
  if (signed === false) printer.data(`  NOT signed by ${options.key ?? ""}`);
  if (signed === null && summary !== null)
    printer.data(
      summary.attestation === null
        ? "  signed by nobody"
        : "  by whom it is signed was not looked at (--key)",
    );
}

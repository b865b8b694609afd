import type { Command } from "commander";
import {
  describeVerdict,
  exitOfDecision,
  exitOfVerdict,
  fromUtf8,
  summarize,
  toHex,
  verdictJson,
  worstExit,
  writeJson,
} from "../../protocol/index.ts";
import type { Former, Verdict } from "../../protocol/index.ts";
import { EXIT } from "../errors.ts";
import { assertNoInput, printerBeside, readBy } from "./beside-output.ts";
import { noteCircumstances } from "./circumstances.ts";
import type { JudgedBy } from "./judged.ts";
import { addJudgingOptions, judgeFiles } from "./judging.ts";
import type { Judgement, JudgingOptions } from "./judging.ts";
import type { Printer } from "./print.ts";
import { assertSummaries, checkSummaries, readSummaries, writeSummaries } from "./summary.ts";
import type { SummaryOptions } from "./summary.ts";

interface Options extends JudgingOptions, SummaryOptions {
  readonly decide?: boolean;
  readonly manifest?: readonly string[];
  readonly npmCache?: string;
}

export function define(command: Command): void {
  addJudgingOptions(command)
    .option("--decide", "exit with the policy's decision: 0 = allow or warn")
    .option(
      "--manifest <file...>",
      "instead of files: lists of them (SHA256SUMS with --purl, CycloneDX JSON, package-lock.json)",
    )
    .option("--npm-cache <dir>", "where npm keeps the files of a package-lock.json (npm config get cache)")
    .option("--vsa <file>", "write the verdicts as SLSA Verification Summaries, one a line; - for stdout")
    .option(
      "--key <key>",
      "what signs them: a file, ssh-agent:… or gpg:… (with --against: what must have signed)",
    )
    .option("--passphrase-file <file>", "the key's passphrase")
    .option("--verifier <uri>", "who verified (default: named by the key)")
    .option(
      "--policy-uri <uri>",
      "where others find the policy (default: of a trust domain, a name with its fingerprint and version)",
    )
    .option("--against <file>", "judge as of the time of these summaries, and say whether they follow")
    .addHelpText(
      "after",
      `
FILE.bundle and samebits.bundle beside a file are looked at too.

Exit codes: 0 reproduced, 1 contradicted, 2 pending, 3 no rule or not what it should be,
4 bad bytes in a bundle, 66 no such file, 69 nobody could be asked.

Examples:
  samebits verify hello_2.10-3_amd64.deb
  samebits verify *.deb --bootstrap /dnsaddr/mesh.example.org --json
  samebits verify *.deb --mirror https://example.org/feeds file:/media/stick/tu-example
  samebits verify tool.tar.gz --purl pkg:generic/tool@1.0 --policy policy.toml
  samebits verify hello_2.10-3_amd64.deb --offline --bundle hello.bundle
  samebits verify tool.exe --purl pkg:generic/tool@1.0 --unsigned build/tool.exe
  samebits verify --manifest SHA256SUMS --purl pkg:generic/tool@1.0
  samebits verify --manifest bom.cdx.json --json | tail -n 1
  samebits verify --manifest package-lock.json --npm-cache ~/.npm
  samebits verify *.deb --offline --bundle FOLDER
  samebits verify hello_2.10-3_amd64.deb --vsa hello.vsa.jsonl --key ci.key
  samebits verify hello_2.10-3_amd64.deb --offline --bundle hello.bundle --against hello.vsa.jsonl --key ci.pub`,
    )
    .action(async (files: readonly string[], options: Options) => {
      const printer = printerBeside("--vsa", options.vsa, options);
      assertSummaries(options);
      const { key, passphraseFile } = options;
      assertNoInput("--vsa", options.vsa, [...files, ...readBy(options), key, passphraseFile]);
      if (options.manifest !== undefined || options.npmCache !== undefined) {
        const { verifyManifests } = await import("./manifest.ts");
        return verifyManifests(files, options, printer);
      }
      if (options.against !== undefined) return verifyAgainst(files, options.against, options, printer);
      const judgement = await judgeFiles(files, options, printer);
      if (options.vsa !== undefined) await writeSummaries(judgement, options.vsa, options, printer);
      if (printer.json) printJson(judgement, printer);
      else printVerdicts(judgement, options.verbose === true, printer);
      noteCircumstances(judgement, printer);
      process.exitCode = exitOf(judgement, options.decide === true);
    });
}

/** Judges as of the time of summaries, and says whether they follow: 4 where one does not. */
async function verifyAgainst(
  files: readonly string[],
  path: string,
  options: Options,
  printer: Printer,
): Promise<void> {
  const { summaries, timeMs } = readSummaries(path);
  const judgement = await judgeFiles(files, options, printer, timeMs);
  const isGood = await checkSummaries(judgement, summaries, options, printer);
  for (const failure of judgement.outcome.failures) printer.failure(failure);
  process.exitCode = isGood ? exitOf(judgement, options.decide === true) : EXIT.badBytes;
}

/** The exit status: nobody to ask comes before what the verdicts, which rest on nothing then, would say. */
export function exitOf({ outcome }: Judgement, decide: boolean): number {
  const exits = outcome.judged.map(({ verdict }) =>
    decide ? exitOfDecision(verdict) : exitOfVerdict(verdict),
  );
  return outcome.nobodyAsked ? EXIT.unavailable : worstExit(exits);
}

/** One verdict a line. */
export function printJson({ outcome, elapsedMs }: Judgement, printer: Printer): void {
  const { state } = outcome;
  for (const { path, verdict, by, former } of outcome.judged) {
    const run = { path, state, elapsedMs, domain: by.domain, former };
    printer.data(fromUtf8(writeJson(verdictJson(verdict, run))));
  }
}

/** The count first, then each file that needs a look; a single file, and all with --verbose. */
export function printVerdicts({ outcome }: Judgement, all: boolean, printer: Printer): void {
  printer.data(summarize(outcome.judged.map(({ verdict }) => verdict)));
  const shown = outcome.judged.length === 1 || all ? outcome.judged : outcome.judged.filter(needsLook);
  for (const one of shown) for (const line of judgedLines(one, outcome, printer.color)) printer.data(line);
}

/** One file: its verdict, what is not to be counted any more, and where the proof is. */
export function judgedLines(
  { verdict, former }: JudgedBy,
  { state, evidenceFile }: Judgement["outcome"],
  color: boolean,
): readonly string[] {
  const [first, ...others] = state === "none" ? [] : verdict.evidence;
  const more = others.length === 0 ? "" : `  (${others.length} more beside it)`;
  return [
    ...describeVerdict(verdict, { color }),
    ...formerLines(former, toHex(verdict.artifact.sha256)).map((line) => `           ${line}`),
    ...(first === undefined
      ? []
      : [`           Check it yourself: samebits evidence check ${evidenceFile(first)}${more}`]),
  ];
}

/** Whether there is more to say of it than that it is reproduced. */
export function needsLook({ verdict, former }: JudgedBy): boolean {
  return verdict.verdict !== "reproduced" || verdict.decision !== "allow" || former.length > 0;
}

/** Whether nothing speaks against it but that too few have spoken, or that nobody is asked to. */
export function isUnproven({ verdict, problem }: Verdict): boolean {
  return verdict === "pending" && problem !== "misfit";
}

/** What removed keys said, and that it counts no more. */
function formerLines(former: readonly Former[], own: string): readonly string[] {
  return former.map(({ builder, key, sha256, role, version }) => {
    const got = sha256 === own ? "this file" : `${sha256.slice(0, 8)}…`;
    return `${builder}: got ${got}, by a key that the trust domain removed (${key.slice(0, 16)}…, since targets ${version}${role === "" ? "" : ` of ${role}`}): no vote`;
  });
}

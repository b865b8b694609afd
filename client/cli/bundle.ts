import type { Command } from "commander";
import { counted } from "../../protocol/index.ts";
import { writeNamed } from "../output-file.ts";
import { collectBundle } from "../verify/index.ts";
import { assertNoInput, printerBeside, readBy } from "./beside-output.ts";
import { noteCircumstances } from "./circumstances.ts";
import { addJudgingOptions, judgeFiles } from "./judging.ts";
import type { JudgingOptions } from "./judging.ts";
import { exitOf, printVerdicts } from "./verify.ts";

interface Options extends JudgingOptions {
  readonly output?: string;
}

export function define(command: Command): void {
  addJudgingOptions(command)
    .option(
      "-o, --output <file>",
      "where to write, - for stdout (default: FILE.bundle, or samebits.bundle for several)",
    )
    .addHelpText(
      "after",
      `
The bundle holds the envelopes, their proofs, heads and all known dissent. Exit codes are those of verify.

Examples:
  samebits bundle hello_2.10-3_amd64.deb -o hello.bundle
  samebits verify hello_2.10-3_amd64.deb --offline --bundle hello.bundle`,
    )
    .action(async (files: readonly string[], options: Options) => {
      const printer = printerBeside("-o", options.output, options);
      const [only] = files;
      const path =
        options.output ?? (files.length === 1 && only !== undefined ? `${only}.bundle` : "samebits.bundle");
      assertNoInput("-o", path, files);
      assertNoInput("-o", options.output, readBy(options));
      const judgement = await judgeFiles(files, options, printer);
      const { outcome, policies, config, now } = judgement;
      // Any policy will do: what it does not know is held to be right all the same.
      const { policy } = outcome.judged[0]?.by ?? policies.of(null);
      const { bytes, attestations } = await collectBundle(outcome.raw, {
        policy,
        network: config.network,
        now,
      });
      await writeNamed(options.output, path, bytes);
      const exit = exitOf(judgement, false);
      const artefacts = outcome.judged.length;
      if (printer.json)
        printer.object({ samebits: 1, bundle: path, octets: bytes.length, artefacts, attestations, exit });
      else {
        printVerdicts(judgement, false, printer);
        const holds = `${counted(artefacts, "artefact")}, ${counted(attestations, "attestation")}`;
        printer.data(`written: ${path} (${bytes.length} octets: ${holds})`);
      }
      noteCircumstances(judgement, printer);
      process.exitCode = exit;
    });
}

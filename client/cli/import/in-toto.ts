import type { Command } from "commander";
import { harvestInToto } from "../../import/index.ts";
import { assertNoInput } from "../beside-output.ts";
import { knownKeys } from "../known-keys.ts";
import { addCommonOptions, openConfig } from "../options.ts";
import { openPrinter } from "../print.ts";
import { deliver } from "./deliver.ts";
import type { ImportOptions } from "./deliver.ts";

interface Options extends ImportOptions {
  readonly key?: readonly string[];
  readonly policy?: string;
}

export function defineInToto(command: Command): void {
  addCommonOptions(command)
    .argument("<file...>", "in-toto links and DSSE envelopes, one a line in any order, or - for stdin")
    .option("--key <file...>", "public keys of who may have signed (put FILE before, or `--` after)")
    .option(
      "--policy <file>",
      "the same of a policy's builders (default: the configuration's, where there is one)",
    )
    .option("-o, --output <file>", "write them there (- for stdout), one a line, and publish nothing")
    .addHelpText(
      "after",
      `
Every attestation keeps its octets and its signatures. Whose they are is said as far as keys are at hand; whoever judges by
them checks them again, with the keys of his own policy.

Examples:
  samebits import in-toto rebuild.776a00e2.link
  samebits import in-toto attestations.intoto.jsonl --policy policy.toml`,
    )
    .action(importInToto);
}

async function importInToto(paths: readonly string[], options: Options): Promise<void> {
  const printer = openPrinter(options);
  assertNoInput("-o", options.output, [...paths, ...(options.key ?? []), options.policy]);
  const keys = await knownKeys(options, await openConfig(options));
  const imported = await harvestInToto(paths, keys);
  await deliver({ imported, leftOut: [] }, options, printer);
}

import type { Command } from "commander";
import { knownKeys } from "../known-keys.ts";
import type { KeyOptions } from "../known-keys.ts";
import type { CommonOptions } from "../../config.ts";
import { readLayoutFile } from "../../layout/index.ts";
import { addCommonOptions, openConfig } from "../options.ts";
import { openPrinter } from "../print.ts";
import { printLayout } from "./shown.ts";

interface Options extends CommonOptions, KeyOptions {}

export function defineShow(command: Command): void {
  addCommonOptions(command)
    .argument("<file...>", "layouts and links, signed or not: metablocks, DSSE envelopes")
    .option("--key <pub...>", "public keys that may have signed: of owners, of functionaries")
    .option("--policy <file>", "whose builders' keys are tried too")
    .addHelpText(
      "after",
      `
Examples:
  samebits layout show root.layout --key owner.pub
  samebits layout show build.776a00e2.link --key builder.pub --json`,
    )
    .action(async (files: readonly string[], options: Options) => {
      const printer = openPrinter(options);
      const keys = await knownKeys(options, await openConfig(options));
      for (const path of files) await printLayout(readLayoutFile(path), keys, Date.now(), printer);
    });
}

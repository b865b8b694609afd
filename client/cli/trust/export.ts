import type { Command } from "commander";
import type { CommonOptions } from "../../config.ts";
import { isFolder } from "../../folder.ts";
import { exportDomain, openDomain, OwnerFolder, pinnedDomain, TrustStore } from "../../trust/index.ts";
import { printerBeside } from "../beside-output.ts";
import { addCommonOptions, openConfig } from "../options.ts";

interface Options extends CommonOptions {
  readonly output: string;
}

export function defineExport(command: Command): void {
  addCommonOptions(command)
    .argument("<what>", "the fingerprint of a pinned domain, or its beginning; or an owner's folder")
    .requiredOption("-o, --output <path>", "a file that ends in .json (- for stdout), or a folder")
    .addHelpText(
      "after",
      "\nExamples:\n  samebits trust export 3f0c9a5d -o example.json\n  samebits trust export 3f0c9a5d -o DIR/public",
    )
    .action(async (what: string, { output, ...options }: Options) => {
      const printer = printerBeside("-o", output, options);
      const store = new TrustStore((await openConfig(options)).data);
      const domain = isFolder(what)
        ? new OwnerFolder(what).domain()
        : openDomain(store, pinnedDomain(store, what));
      const octets = await exportDomain(domain, output);
      if (printer.json) printer.object({ samebits: 1, domain: domain.state.domain, path: output, octets });
      else printer.data(`written: ${output} (${octets} octets)`);
    });
}

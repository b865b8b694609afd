import type { Command } from "commander";
import { counted } from "../../../protocol/index.ts";
import type { CommonOptions } from "../../config.ts";
import { addCommonOptions } from "../options.ts";
import { openPrinter } from "../print.ts";
import { checkFiles, folderFacts, readCosignedHeads, readFile, readHead, readTimed } from "./files.ts";

export function defineCheck(command: Command): void {
  addCommonOptions(command)
    .argument("<folder>", "a feed in static files (C2SP tlog-tiles): its checkpoint stands in it")
    .addHelpText(
      "after",
      `
Reads every file: the checkpoint must be signed by the feed's key, each entry must have its hash in its tile, each tile its own in the
one above, and all of them must make the tree that was signed; so must the heads with a time (timed) and those that witnesses have cosigned
(cosigned, cosigned-past). It asks nobody, and says nothing of who signed the entries (samebits feed entries), nor of what a witness is worth.

Exit codes: 0 whole, 4 a file is missing or is not what the feed signed, 66 no checkpoint there.

Example:
  samebits feed check /media/stick/tu-example`,
    )
    .action(check);
}

async function check(folder: string, options: CommonOptions): Promise<void> {
  const printer = openPrinter(options);
  const head = readHead(folder);
  const timed = readTimed(folder, head);
  const earlier = [...(timed === null ? [] : [timed]), ...readCosignedHeads(folder, head)];
  const read = (path: string): Uint8Array | null => readFile(folder, path);
  const checked = await checkFiles({ head, earlier }, folder, printer, { read });
  if (printer.json) printer.object(folderFacts(folder, head, checked));
  else
    printer.data(
      `whole: ${counted(head.size, "entry")} of ${head.origin} (${counted(checked.files, "file")}, ${checked.octets} octets)`,
    );
}

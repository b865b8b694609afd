import type { Command } from "commander";
import { keygen, readPassphraseFile } from "../keys/index.ts";
import type { MadeKey } from "../keys/index.ts";
import { addCommonOptions } from "./options.ts";
import { openPrinter } from "./print.ts";
import type { PrintOptions } from "./print.ts";

interface Options extends PrintOptions {
  readonly out: string;
  readonly passphraseFile?: string;
}

export function define(command: Command): void {
  addCommonOptions(command)
    .argument("<name>", "NAME.key and NAME.pub are written; no slash, no space, no plus")
    .option("--out <dir>", "folder to write into", ".")
    .option("--passphrase-file <file>", "encrypt the private key with the first line of this file")
    .addHelpText(
      "after",
      "\nExamples:\n  samebits keygen tu-example\n  samebits keygen tu-example --out /etc/samebits --passphrase-file /root/passphrase",
    )
    .action(async (name: string, options: Options) => {
      const passphrase =
        options.passphraseFile === undefined ? null : await readPassphraseFile(options.passphraseFile);
      const made = await keygen(name, options.out, passphrase);
      const printer = openPrinter(options);
      if (printer.json) return printer.object(keyObject(made));
      printer.data(`private key   ${made.privateFile}  (keep it; nobody can make it again)`);
      printer.data(`public key    ${made.publicFile}  (give it to those who should count you)`);
      printer.data(`key id        ${made.keyId}`);
      printer.data(`  rebuilderd  ${made.keyIdKha}`);
      printer.data(`verifier key  ${made.vkey}`);
    });
}

/** What `--json` prints (`protocol/spec/key.schema.json`). */
function keyObject(made: MadeKey): object {
  return {
    samebits: 1,
    name: made.name,
    private_key: made.privateFile,
    public_key: made.publicFile,
    keyid: made.keyId,
    keyid_kha: made.keyIdKha,
    vkey: made.vkey,
  };
}

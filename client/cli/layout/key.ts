import type { Command } from "commander";
import { canonicalJson, fromUtf8, writeLayoutKey } from "../../../protocol/index.ts";
import { openLayoutKey } from "../../layout/index.ts";

export function defineKey(command: Command): void {
  command
    .argument("<key>", "a public key: a file, gpg:FINGERPRINT, or ssh-agent:SHA256:…")
    .addHelpText(
      "after",
      `
in-toto-verify reads Ed25519 keys in this form alone; OpenPGP keys it takes from GnuPG (--gpg).

Examples:
  samebits layout key owner.pub > owner.json
  in-toto-verify --layout root.layout --layout-keys owner.json --key-types ed25519 --link-dir links`,
    )
    .action(async (name: string) => {
      process.stdout.write(`${fromUtf8(canonicalJson(writeLayoutKey(await openLayoutKey(name, "."))))}\n`);
    });
}

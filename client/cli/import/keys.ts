import type { Command } from "commander";
import { keyIdPlain, toOpenPgpLine } from "../../../protocol/index.ts";
import type { CommonOptions } from "../../config.ts";
import { openCertificate } from "../../import/index.ts";
import type { NamedCertificate } from "../../import/index.ts";
import { addCommonOptions } from "../options.ts";
import { openPrinter } from "../print.ts";
import { plain } from "../show/index.ts";

/** What policies call a builder begins with a letter and has these characters. */
const FIRST = /^[A-Za-z]/;
const NOT_IN_NAMES = /[^A-Za-z0-9._-]/g;

export function defineKeys(command: Command): void {
  addCommonOptions(command)
    .argument("<certificate...>", "OpenPGP certificates, armored or not, one a file")
    .addHelpText(
      "after",
      `
Prints a table [builders.NAME] for each: NAME is the file's, the keys are those that may sign. Look at the fingerprints before you
believe them. Expiry is not looked at (until when a key counts is for the policy to say); what is revoked does not count.

Examples:
  samebits import keys guix.sigs/builder-keys/*.gpg >> policy.toml
  samebits import keys fanquake.gpg --json | jq -r '.keys[].fingerprint'`,
    )
    .action(printKeys);
}

async function printKeys(paths: readonly string[], options: CommonOptions): Promise<void> {
  const printer = openPrinter(options);
  for (const path of paths) {
    const opened = await openCertificate(path);
    const { certificate } = opened;
    const keys = certificate.keys.map((key) => ({ fingerprint: keyIdPlain(key), key: toOpenPgpLine(key) }));
    for (const { fingerprint, why } of certificate.refused)
      printer.note(`samebits: ${path}: the key ${fingerprint} is left out: ${why}`);
    if (printer.json) {
      printer.object({
        samebits: 1,
        file: path,
        builder: builderName(opened.name),
        fingerprint: certificate.fingerprint,
        users: certificate.users,
        keys,
        refused: certificate.refused,
      });
    } else for (const line of table(opened, keys)) printer.data(line);
  }
}

function table(
  { name, certificate }: NamedCertificate,
  keys: readonly { readonly fingerprint: string; readonly key: string }[],
): readonly string[] {
  const builder = builderName(name);
  const user = certificate.users[0];
  const who = [certificate.fingerprint.toUpperCase(), ...(user === undefined ? [] : [plain(user)])].join(
    ", ",
  );
  if (keys.length === 0) return [`# ${name}: no key of ${who} may sign`, ""];
  return [
    `[builders.${builder}]`,
    `# ${who}`,
    "keys = [",
    ...keys.map(({ fingerprint, key }) => `  "${key}", # ${fingerprint.toUpperCase()}`),
    "]",
    `roles = ["rebuilder"]`,
    ...(builder === name ? [] : [`operator = ${JSON.stringify(name)}`]),
    "",
  ];
}

/** A file's name as a policy can have it: 0xb10c becomes b-0xb10c. */
function builderName(name: string): string {
  const usable = name.replace(NOT_IN_NAMES, "-").slice(0, 60);
  return FIRST.test(usable) ? usable : `b-${usable}`;
}

import type { Command } from "commander";
import type { CommonOptions } from "../../config.ts";
import { ClientError } from "../../errors.ts";
import { openAnyKey } from "../../keys/index.ts";
import type { AnyKey } from "../../keys/index.ts";
import { layoutFileOf, openToSign, signatureAdded, toSign } from "../../layout/index.ts";
import type { LayoutFile, Wrapping } from "../../layout/index.ts";
import { rewrite, writeNamed, writeOutput } from "../../output-file.ts";
import { readSignature } from "../attach.ts";
import { assertNoInput, printerBeside } from "../beside-output.ts";
import { addCommonOptions } from "../options.ts";
import { withPatience } from "../patience.ts";
import type { Printer } from "../print.ts";
import { printLayout } from "./shown.ts";

interface Options extends CommonOptions {
  readonly key?: string;
  readonly passphraseFile?: string;
  readonly dsse?: boolean;
  readonly output?: string;
  readonly emitUnsigned?: boolean;
  readonly attach?: string;
}

export function defineSign(command: Command): void {
  addCommonOptions(command)
    .argument("<file>", "the layout, or a link")
    .option(
      "--key <key>",
      "the owner's key: a file (a public one with --attach), ssh-agent:SHA256:…, or gpg:FINGERPRINT",
    )
    .option("--passphrase-file <file>", "its passphrase is the first line of this file")
    .option("--dsse", "into a DSSE envelope (default: what it is, at first a metablock)")
    .option("-o, --output <file>", "where it goes, - for stdout (default: the same file)")
    .option("--emit-unsigned", "write what an air-gapped key is to sign: FILE.unsigned")
    .option("--attach <file>", "put such a key's signature to it")
    .addHelpText(
      "after",
      `
Pass the one file from owner to owner: the others' signatures stay.

Examples:
  samebits layout sign root.layout --key alice.key
  samebits layout sign root.layout --key gpg:CFB16E21C950F67FA95E558F2EEB9F5CC09526C1
  samebits layout sign root.layout --emit-unsigned
  openssl pkeyutl -sign -rawin -inkey bob.key -in root.layout.unsigned -out bob.sig
  samebits layout sign root.layout --attach bob.sig --key bob.pub`,
    )
    .action(async (path: string, options: Options) => {
      const printer = printerBeside("-o", options.output, options);
      assertNoInput("-o", options.output, [options.key, options.passphraseFile, options.attach]);
      const now = Date.now();
      const file = openToSign(path, now);
      const wrapping = options.dsse === true ? "dsse" : null;
      if (options.emitUnsigned === true) return emitUnsigned(file, wrapping, options, printer);
      const { key, signed } = await sign(file, wrapping, options, printer);
      const { output } = options;
      await (output === undefined ? rewrite(path, signed) : writeOutput(output, signed));
      await printLayout(
        layoutFileOf(signed, output ?? path),
        [{ name: options.key ?? "", key: key.key }],
        now,
        printer,
      );
    });
}

async function sign(
  file: LayoutFile,
  wrapping: Wrapping | null,
  { key: name, passphraseFile, attach }: Options,
  printer: Printer,
): Promise<{ readonly key: AnyKey; readonly signed: Uint8Array }> {
  if (name === undefined)
    throw new ClientError("usage/nothing-to-do", "name the key with --key: whose signature is it?");
  const key = await openAnyKey(name, passphraseFile, "SHA256");
  if (key.exposed) printer.note(`samebits: others can read ${name}: chmod 600 it`);
  const message = toSign(file, wrapping);
  if (attach !== undefined)
    return { key, signed: await signatureAdded(file, wrapping, key.key, readSignature(attach, key.key)) };
  if (key.signer === null)
    throw new ClientError(
      "key/bad-file",
      `${name} is a public key: sign with the private one, or elsewhere (--emit-unsigned)`,
    );
  const signature = await withPatience(printer, key.signer.sign(message));
  return { key, signed: await signatureAdded(file, wrapping, key.key, signature) };
}

async function emitUnsigned(
  file: LayoutFile,
  wrapping: Wrapping | null,
  { output, key, attach, dsse }: Options,
  printer: Printer,
): Promise<void> {
  if (attach !== undefined || key !== undefined)
    throw new ClientError("usage/bad-option", "--emit-unsigned goes with neither --key nor --attach");
  const path = output ?? `${file.path}.unsigned`;
  await writeNamed(output, path, toSign(file, wrapping));
  if (printer.json) return printLayout(file, [], Date.now(), printer);
  printer.data(`to sign    ${path}`);
  printer.note(`  openssl pkeyutl -sign -rawin -inkey KEY -in ${path} -out SIG`);
  printer.note(`  or gpg --local-user FINGERPRINT! --digest-algo SHA256 --output SIG --detach-sign ${path}`);
  printer.note(`  samebits layout sign ${file.path}${dsse === true ? " --dsse" : ""} --attach SIG --key PUB`);
}

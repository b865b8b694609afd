import type { Command } from "commander";
import type { CommonOptions } from "../../config.ts";
import { ClientError } from "../../errors.ts";
import { openAnyKey } from "../../keys/index.ts";
import { knowsAll, openDocument, settle, withCopies, withSignature, writeBack } from "../../trust/index.ts";
import type { Opened } from "../../trust/index.ts";
import { writeWhole } from "../../write-file.ts";
import { readSignature } from "../attach.ts";
import { addCommonOptions } from "../options.ts";
import { withPatience } from "../patience.ts";
import { openPrinter } from "../print.ts";
import type { Printer } from "../print.ts";
import { printDocument } from "./document-shown.ts";

interface Options extends CommonOptions {
  readonly key?: string;
  readonly passphraseFile?: string;
  readonly emitUnsigned?: boolean;
  readonly attach?: string;
  readonly merge?: readonly string[];
}

export function defineSign(command: Command): void {
  addCommonOptions(command)
    .argument("<file>", "the document, such as DIR/draft/1.root.json, or a copy of it on another machine")
    .option("--key <key>", "the key: a file (a public one with --attach), or ssh-agent:SHA256:…")
    .option("--passphrase-file <file>", "its passphrase is the first line of this file")
    .option("--merge <file...>", "copies that were signed elsewhere: their signatures come to it")
    .option("--emit-unsigned", "write what an air-gapped key is to sign: FILE.unsigned")
    .option("--attach <file>", "put such a key's signature to it")
    .addHelpText(
      "after",
      `
Pass the one file from signer to signer. In DIR/draft it goes into place, to DIR/public, once enough have signed; a root together with
targets that hold under it.

Examples:
  samebits trust sign DIR/draft/1.root.json --key alice.key
  samebits trust sign 1.root.json --key bob.key --passphrase-file passphrase
  samebits trust sign 1.root.json --key ssh-agent:SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU
  samebits trust sign DIR/draft/1.root.json --merge /media/stick/1.root.json
  samebits trust sign 1.root.json --emit-unsigned
  openssl pkeyutl -sign -rawin -inkey carol.key -in 1.root.json.unsigned -out carol.sig
  samebits trust sign 1.root.json --attach carol.sig --key carol.pub`,
    )
    .action(async (file: string, options: Options) => {
      const printer = openPrinter(options);
      const opened = openDocument(file);
      if (options.emitUnsigned === true) {
        const path = `${file}.unsigned`;
        await writeWhole(path, opened.standing.document.signedBytes, { replace: true });
        if (printer.json) printDocument(opened, Date.now(), printer);
        else printer.data(`to sign    ${path}`);
        return;
      }
      await writeBack(opened, await signed(opened, options, printer));
      const after = openDocument(file);
      const { folder } = after;
      const settled = folder === null ? undefined : await settle(folder);
      printDocument(after, Date.now(), printer, settled);
    });
}

async function signed(opened: Opened, options: Options, printer: Printer): Promise<Uint8Array> {
  const { key: file, attach, merge } = options;
  if (merge !== undefined) {
    if (file !== undefined || attach !== undefined)
      throw new ClientError(
        "usage/bad-option",
        "--merge takes signatures from copies: it goes with neither --key nor --attach",
      );
    if (!knowsAll(opened.standing))
      throw new ClientError(
        "usage/bad-option",
        "--merge works in the domain's folder, which says whose signatures count",
      );
    return withCopies(opened, merge);
  }
  if (file === undefined)
    throw new ClientError("usage/nothing-to-do", "name a key with --key, or copies with --merge");
  const key = await openAnyKey(file, options.passphraseFile);
  if (key.exposed) printer.note(`samebits: others can read ${file}: chmod 600 it`);
  if (key.key.type !== "ed25519")
    throw new ClientError("key/bad-file", `${file}: domains are signed with Ed25519, this is an OpenPGP key`);
  if (attach !== undefined) return withSignature(opened, key.key, readSignature(attach, key.key).sig);
  const { signer } = key;
  if (signer === null)
    throw new ClientError(
      "key/bad-file",
      `${file} is a public key: sign with the private one, or elsewhere (--emit-unsigned)`,
    );
  const { signedBytes } = opened.standing.document;
  const { sig } = await withPatience(printer, signer.sign(signedBytes));
  return withSignature(opened, key.key, sig);
}

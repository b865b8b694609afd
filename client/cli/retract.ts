import { dirname } from "node:path";
import type { Command } from "commander";
import { counted, fromUtf8, verifyWith } from "../../protocol/index.ts";
import type { PublicKey, Verified } from "../../protocol/index.ts";
import { addEnvelopes, envelopePath, Ledger, publish, readAttestations, retract } from "../attest/index.ts";
import type { CommonOptions } from "../config.ts";
import { ClientError } from "../errors.ts";
import { openAnyKey } from "../keys/index.ts";
import { needRunningNode } from "../source/index.ts";
import { report } from "./attesting.ts";
import { addCommonOptions, openConfig } from "./options.ts";
import { withPatience } from "./patience.ts";
import { openPrinter } from "./print.ts";

interface Options extends CommonOptions {
  readonly key: string;
  readonly passphraseFile?: string;
  readonly reason: string;
  readonly replacedBy?: string;
  readonly output?: string;
  readonly publish?: boolean;
}

export function define(command: Command): void {
  addCommonOptions(command)
    .argument("<envelope>", "what `attest` wrote")
    .requiredOption("--key <key>", "the key that signed it: a file, ssh-agent:SHA256:…, or gpg:FINGERPRINT")
    .option("--passphrase-file <file>", "its passphrase is the first line of this file")
    .requiredOption("--reason <text>", "why, in one line; everybody can read it")
    .option("--replaced-by <envelope>", "what stands instead")
    .option("-o, --output <dir>", "folder for the retraction, or - for stdout (default: beside the envelope)")
    .option("--publish", "hand it to the node too")
    .addHelpText(
      "after",
      `
A retraction is visible for ever, and so is what it takes back. It never makes a file reproduced.

Examples:
  samebits retract hello_2.10-3_amd64.deb.1f2e3d4c.dsse.jsonl --key tu.key --reason "built with a broken clock" --publish
  samebits retract old.dsse.jsonl --key tu.key --reason "rebuilt" --replaced-by new.dsse.jsonl`,
    )
    .action(takeBack);
}

async function takeBack(path: string, options: Options): Promise<void> {
  const config = await openConfig(options);
  const printer = openPrinter(options);
  const opened = await openAnyKey(options.key, options.passphraseFile);
  const { key, signer } = opened;
  if (signer === null) {
    throw new ClientError("key/bad-file", `${options.key} is a public key: take back with the private one`);
  }
  const claim = await readOwn(path, key, options.key);
  const { replacedBy: by } = options;
  const replacedBy = by === undefined ? null : (await readOwn(by, key, options.key)).id;
  const running = options.publish === true ? await needRunningNode(config) : null;
  const time = Math.floor(Date.now() / 1000) * 1000;
  const said = { reason: options.reason, replacedBy, time };
  const sealed = await withPatience(printer, retract(claim, signer, said));
  const name = claim.claims[0]?.file ?? "claim";
  const folder = options.output ?? (path === "-" ? "." : dirname(path));
  const file = folder === "-" ? null : envelopePath(folder, name, signer.keyId, ".retraction.dsse.jsonl");
  if (file === null) printer.data(fromUtf8(sealed.envelope));
  else await addEnvelopes(file, [sealed.envelope]);
  // Only now: what nobody has got takes nothing back.
  const ledger = new Ledger(config.data, signer.keyId);
  await ledger.exclusively(async () => {
    for (const { target, step } of claim.claims)
      if (target !== null) await ledger.forget(target, step, claim.id);
  });
  const published = running === null ? [] : await publish([sealed.verified], running.api);
  report(sealed, file, published[0] ?? null, { key: opened, printer });
}

/** The one attestation in a file that this key signed and that is no retraction. */
async function readOwn(path: string, key: PublicKey, keyPath: string): Promise<Verified> {
  const read = await readAttestations(path);
  const own = (await Promise.all(read.map((attestation) => verifyWith(attestation, key))))
    .filter((verified) => verified !== null)
    .filter(({ claims }) => claims.some(({ kind }) => kind !== "retraction"));
  const [only] = own;
  if (only === undefined) {
    throw new ClientError(
      "bundle/bad-file",
      `${path}: it holds no claim signed by ${keyPath}; only the signer can take one back`,
    );
  }
  if (own.length > 1) {
    throw new ClientError(
      "bundle/bad-file",
      `${path}: it holds ${counted(own.length, "claim")}; give a file with the one to be taken back`,
    );
  }
  return only;
}

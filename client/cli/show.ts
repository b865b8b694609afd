import type { Command } from "commander";
import { MAX_BUNDLE_BYTES, ProtocolError } from "../../protocol/index.ts";
import { readWhole } from "../artifact/index.ts";
import type { CommonOptions } from "../config.ts";
import { ClientError } from "../errors.ts";
import { knownKeys } from "./known-keys.ts";
import type { KeyOptions } from "./known-keys.ts";
import { addCommonOptions, openConfig } from "./options.ts";
import { openPrinter } from "./print.ts";
import type { Printer } from "./print.ts";
import { beginsAsSums, firstLine, showFile, showSums } from "./show/index.ts";
import type { KnownKey, NamedSums, Shown } from "./show/index.ts";

interface Options extends CommonOptions, KeyOptions {}

export function define(command: Command): void {
  addCommonOptions(command)
    .argument(
      "<file...>",
      "envelopes, legacy links, bundles, evidence, checkpoints, .tlog-proof, SHA256SUMS (several are compared)",
    )
    .option("--key <pub...>", "public keys that may have signed (PEM or verifier key)")
    .option("--policy <file>", "whose builders' keys are tried")
    .addHelpText(
      "after",
      "\nExamples:\n  samebits show hello_2.10-3_amd64.deb.1659d316.dsse.jsonl --key tu-example.pub\n  samebits show hello.bundle\n  samebits show checkpoint",
    )
    .action(async (files: readonly string[], options: Options) => {
      const printer = openPrinter(options);
      const keys = await knownKeys(options, await openConfig(options));
      const lists: NamedSums[] = [];
      for (const path of files) print(path, await show(path, keys, lists), printer);
    });
}

async function show(path: string, keys: readonly KnownKey[], lists: NamedSums[]): Promise<Shown> {
  const bytes = readWhole(path, MAX_BUNDLE_BYTES);
  try {
    return beginsAsSums(bytes) ? showSums(bytes, path, lists) : await showFile(bytes, keys);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const words = `${path} (it begins ${JSON.stringify(firstLine(bytes))}): ${error.message} (${error.code})`;
    throw new ClientError("bundle/bad-file", words, { cause: error });
  }
}

function print(path: string, { kind, facts, proven, notProven }: Shown, printer: Printer): void {
  if (printer.json) {
    printer.object({ samebits: 1, path, kind, facts, proven, not_proven: notProven });
    return;
  }
  for (const line of facts) printer.data(line);
  for (const line of proven) printer.data(`Proven: ${line}`);
  for (const line of notProven) printer.data(`Not proven: ${line}`);
}

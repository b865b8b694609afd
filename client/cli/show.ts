import { open, readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { Command } from "commander";
import { MAX_BUNDLE_BYTES, MAX_KEY_FILE_BYTES, parsePublicKey, ProtocolError } from "../../protocol/index.ts";
import { unreadable } from "../artifact/index.ts";
import type { CommonOptions } from "../config.ts";
import { ClientError } from "../errors.ts";
import { openPolicy } from "../policy-file.ts";
import { addCommonOptions, openConfig } from "./options.ts";
import { openPrinter } from "./print.ts";
import type { Printer } from "./print.ts";
import { firstLine, showFile } from "./show/index.ts";
import type { KnownKey, Shown } from "./show/index.ts";

interface Options extends CommonOptions {
  readonly key?: readonly string[];
  readonly policy?: string;
}

export function define(command: Command): void {
  addCommonOptions(command)
    .argument("<file...>", "envelopes, legacy links, bundles, evidence, checkpoints, .tlog-proof")
    .option("--key <pub...>", "public keys that may have signed (PEM or verifier key)")
    .option("--policy <file>", "whose builders' keys are tried")
    .addHelpText(
      "after",
      "\nExamples:\n  samebits show hello_2.10-3_amd64.deb.1659d316.dsse.jsonl --key tu-example.pub\n  samebits show hello.bundle\n  samebits show checkpoint",
    )
    .action(async (files: readonly string[], options: Options) => {
      const printer = openPrinter(options);
      const keys = await knownKeys(options);
      for (const path of files) print(path, await show(path, keys), printer);
    });
}

async function show(path: string, keys: readonly KnownKey[]): Promise<Shown> {
  const bytes = await readSmall(path, MAX_BUNDLE_BYTES);
  try {
    return await showFile(bytes, keys);
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

/** Keys named, and the policy's where there is one. */
async function knownKeys(options: Options): Promise<readonly KnownKey[]> {
  const keys: KnownKey[] = [];
  for (const path of options.key ?? []) {
    const text = new TextDecoder().decode(await readSmall(path, MAX_KEY_FILE_BYTES));
    keys.push({ name: basename(path), key: parsePublicKey(text.trim()) });
  }
  const config = await openConfig(options);
  if (options.policy === undefined && config.policy === null) return keys;
  const { policy } = await openPolicy(config, options.policy);
  const builders = [...policy.builders.values()];
  return [
    ...keys,
    ...builders.flatMap((builder) => builder.keys.map((key) => ({ name: builder.name, key }))),
  ];
}

async function readSmall(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    await using file = await open(path, "r");
    const { size } = await file.stat();
    if (size > maxBytes)
      throw new ClientError("input/too-big", `${path}: at most ${maxBytes} octets are read`);
    return new Uint8Array(await readFile(file));
  } catch (error) {
    if (error instanceof ClientError) throw error;
    throw unreadable(path, error);
  }
}

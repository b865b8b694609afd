import type { Command } from "commander";
import {
  checkEvidence,
  describeEvidence,
  equalBytes,
  fromUtf8,
  idOfEvidence,
  keysOfEvidence,
  MAX_EVIDENCE_BYTES,
  ProtocolError,
  toHex,
  utf8,
  writeEvidence,
} from "../../protocol/index.ts";
import type { Evidence } from "../../protocol/index.ts";
import { readWhole } from "../artifact/index.ts";
import type { CommonOptions } from "../config.ts";
import { ClientError } from "../errors.ts";
import { addCommonOptions } from "./options.ts";
import { openPrinter } from "./print.ts";

export function define(command: Command): void {
  command.addHelpText("after", "\nExample:\n  samebits evidence check fork.json && echo it holds");
  const check = command
    .command("check")
    .summary("0 if the proof holds, on its own, offline")
    .description("Check a proof with nothing but its own bytes: no network, no policy, no state.");
  addCommonOptions(check)
    .argument("<file...>", "evidence, as `watch`, `verify` and the dashboard give it")
    .addHelpText("after", "\nExample:\n  samebits evidence check fork.json && echo it holds")
    .action(async (files: readonly string[], options: CommonOptions) => {
      const printer = openPrinter(options);
      for (const path of files) {
        const evidence = await checkFile(path);
        if (printer.json) printer.object(evidenceObject(path, evidence));
        else {
          printer.data(`${path}: the proof holds.`);
          for (const line of describeEvidence(evidence)) printer.data(line);
        }
      }
    });
}

/** How a line of `samebits watch` begins: easily taken for the proof in it. */
const ALERT = utf8('{"samebits":1,"event":"alert"');

/** Evidence read and checked. Throws `input/…`, and `evidence/does-not-hold` with the code of what is wrong. */
export async function checkFile(path: string): Promise<Evidence> {
  // One octet more than a proof has: the newline of a line in a file.
  const bytes = readWhole(path, MAX_EVIDENCE_BYTES + 1);
  try {
    return await checkEvidence(bytes);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ClientError("evidence/does-not-hold", `${path}: ${fault(error, bytes)} (${error.code})`, {
      cause: error,
    });
  }
}

function fault({ code, message }: ProtocolError, bytes: Uint8Array): string {
  if (equalBytes(bytes.subarray(0, ALERT.length), ALERT)) {
    return "this is an alert; its proof is what `jq -c .evidence` gives";
  }
  return code === "evidence/not-canonical"
    ? "what it says holds, but it was written anew: a proof is one line, as it was given (of an alert: jq -c .evidence)"
    : `it proves nothing: ${message}`;
}

function evidenceObject(path: string, evidence: Evidence): object {
  return {
    samebits: 1,
    path,
    holds: true,
    kind: evidence.kind,
    id: idOfEvidence(evidence),
    keys: keysOfEvidence(evidence).map(toHex),
    target: "target" in evidence ? { purl: evidence.target.purl, file: evidence.target.file } : null,
    octets: fromUtf8(writeEvidence(evidence)).length,
  };
}

import type { Command } from "commander";
import {
  beginsAsSplit,
  checkEvidence,
  checkSplit,
  describeEvidence,
  describeSplit,
  equalBytes,
  fromUtf8,
  idOfEvidence,
  idOfSplit,
  keysOfEvidence,
  MAX_EVIDENCE_BYTES,
  MAX_SPLIT_BYTES,
  ProtocolError,
  signersOfBoth,
  toHex,
  utf8,
  writeEvidence,
  writeSplit,
} from "../../protocol/index.ts";
import type { Evidence, SplitEvidence } from "../../protocol/index.ts";
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
        const { object, lines } = await checkFile(path);
        if (printer.json) printer.object({ samebits: 1, path, holds: true, ...object });
        else for (const line of [`${path}: the proof holds.`, ...lines]) printer.data(line);
      }
    });
}

/** How a line of `samebits watch` begins: easily taken for the proof in it. */
const ALERT = utf8('{"samebits":1,"event":"alert"');

/** What is said of evidence that holds. */
interface Checked {
  readonly object: object;
  readonly lines: readonly string[];
}

/** Evidence read and checked. Throws `input/…`, and `evidence/does-not-hold` with the code of what is wrong. */
async function checkFile(path: string): Promise<Checked> {
  // One octet more than a proof has: the newline of a line in a file.
  const bytes = readWhole(path, Math.max(MAX_EVIDENCE_BYTES, MAX_SPLIT_BYTES) + 1);
  try {
    if (beginsAsSplit(bytes)) return sayOfSplit(checkSplit(bytes));
    const evidence = await checkEvidence(bytes);
    return { object: evidenceObject(evidence), lines: describeEvidence(evidence) };
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

function sayOfSplit(evidence: SplitEvidence): Checked {
  const object = {
    kind: evidence.kind,
    id: idOfSplit(evidence),
    keys: signersOfBoth(evidence).map(({ raw }) => toHex(raw)),
    target: null,
    domain: evidence.roots[0].domain,
    octets: writeSplit(evidence).length,
  };
  return { object, lines: describeSplit(evidence) };
}

function evidenceObject(evidence: Evidence): object {
  return {
    kind: evidence.kind,
    id: idOfEvidence(evidence),
    keys: keysOfEvidence(evidence).map(toHex),
    target: "target" in evidence ? { purl: evidence.target.purl, file: evidence.target.file } : null,
    octets: fromUtf8(writeEvidence(evidence)).length,
  };
}

import type { Command } from "commander";
import { counted, fromUtf8 } from "../../../protocol/index.ts";
import type { Attestation } from "../../../protocol/index.ts";
import type { CommonOptions } from "../../config.ts";
import { ClientError } from "../../errors.ts";
import { commitOf, NOTES_REF, readNote } from "../../git/index.ts";
import { claimObject } from "../claim-object.ts";
import { addCommonOptions } from "../options.ts";
import { openPrinter } from "../print.ts";

export function defineNotes(command: Command): void {
  addCommonOptions(command)
    .argument("[ref...]", "tags or commits of the repository in this folder (default: HEAD)")
    .addHelpText(
      "after",
      `
What it prints is as trustworthy as whoever can push to the repository: envelopes prove themselves where they are verified.

Examples:
  git fetch origin ${NOTES_REF}:${NOTES_REF}
  samebits git notes v1.0 | samebits publish -
  samebits git notes v1.0 > v1.0.jsonl && samebits verify tool-1.0.tar --purl pkg:generic/tool@1.0 --bundle v1.0.jsonl`,
    )
    .action(notes);
}

async function notes(references: readonly string[], options: CommonOptions): Promise<void> {
  const printer = openPrinter(options);
  const wanted = references.length === 0 ? ["HEAD"] : references;
  const commits = new Set<string>();
  for (const reference of wanted) commits.add(await commitOf(reference));
  const shown = new Set<string>();
  let foreign = 0;
  for (const commit of commits) {
    const note = await readNote(commit);
    foreign += note?.foreign ?? 0;
    for (const attestation of note?.attestations ?? []) {
      const envelope = fromUtf8(attestation.bytes);
      if (shown.has(envelope)) continue;
      shown.add(envelope);
      if (printer.json) printer.object(objectOf(commit, envelope, attestation));
      else printer.data(envelope);
    }
  }
  if (foreign > 0)
    printer.note(`samebits: ${counted(foreign, "line is", "lines are")} no envelope, and left out`);
  if (shown.size > 0) return;
  throw new ClientError(
    "git/no-note",
    `${wanted.join(", ")}: no envelope in its note here; fetch them with \`git fetch origin ${NOTES_REF}:${NOTES_REF}\``,
  );
}

function objectOf(commit: string, envelope: string, { predicateType, claims }: Attestation): object {
  return {
    samebits: 1,
    commit,
    envelope,
    predicate: predicateType,
    claims: claims.map(claimObject),
  };
}

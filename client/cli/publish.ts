import type { Command } from "commander";
import { counted, parseOrigin } from "../../protocol/index.ts";
import type { Attestation } from "../../protocol/index.ts";
import { publish, readAttestations, refuseConflicts } from "../attest/index.ts";
import type { CommonOptions } from "../config.ts";
import { needRunningNode } from "../source/index.ts";
import { addCommonOptions, openConfig } from "./options.ts";
import { openPrinter } from "./print.ts";

export function define(command: Command): void {
  addCommonOptions(command)
    .argument("<envelope...>", "files of envelopes (one a line), legacy links, or - for stdin")
    .addHelpText(
      "after",
      `
Publishing again changes nothing: each envelope keeps its place. What two digests of one key would make a
public contradiction is refused; publish the retraction of the wrong one with it (attest --replace writes both).

Examples:
  samebits publish hello_2.10-3_amd64.deb.1f2e3d4c.dsse.jsonl
  cat *.dsse.jsonl | samebits publish -`,
    )
    .action(publishFiles);
}

async function publishFiles(paths: readonly string[], options: CommonOptions): Promise<void> {
  const config = await openConfig(options);
  const printer = openPrinter(options);
  const attestations: Attestation[] = [];
  const places: string[] = [];
  for (const path of paths) {
    for (const attestation of await readAttestations(path)) {
      attestations.push(attestation);
      places.push(path);
    }
  }
  const { api, status } = await needRunningNode(config);
  const ownKey = status.own === null ? null : parseOrigin(status.own.origin).key;
  await refuseConflicts(attestations, api, ownKey);
  const ended = printer.progress(
    () => `publishing ${counted(attestations.length, "envelope")} at ${api.name} …`,
  );
  let entries;
  try {
    entries = await publish(attestations, api);
  } finally {
    ended();
  }
  for (const [at, { origin, index, known }] of entries.entries()) {
    const file = places[at] ?? "-";
    if (printer.json) printer.object({ samebits: 1, file, origin, index, known });
    else printer.data(`${origin} #${index}  ${file}${known ? "  (was there already)" : ""}`);
  }
}

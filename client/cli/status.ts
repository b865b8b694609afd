import type { Command } from "commander";
import { fromUtf8, record, writeJson } from "../../protocol/index.ts";
import type { CommonOptions } from "../config.ts";
import { needRunningNode } from "../source/index.ts";
import { addCommonOptions, openConfig } from "./options.ts";
import { openPrinter } from "./print.ts";

const MOST = Number.MAX_SAFE_INTEGER;

export function define(command: Command): void {
  addCommonOptions(command)
    .addHelpText(
      "after",
      "\nExamples:\n  samebits status\n  samebits status --json --api http://127.0.0.1:7717",
    )
    .action(async (options: CommonOptions) => {
      const config = await openConfig(options);
      const printer = openPrinter(options);
      const { api, status } = await needRunningNode(config);
      if (printer.json) return printer.data(fromUtf8(writeJson(status.answer)));
      const root = record(status.answer, "status");
      const count = (name: string): number => root.integer(name, 0, MOST);
      printer.data(`node        ${status.peer} of network ${status.network}, at ${api.name}`);
      printer.data(`up          ${duration(count("uptime_ms"))}`);
      printer.data(`peers       ${count("peers")}`);
      printer.data(`feeds       ${count("feeds")}, ${count("entries")} of ${count("wanted")} entries held`);
      printer.data(`claims      ${count("claims")}`);
      printer.data(`for others  ${count("records")} records of the DHT`);
      printer.data(
        `findings    ${count("findings")}${count("findings") > 0 ? "  (samebits watch --since 0)" : ""}`,
      );
      const { own } = status;
      if (own === null) printer.data("own feed    none");
      else printer.data(`own feed    ${own.origin}, ${own.size} entries, ${own.state}`);
    });
}

function duration(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return `${Math.floor(ms / 1_000)} s`;
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2_880 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1_440)} days`;
}

import type { Command } from "commander";
import { fromUtf8, record, writeJson } from "../../protocol/index.ts";
import type { CommonOptions } from "../config.ts";
import { needRunningNode } from "../source/index.ts";
import { addCommonOptions, openConfig } from "./options.ts";
import { openPrinter } from "./print.ts";

const MAX_PEERS_SHOWN = 10_000;
const MAX_ADDRESSES = 64;

export function define(command: Command): void {
  addCommonOptions(command)
    .addHelpText("after", "\nExamples:\n  samebits peers\n  samebits peers --json")
    .action(async (options: CommonOptions) => {
      const config = await openConfig(options);
      const printer = openPrinter(options);
      const { api } = await needRunningNode(config);
      const answer = await api.get("/v1/peers");
      if (printer.json) return printer.data(fromUtf8(writeJson(answer)));
      const peers = record(answer, "peers")
        .list("peers", MAX_PEERS_SHOWN)
        .map((item) => item.record());
      if (peers.length === 0)
        printer.note("samebits: no peer is connected; name one with `samebits node --bootstrap`");
      for (const peer of peers) {
        const addresses = peer.list("addresses", MAX_ADDRESSES).map((item) => item.string());
        const way = peer.string("direction") === "in" ? "called us" : "we called";
        printer.data(`${peer.string("peer")}  ${way}  since ${peer.string("since")}  ${addresses[0] ?? ""}`);
      }
    });
}

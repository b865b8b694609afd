import type { Command } from "commander";
import { fromUtf8, record, writeJson } from "../../protocol/index.ts";
import type { Shape } from "../../protocol/index.ts";
import type { CommonOptions } from "../config.ts";
import { needRunningNode, readAnswer } from "../source/index.ts";
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
      const peers = readAnswer(api.name, () =>
        record(answer, "peers").list("peers", MAX_PEERS_SHOWN).map(readPeer),
      );
      if (peers.length === 0)
        printer.note("samebits: no peer is connected; name one with `samebits node --bootstrap`");
      for (const peer of peers) {
        const way = peer.direction === "in" ? "called us" : "we called";
        printer.data(`${peer.name}  ${way}  since ${peer.since}  ${peer.addresses[0] ?? ""}`);
      }
    });
}

interface Peer {
  readonly name: string;
  readonly direction: string;
  readonly since: string;
  readonly addresses: readonly string[];
}

function readPeer(item: Shape): Peer {
  const peer = item.record();
  return {
    name: peer.string("peer"),
    direction: peer.string("direction"),
    since: peer.string("since"),
    addresses: peer.list("addresses", MAX_ADDRESSES).map((address) => address.string()),
  };
}

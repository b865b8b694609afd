/** One peer in a process of its own: `node peer-process.ts CONFIG`; says `ready`, and stops on SIGTERM. */
import { defaultConfig, keepNode } from "../../node/index.ts";
import type { NodeConfig } from "../../node/index.ts";
import { ed25519Key, fromHex, readJson, record } from "../../protocol/index.ts";

function configOf(text: string): NodeConfig {
  const told = record(readJson(text, { maxBytes: 65_536 }), "configuration");
  const texts = (name: string): string[] =>
    (told.optional(name)?.list(64) ?? []).map((item) => item.string());
  return {
    ...defaultConfig(told.string("dataDir")),
    network: "e2e",
    listen: texts("listen"),
    bootstrap: texts("bootstrap"),
    mirrors: texts("mirrors"),
    anchors: texts("anchors"),
    publishKey: told.optional("publishKey")?.string() ?? null,
    witnessKey: told.optional("witnessKey")?.string() ?? null,
    first: told.optional("first")?.boolean() ?? false,
    follow: {
      all: told.optional("followAll")?.boolean() ?? false,
      origins: texts("followOrigins"),
      builders: texts("followBuilders").map((hex) => ed25519Key(fromHex(hex, 32))),
    },
    api: { listen: null, public: false, hosts: [] },
    log: told.optional("debug")?.boolean() === true ? "debug" : "warn",
  };
}

process.stdin.once("end", () => process.exit(1)).resume();
const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());
await keepNode(configOf(process.argv[2] ?? ""), stop.signal, (node) => {
  process.stdout.write(
    `${JSON.stringify({ peer: node.peerId, listen: node.listen, origin: node.origin })}\n`,
  );
});
process.exit(0);

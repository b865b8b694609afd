import { Option } from "commander";
import type { Command } from "commander";
import type { Config } from "../config.ts";
import { openKeyPem } from "../keys/index.ts";
import { NODE_DEFAULTS } from "../settings/index.ts";
import { runNode } from "./node/index.ts";
import type { NodeOptions } from "./node/index.ts";
import { addCommonOptions } from "./options.ts";

const { listen, maxStore, maxFollowed, apiListen } = NODE_DEFAULTS;

export function define(command: Command): void {
  addCommonOptions(command)
    .option(
      "--listen <multiaddr...>",
      `addresses to listen on, or \`none\`: outbound only, as behind NAT (default: ${listen.join(" ")})`,
    )
    .option("--bootstrap <multiaddr...>", "peers to meet first (/ip4/…/tcp/…/p2p/…, /dnsaddr/…)")
    .option("--mirror <url...>", "feeds in static files: https://HOST/PATH, http://…, file:DIR")
    .option(
      "--anchor <who...>",
      "whose word on your own feed counts after a restore: a peer (/ip4/…/p2p/…, or its id) or a mirror",
    )
    .option(
      "--publish-key <file>",
      "publish to the feed of this key; without it, to a carrier feed of the node's own",
    )
    .option("--witness-key <file>", "cosign heads of followed feeds with this key, used for nothing else")
    .option("--passphrase-file <file>", "its passphrase is the first line of this file")
    .option("--first", "begin that feed now: only where it never was before")
    .option("--follow <what...>", "`policy`, `all`, or origins of feeds (default: policy)")
    .option("--policy <file>", "the policy whose builders are followed, or domain:FINGERPRINT")
    .option("--max-store <size>", `room for feeds that nobody here follows, e.g. 500M (default: ${maxStore})`)
    .option(
      "--max-followed <size>",
      `room for feeds that are followed; never more than half of what the disk has free (default: ${maxFollowed})`,
    )
    .option(
      "--api-listen <host:port>",
      `HTTP interface, or \`none\`: the unix socket alone (default: ${apiListen})`,
    )
    .option("--api-public", "serve every route beyond loopback too")
    .option("--api-host <name...>", "names, beside loopback, that requests may give as Host")
    .option(
      "--rebuilderd-api <host:port>",
      "serve what the policy's builders signed as rebuilderd does, at http://NAME.localhost:PORT for each",
    )
    .addOption(
      new Option("--log <level>", "how much to write into the log on stderr (default: info)").choices([
        "silent",
        "warn",
        "info",
        "debug",
      ]),
    )
    .addHelpText(
      "after",
      "\nWhat is not said here or in the environment stands in [node] of the configuration. SIGHUP has a node read that and its\npolicy again; SIGTERM stops it.\n\nExamples:\n  samebits node --bootstrap /dnsaddr/mesh.example.org\n  samebits node --publish-key tu-example.key --first\n  samebits node --listen none --follow all\n  samebits node --rebuilderd-api 127.0.0.1:7719",
    )
    .action(async (options: NodeOptions) => {
      process.exitCode = await runNode(options);
    });
}

/** Begins the feed of a key in the data directory (RULES R13), by a node that starts and stops; answers with its origin. */
export async function beginFeed(config: Config, key: string, passphraseFile?: string): Promise<string> {
  const publishKey = await openKeyPem(key, passphraseFile);
  const { defaultConfig, startNode } = await import("../../node/index.ts");
  const node = await startNode({
    ...defaultConfig(config.data),
    network: config.network,
    publishKey,
    first: true,
    log: "silent",
  });
  await node.close();
  return node.origin ?? "";
}

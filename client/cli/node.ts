import { join } from "node:path";
import type { Command } from "commander";
import { parseOrigin, sameKey } from "../../protocol/index.ts";
import type { NodeConfig } from "../../node/index.ts";
import type { Builder, Cosigner, PublicKey, SyncView } from "../../protocol/index.ts";
import type { Beginning } from "../begin.ts";
import type { CommonOptions, Config } from "../config.ts";
import { ClientError, EXIT } from "../errors.ts";
import { openKeyPem } from "../keys/index.ts";
import { followedPolicies } from "../policy-file.ts";
import type { Policies } from "../policy-file.ts";
import { beginningOf, markOf } from "./beginning.ts";
import { carryDomains } from "./node-domains.ts";
import { shownPolicies } from "./node-policies.ts";
import { addCommonOptions, openConfig } from "./options.ts";
import { showPace } from "./pace.ts";
import { openPrinter } from "./print.ts";
import { parseSize } from "./size.ts";
import { sourcesOf } from "./sources.ts";
import { stopSignal } from "./stop-signal.ts";

interface Options extends CommonOptions {
  readonly listen: readonly string[];
  readonly bootstrap?: readonly string[];
  readonly mirror?: readonly string[];
  readonly anchor?: readonly string[];
  readonly publishKey?: string;
  readonly witnessKey?: string;
  readonly passphraseFile?: string;
  readonly first?: boolean;
  readonly follow: readonly string[];
  readonly policy?: string;
  readonly maxStore: string;
  readonly maxFollowed: string;
  readonly apiListen: string;
  readonly apiPublic?: boolean;
  readonly apiHost?: readonly string[];
  readonly rebuilderdApi?: string;
}

const DEFAULT_LISTEN = ["/ip4/0.0.0.0/tcp/7716", "/ip4/0.0.0.0/tcp/7718/ws"];
export function define(command: Command): void {
  addCommonOptions(command)
    .option(
      "--listen <multiaddr...>",
      "addresses to listen on, or `none`: outbound only, as behind NAT",
      DEFAULT_LISTEN,
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
    .option("--follow <what...>", "`policy`, `all`, or origins of feeds", ["policy"])
    .option("--policy <file>", "the policy whose builders are followed, or domain:FINGERPRINT")
    .option("--max-store <size>", "room for feeds that nobody here follows, e.g. 500M or 4G", "4G")
    .option(
      "--max-followed <size>",
      "room for feeds that are followed; never more than half of what the disk has free",
      "32G",
    )
    .option("--api-listen <host:port>", "HTTP interface, or `none`: the unix socket alone", "127.0.0.1:7717")
    .option("--api-public", "serve every route beyond loopback too")
    .option("--api-host <name...>", "names, beside loopback, that requests may give as Host")
    .option(
      "--rebuilderd-api <host:port>",
      "serve what the policy's builders signed as rebuilderd does, at http://NAME.localhost:PORT for each",
    )
    .addHelpText(
      "after",
      "\nExamples:\n  samebits node --bootstrap /dnsaddr/mesh.example.org\n  samebits node --publish-key tu-example.key --first\n  samebits node --listen none --follow all\n  samebits node --rebuilderd-api 127.0.0.1:7719",
    )
    .action(async (options: Options) => {
      process.exitCode = await runNode(options);
    });
}

/** Until it is told to stop; anew whenever what a pinned trust domain says of builders and places has changed. */
async function runNode(options: Options): Promise<number> {
  const stop = stopSignal();
  for (let first = options.first === true; ; first = false) {
    const change = new AbortController();
    const either = AbortSignal.any([stop, change.signal]);
    await runOnce({ ...options, first }, either, () => change.abort());
    if (stop.aborted) return EXIT.ok;
  }
}

async function runOnce(options: Options, stop: AbortSignal, changed: () => void): Promise<void> {
  const said = await openConfig(options);
  const printer = openPrinter(options);
  const find = async (): Promise<Policies | null> =>
    options.follow.includes("policy") ? followedPolicies(said, options.policy, Date.now()) : null;
  const policies = await find();
  for (const warning of policies?.warnings ?? []) printer.note(`samebits: ${warning}`);
  const { listen, bootstrap = [], mirror = [], anchor = [] } = options;
  const named = [...listen, ...bootstrap, ...mirror, ...anchor];
  const begin = await beginningOf(said, policies, named, printer);
  const { config } = begin;
  const { keepNode } = await import("../../node/index.ts");
  const nodeConfig = await nodeConfigOf(options, begin, policies);
  // Started anew after a failure of the disk, it is the new one that is asked.
  let pace: (() => Promise<SyncView>) | null = null;
  let carrying = new AbortController();
  await keepNode(nodeConfig, stop, (node) => {
    const isFirst = pace === null;
    pace = async () => (await node.status()).sync;
    printer.object({
      samebits: 1,
      event: "ready",
      peer: node.peerId,
      listen: node.listen,
      api: node.api,
      socket: join(config.data, "api.sock"),
      ...(node.rebuilderd === null ? {} : { rebuilderd: node.rebuilderd }),
      origin: node.origin,
    });
    carrying.abort();
    carrying = new AbortController();
    void carryDomains(config.data, node.domains, AbortSignal.any([stop, carrying.signal]), {
      failed: (error) => printer.failure(error),
      changed: async () => {
        // What is no policy now is no reason to stop following those who were named before.
        const next = await find().catch(() => policies);
        if (markOf(next) === markOf(policies)) return;
        printer.note("samebits: the trust domain says something else now: the node follows that");
        changed();
      },
    });
    if (isFirst && process.stderr.isTTY) void showPace(printer, async () => (await pace?.()) ?? null, stop);
  });
}

/** What the user says, what the policies say of whom to follow, and where to begin. */
async function nodeConfigOf(
  options: Options,
  begin: Beginning,
  policies: Policies | null,
): Promise<NodeConfig> {
  const { config } = begin;
  const policy = followedBy(policies);
  return {
    network: config.network,
    dataDir: config.data,
    listen: options.listen.length === 1 && options.listen[0] === "none" ? [] : options.listen,
    ...sourcesOf(
      options.anchor ?? [],
      options.bootstrap ?? config.bootstrap,
      options.mirror ?? begin.mirrors,
    ),
    publishKey:
      options.publishKey === undefined ? null : await openKeyPem(options.publishKey, options.passphraseFile),
    witnessKey:
      options.witnessKey === undefined ? null : await openKeyPem(options.witnessKey, options.passphraseFile),
    first: options.first === true,
    follow: {
      all: options.follow.includes("all"),
      origins: [...options.follow.filter((word) => !WORDS.has(word)).map(checkedOrigin), ...policy.origins],
      builders: policy.builders,
    },
    witnesses: policy.witnesses,
    light: false,
    maxStoreBytes: parseSize("--max-store", options.maxStore),
    maxFollowedBytes: parseSize("--max-followed", options.maxFollowed),
    api: {
      listen: options.apiListen === "none" ? null : options.apiListen,
      public: options.apiPublic === true,
      hosts: options.apiHost ?? [],
    },
    policies: shownPolicies(policies),
    ...rebuilderdOf(options, policies, config.debNamespace),
    log: options.verbose === true ? "debug" : options.quiet === true ? "warn" : "info",
  };
}

/** rebuilderd's interface, where it is wanted: for the builders of all policies. */
function rebuilderdOf(
  options: Options,
  policies: Policies | null,
  debNamespace: string | null,
): Pick<NodeConfig, "rebuilderd"> {
  if (options.rebuilderdApi === undefined) return {};
  return {
    rebuilderd: {
      listen: options.rebuilderdApi,
      public: options.apiPublic === true,
      hosts: options.apiHost ?? [],
      builders: (policies?.all ?? []).flatMap(({ policy }) => [...policy.builders.values()]).map(servedOf),
      namespace: debNamespace ?? "debian",
    },
  };
}

/** Clients of today know no witnesses: of a key that is revoked nothing counts there from that time on. */
function servedOf({
  name,
  keys,
  revoked,
}: Builder): NonNullable<NodeConfig["rebuilderd"]>["builders"][number] {
  return {
    name,
    keys: keys.map((key) => ({
      key,
      until: revoked.find((one) => sameKey(one.key, key))?.atMs ?? null,
    })),
  };
}

const WORDS: ReadonlySet<string> = new Set(["policy", "all"]);

/** What a node takes out of policies. */
interface Followed {
  readonly builders: readonly PublicKey[];
  readonly origins: readonly string[];
  readonly witnesses: readonly Cosigner[];
}

/** Keys and feeds of the policies' builders, and their witnesses; none where the user did not ask for a policy and there is none. */
function followedBy(policies: Policies | null): Followed {
  const all = policies?.all ?? [];
  const builders = all.flatMap(({ policy }) => [...policy.builders.values()]);
  const witnesses = all.flatMap(({ policy }) =>
    [...policy.witnesses.values()].map(({ cosigner }) => cosigner),
  );
  return {
    builders: builders.flatMap((builder) => builder.keys),
    origins: builders.flatMap((builder) => builder.feeds),
    witnesses: [...witnesses, ...(policies?.places?.witnesses ?? [])],
  };
}

function checkedOrigin(text: string): string {
  try {
    parseOrigin(text);
    return text;
  } catch (error) {
    throw new ClientError(
      "usage/bad-option",
      `--follow ${text}: use policy, all, or an origin (samebits/main/…)`,
      {
        cause: error,
      },
    );
  }
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

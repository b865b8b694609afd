import type { Command } from "commander";
import { originHash, parseOrigin, record, toHex } from "../../protocol/index.ts";
import type { RecordShape } from "../../protocol/index.ts";
import type { CommonOptions } from "../config.ts";
import { ClientError } from "../errors.ts";
import { needRunningNode } from "../source/index.ts";
import type { RunningNode } from "../source/index.ts";
import { addCommonOptions, openConfig } from "./options.ts";
import { openPrinter } from "./print.ts";
import type { Printer } from "./print.ts";

const MAX_FEEDS_SHOWN = 10_000;
const MAX_TEXT = 16_384;

interface InitOptions extends CommonOptions {
  readonly key: string;
  readonly passphraseFile?: string;
}

export function define(command: Command): void {
  const init = command
    .command("init")
    .description("Begin the feed of a key, in the data directory, once and for ever.");
  addCommonOptions(init)
    .requiredOption("--key <file>", "the feed's private key")
    .addHelpText(
      "after",
      "\nExample:\n  samebits feed init --key tu.key && samebits node --publish-key tu.key",
    )
    .action(begin);
  const head = command
    .command("head")
    .description("Show the head of the node's own feed, or of another one that it knows.");
  addCommonOptions(head)
    .argument("[origin]", "samebits/<network>/<hex> (default: the node's own)")
    .action(async (origin: string | undefined, options: CommonOptions) => {
      const { running, printer } = await open(options);
      const feed = await findFeed(running, origin);
      if (printer.json) return printer.object({ samebits: 1, ...feed });
      printer.data(feed.checkpoint.trimEnd());
      printer.note(
        `${feed.state}; ${feed.held} of ${feed.size} entries held; /feeds/${hashOf(feed.origin)}/`,
      );
    });
  const list = command.command("list").description("List the feeds that the node knows.");
  addCommonOptions(list).action(async (options: CommonOptions) => {
    const { running, printer } = await open(options);
    for (const feed of await readFeeds(running)) {
      if (printer.json) printer.object({ samebits: 1, ...feed });
      else printer.data(`${feed.origin}  ${feed.held} of ${feed.size}  ${feed.class}  ${feed.state}`);
    }
  });
}

interface Feed {
  readonly origin: string;
  readonly checkpoint: string;
  readonly size: number;
  readonly held: number;
  readonly indexed: number;
  readonly timed: string | null;
  readonly state: string;
  readonly class: string;
}

async function open(
  options: CommonOptions,
): Promise<{ readonly running: RunningNode; readonly printer: Printer }> {
  return { running: await needRunningNode(await openConfig(options)), printer: openPrinter(options) };
}

async function findFeed(running: RunningNode, wanted: string | undefined): Promise<Feed> {
  const origin = wanted ?? running.status.own?.origin;
  if (origin === undefined)
    throw new ClientError("usage/nothing-to-do", "this node has no feed of its own: name one");
  const feed = (await readFeeds(running)).find((each) => each.origin === origin);
  if (feed !== undefined) return feed;
  throw new ClientError("source/none", `${origin}: the node at ${running.api.name} holds no head of it yet`);
}

async function readFeeds({ api }: RunningNode): Promise<readonly Feed[]> {
  const root = record(await api.get("/v1/feeds"), "feeds");
  return root.list("feeds", MAX_FEEDS_SHOWN).map((item) => readFeed(item.record()));
}

function readFeed(feed: RecordShape): Feed {
  const timed = feed.member("timed");
  return {
    origin: feed.string("origin", MAX_TEXT),
    checkpoint: feed.string("checkpoint", MAX_TEXT),
    size: feed.integer("size", 0, Number.MAX_SAFE_INTEGER),
    held: feed.integer("held", 0, Number.MAX_SAFE_INTEGER),
    indexed: feed.integer("indexed", 0, Number.MAX_SAFE_INTEGER),
    timed: timed.value === null ? null : timed.string(MAX_TEXT),
    state: feed.string("state", MAX_TEXT),
    class: feed.string("class", MAX_TEXT),
  };
}

function hashOf(origin: string): string {
  parseOrigin(origin);
  return toHex(originHash(origin));
}

/** A node that begins the feed and goes: it does it under the same locks as one that stays. */
async function begin(options: InitOptions): Promise<void> {
  const config = await openConfig(options);
  const printer = openPrinter(options);
  const { beginFeed } = await import("./node.ts");
  const origin = await beginFeed(config, options.key, options.passphraseFile);
  if (printer.json) printer.object({ samebits: 1, origin });
  else printer.data(`begun: ${origin}\nStart the node with --publish-key ${options.key}, without --first.`);
}

import type { Command } from "commander";
import { counted, originHash, toHex } from "../../protocol/index.ts";
import type { CommonOptions } from "../config.ts";
import {
  defineCheck,
  defineEntries,
  defineExport,
  defineFreeze,
  defineProve,
  defineRecover,
  findFeed,
  open,
  provenFeeds,
  wantedOrigin,
} from "./feed/index.ts";
import { addCommonOptions, openConfig } from "./options.ts";
import { openPrinter } from "./print.ts";
import { plain } from "./show/index.ts";

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
    .option("--passphrase-file <file>", "its passphrase is the first line of this file")
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
    .addHelpText("after", "\nExamples:\n  samebits feed head\n  samebits feed head --json | jq .size")
    .action(showHead);
  const list = command.command("list").description("List the feeds that the node knows.");
  addCommonOptions(list)
    .addHelpText(
      "after",
      `
One line a feed: origin, entries held and in all, why it is kept, how far the node is with it, what became of it: appending, quiescent (its
key has said for a day that nothing is new), stale (its key has said nothing for hours), frozen (ended, with a successor), ended, or forked. The number in all is signed by the feed's key, and
checked; the rest is what the node says.

Examples:
  samebits feed list
  samebits feed list --json | jq -r 'select(.held < .size) | .origin'`,
    )
    .action(listFeeds);
  defineEntries(command.command("entries").description("List a feed's entries, each proven to stand in it."));
  defineProve(
    command
      .command("prove")
      .description(
        "Write the proof that an entry stands in a feed (C2SP tlog-proof), verified before it is written.",
      ),
  );
  defineExport(
    command.command("export").description("Write a feed as static files, for a web server or a USB stick."),
  );
  defineRecover(
    command
      .command("recover")
      .description("Recover the feed of a key whose disk was lost, from all who hold it."),
  );
  defineFreeze(
    command
      .command("freeze")
      .description("End the node's own feed for good, and name the one that goes on in its stead."),
  );
  defineCheck(command.command("check").description("Check that a folder of static files is a feed, whole."));
}

/** What the states in which a feed needs a look mean for whoever relies on it. */
const STATES: Readonly<Record<string, string>> = {
  stale:
    "nothing that its key has signed in the last four hours is here: it may be off, or somebody holds back what is newer",
  frozen:
    "its key has ended it and named a successor; that is a hint: the successor counts only where a policy lists it (samebits feed head ORIGIN)",
  ended: "its key has ended it, and names no successor (samebits feed head ORIGIN)",
  forked:
    "its key signed two histories; nothing more of it is taken, and what stands above the part that both begin with counts for nobody (samebits watch has the proof)",
  full: "there is no room for the entries that are missing: give the node more with --max-followed (a feed that you don't follow has its part of --max-store)",
  oversized:
    "its key signed an entry that is larger than any may be; what stands below that is held, and nothing more of it is taken",
  withheld:
    "it shows a head, and nobody here has handed out the entries below it yet; that proves nothing against anybody",
};

async function showHead(named: string | undefined, options: CommonOptions): Promise<void> {
  const { running, printer } = await open(options);
  const feed = await findFeed(running, wantedOrigin(running, named));
  const { origin, checkpoint, state, lifecycle, held, size, ending } = feed;
  if (printer.json) {
    printer.object({ samebits: 1, ...feed });
    return;
  }
  printer.data(checkpoint.trimEnd());
  printer.note(
    `the node says: ${statesIn(state, lifecycle).join(", ")}, ${held} of ${counted(size, "entry")} held; /feeds/${toHex(originHash(origin))}/`,
  );
  if (ending === null) return;
  const instead = ending.successor === null ? "" : `; ${plain(ending.successor)} goes on in its stead`;
  printer.note(
    `its key says that it has ended, in entry ${ending.index} of ${plain(ending.origin)}: "${plain(ending.reason)}"${instead}`,
  );
  if (ending.after > 0)
    printer.note(`${counted(ending.after, "entry stands", "entries stand")} behind that end all the same`);
}

/** How far the feed is held, and what became of it, each once. */
function statesIn(state: string, lifecycle: string | undefined): readonly string[] {
  return [...new Set([state, lifecycle ?? state])].map((word) => plain(word));
}

async function listFeeds(options: CommonOptions): Promise<void> {
  const { running, printer } = await open(options);
  const { feeds, error } = await provenFeeds(running);
  for (const feed of feeds) {
    const { origin, held, size, state, lifecycle } = feed;
    if (printer.json) printer.object({ samebits: 1, ...feed });
    else
      printer.data(
        `${origin}  ${held} of ${size}  ${plain(feed.class)}  ${statesIn(state, lifecycle).join("  ")}`,
      );
  }
  if (error !== null) throw error;
  for (const [name, meaning] of Object.entries(STATES)) {
    if (feeds.some(({ state, lifecycle }) => state === name || lifecycle === name))
      printer.note(`samebits: ${name}: ${meaning}`);
  }
  printer.note(
    `samebits: each size is signed by the feed's own key; what is held of it, why and how, is the word of the node at ${running.api.name}`,
  );
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

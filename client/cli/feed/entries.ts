import type { Command } from "commander";
import { counted, fromDecimal, MAX_FEED_SIZE, ProtocolError } from "../../../protocol/index.ts";
import type { CommonOptions } from "../../config.ts";
import { ClientError } from "../../errors.ts";
import { openFeed } from "../../source/index.ts";
import { knownKeys } from "../known-keys.ts";
import type { KeyOptions } from "../known-keys.ts";
import { addCommonOptions } from "../options.ts";
import { open, wantedOrigin } from "./known.ts";
import { leafLine, leafObject, viewLeaf } from "./leaf.ts";

interface Options extends CommonOptions, KeyOptions {
  readonly from?: string;
  readonly count?: string;
}

const NEWEST = 20;

export function defineEntries(command: Command): void {
  addCommonOptions(command)
    .argument("[origin]", "samebits/<network>/<hex> (default: the node's own)")
    .option("--from <index>", "the first one (default: the newest --count)")
    .option("--count <number>", `how many (default: ${NEWEST}; with --from, all from there on)`)
    .option("--key <pub...>", "public keys that may have signed what the feed carries for others")
    .option("--policy <file>", "whose builders' keys are tried (default: the configuration's)")
    .addHelpText(
      "after",
      `
One line an entry: index, state, kind, key id of the signer, what is said, of what. Each entry is proven to stand in the feed
before it is shown. States: good = the feed's key, or one at hand, signed it; unchecked = the key is not at hand (its id, with ?, is
a hint); bad = given out as the feed's own and not signed by it; unreadable = no attestation, it counts for nothing.

Examples:
  samebits feed entries
  samebits feed entries samebits/main/8a88… --from 0 --count 100 --key tu-example.pub
  samebits feed entries --from 0 --json | jq -r 'select(.state == "good") | .claims[].purl'`,
    )
    .action(showEntries);
}

async function showEntries(named: string | undefined, options: Options): Promise<void> {
  const from = readNumber("--from", options.from);
  const count = readNumber("--count", options.count);
  const { config, running, printer } = await open(options);
  const keys = await knownKeys(options, config);
  const feed = await openFeed(running.api, wantedOrigin(running, named));
  const { size, origin } = feed.head;
  const first = from ?? Math.max(0, size - (count ?? NEWEST));
  const end = count === null ? size : Math.min(size, first + count);
  if (first >= size)
    throw new ClientError(
      "feed/no-such-entry",
      `--from ${first}: ${origin} has ${counted(size, "entry")}, the first is 0`,
    );
  let shown = first;
  const ended = printer.progress(() => `entry ${shown} of ${size} …`);
  try {
    for await (const leaf of feed.leaves(first, end)) {
      const view = await viewLeaf(leaf, keys);
      if (printer.json) printer.object(leafObject(view));
      else printer.data(leafLine(view));
      shown = leaf.verified.index;
    }
  } finally {
    ended();
  }
  printer.note(`samebits: entries ${first} to ${end - 1} of ${size}, proven under the head of ${origin}`);
}

function readNumber(option: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  try {
    return fromDecimal(text, MAX_FEED_SIZE);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ClientError("usage/bad-option", `${option} ${text}: a number is expected`, { cause: error });
  }
}

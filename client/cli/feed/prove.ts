import type { Command } from "commander";
import {
  counted,
  fromDecimal,
  fromUtf8,
  MAX_FEED_SIZE,
  toHex,
  verifyEntry,
  writeTlogProof,
} from "../../../protocol/index.ts";
import { readAttestations } from "../../attest/index.ts";
import type { CommonOptions } from "../../config.ts";
import { ClientError } from "../../errors.ts";
import { openFeed } from "../../source/index.ts";
import type { FeedReader, ProvenLeaf } from "../../source/index.ts";
import { isStdout, writeNamed } from "../../output-file.ts";
import { assertNoInput } from "../beside-output.ts";
import { addCommonOptions } from "../options.ts";
import { open, wantedOrigin } from "./known.ts";

interface Options extends CommonOptions {
  readonly output?: string;
}

const INDEX = /^[0-9]+$/;

export function defineProve(command: Command): void {
  addCommonOptions(command)
    .argument("<origin>", "samebits/<network>/<hex>, as `samebits feed list` shows it")
    .argument("<entry>", "its index, or the file of an envelope (write ./12 for a file named 12)")
    .option(
      "-o, --output <file>",
      "where to write, - for stdout (default: beside the envelope, or ENTRY.tlog-proof)",
    )
    .addHelpText(
      "after",
      `
Writes a proof by C2SP tlog-proof: that the entry, which is in the file too, stands in the feed under the head that the
node has now. It is verified before it is written, and anybody checks it offline: samebits show FILE.

Examples:
  samebits feed prove samebits/main/8a88… 12
  samebits feed prove samebits/main/8a88… hello_2.10-3_amd64.deb.1f2e3d4c.dsse.jsonl -o hello.tlog-proof`,
    )
    .action(prove);
}

async function prove(named: string, entry: string, options: Options): Promise<void> {
  const toStdout = options.output !== undefined && isStdout(options.output);
  if (toStdout && options.json === true)
    throw new ClientError("usage/bad-option", "-o - prints the proof itself: leave --json, or name a file");
  assertNoInput("-o", options.output, INDEX.test(entry) ? [] : [entry]);
  const wanted = INDEX.test(entry) ? indexOf(entry) : await onlyEnvelope(entry);
  const { config, running, printer } = await open(options);
  const feed = await openFeed(running.api, wantedOrigin(running, named));
  const { origin, size } = feed.head;
  const index = typeof wanted === "number" ? wanted : await find(feed, wanted, entry);
  if (index >= size)
    throw new ClientError(
      "feed/no-such-entry",
      `${index}: ${origin} has ${counted(size, "entry")}, the first is 0`,
    );
  const leaf = await leafAt(feed, index);
  const octets = proofOf(leaf, feed, config.network);
  if (toStdout) return void process.stdout.write(fromUtf8(octets));
  const path = options.output ?? `${typeof wanted === "number" ? `entry-${index}` : entry}.tlog-proof`;
  await writeNamed(options.output, path, octets);
  const { leafHash } = leaf.verified;
  if (printer.json) {
    printer.object({
      samebits: 1,
      proof: path,
      origin,
      index,
      size,
      leaf: toHex(leafHash),
      octets: octets.length,
    });
  } else printer.data(`entry ${index} of ${size} of ${origin}\nwritten: ${path} (${octets.length} octets)`);
}

/** The file, after it was verified as whoever reads it will. */
function proofOf({ verified, path }: ProvenLeaf, { head }: FeedReader, network: string): Uint8Array {
  const { entry, index } = verified;
  verifyEntry({ entry, index, path, checkpoint: head.note }, network);
  return writeTlogProof({ index, extra: entry, path, checkpoint: head.note });
}

async function leafAt(feed: FeedReader, index: number): Promise<ProvenLeaf> {
  for await (const leaf of feed.leaves(index, index + 1)) return leaf;
  throw new Error(`entry ${index} is below the head and was not read`);
}

async function find(feed: FeedReader, entry: Uint8Array, path: string): Promise<number> {
  const index = await feed.find(entry);
  if (index !== null) return index;
  const { size, origin } = feed.head;
  throw new ClientError(
    "feed/no-such-entry",
    `${path}: ${origin} has ${counted(size, "entry")}, none with exactly these octets; publish it first, or look with \`samebits feed entries\``,
  );
}

function indexOf(text: string): number {
  const index = Number(text);
  if (index < MAX_FEED_SIZE) return fromDecimal(text, MAX_FEED_SIZE);
  throw new ClientError("usage/bad-option", `${text}: a feed has at most ${MAX_FEED_SIZE} entries`);
}

async function onlyEnvelope(path: string): Promise<Uint8Array> {
  const [only, ...more] = await readAttestations(path);
  if (only !== undefined && more.length === 0) return only.bytes;
  throw new ClientError(
    "bundle/bad-file",
    `${path}: it holds ${more.length + 1} envelopes; prove one at a time`,
  );
}

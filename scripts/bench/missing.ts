/**
 * What a node asks when it comes back: where ten entries of a whole distribution are missing, and where nothing is of twenty feeds. Counted by the
 * nodes themselves (`samebits_question…` in their metrics): octets of questions and answers, without frames, encryption and the DHT's own messages.
 */
import { join } from "node:path";
import { octetsIn } from "../../protocol/index.ts";
import { builder } from "../../test/e2e/claims.ts";
import { endCrew, writePolicy } from "./crew.ts";
import { distribution, PACKAGES } from "./distribution.ts";
import { entriesBy, manyFeeds, writeFeed } from "./feeds.ts";
import { absolute } from "./figure.ts";
import type { Benchmark, Figure } from "./figure.ts";
import { sleep, startNode, whole, withFolder } from "./processes.ts";
import type { NodeProcess } from "./processes.ts";

const MISSING = 10;
const FEEDS = 20;
/** Of each of the twenty feeds: whoever misses nothing does not see how long they are. */
const ENTRIES_OF_EACH = 500;
/** From the last entry, or from ready, until it is quiet. */
const SETTLE_MS = 3_000;

export const missing: Benchmark = missingOf(PACKAGES);

/** The benchmark with a feed of so many entries, of which the last ten are missing. */
export function missingOf(count: number): Benchmark {
  return {
    name: "missing",
    run: async (say) => {
      say(`${MISSING} of ${count} entries are missing`);
      const ten = await withFolder((folder) => someMissing(folder, count));
      say(`nothing is missing of ${FEEDS} feeds`);
      return [...ten, ...(await withFolder(nothingMissing))];
    },
  };
}

async function someMissing(folder: string, count: number): Promise<readonly Figure[]> {
  const by = builder("distribution");
  const { packages, source } = await distribution(count);
  const entries = entriesBy(by, packages);
  const last = octetsIn(entries.slice(-MISSING));
  const policy = `--policy=${await writePolicy(folder, [by, builder("another")])}`;
  const feed = join(folder, "feed");
  await writeFeed(feed, by, entries.slice(0, -MISSING));
  const nodes: NodeProcess[] = [];
  const began = async (node: Promise<NodeProcess>): Promise<NodeProcess> => {
    nodes.push(await node);
    return node;
  };
  try {
    const holder = await began(startNode(join(folder, "source"), [policy, `--mirror=file:${feed}`]));
    const first = `--bootstrap=${holder.listen[0] ?? ""}`;
    const follower = await began(startNode(join(folder, "back"), [policy, first]));
    for (const node of nodes) await whole(node, "claims", count - MISSING);
    for (const node of [follower, holder]) await node.end();
    await writeFeed(feed, by, entries);
    await whole(await began(holder.again()), "claims", count);
    const back = await began(follower.again());
    await whole(back, "entries", count);
    const { rounds, octets, streams } = await settled(back);
    const what = `a node that misses ${MISSING} of ${count} entries, until it has them`;
    return [
      absolute("missing-trips", "round trips", rounds, [rounds], {
        what: `round trips of ${what}: for heads, and for entries`,
        target: { of: "value", atMost: 2 },
        note: `${source}; ${streams}`,
      }),
      absolute("missing-bytes", "KB", (octets - last) / 1e3, [(octets - last) / 1e3], {
        what: `octets of all questions and answers between it and its peer, both ways, beside the ${MISSING} entries themselves: ${what}`,
        target: { of: "value", atMost: 10 },
        note: `the entries are ${(last / 1e3).toFixed(1)} KB`,
      }),
    ];
  } finally {
    await endCrew(nodes.reverse());
  }
}

async function nothingMissing(folder: string): Promise<readonly Figure[]> {
  const { policy, mirrors } = await manyFeeds(folder, FEEDS, ENTRIES_OF_EACH);
  const source = await startNode(join(folder, "source"), [policy, ...mirrors]);
  const nodes = [source];
  try {
    await whole(source, "claims", FEEDS * ENTRIES_OF_EACH);
    const node = await startNode(join(folder, "back"), [policy, `--bootstrap=${source.listen[0] ?? ""}`]);
    nodes.push(node);
    await whole(node, "claims", FEEDS * ENTRIES_OF_EACH);
    await node.end();
    const back = await node.again();
    nodes.push(back);
    const { rounds, octets, streams } = await settled(back);
    const what = `a node that comes back and misses nothing of ${FEEDS} feeds`;
    return [
      absolute("nothing-missing-trips", "round trips", rounds, [rounds], {
        what: `round trips of ${what}`,
        target: { of: "value", atMost: 1 },
        note: streams,
      }),
      absolute("nothing-missing-bytes", "KB", octets / 1e3, [octets / 1e3], {
        what: `octets of all questions and answers between it and its peer, both ways: ${what}`,
        target: { of: "value", atMost: 8 },
        note: "",
      }),
    ];
  } finally {
    await endCrew(nodes.reverse());
  }
}

interface Asked {
  /** Questions of the node itself, one after the other. */
  readonly rounds: number;
  /** Both ways. */
  readonly octets: number;
  readonly streams: string;
}

/** What the node asked and answered since its start, once it is quiet. */
async function settled(node: NodeProcess): Promise<Asked> {
  await sleep(SETTLE_MS);
  const lines = (await node.text("/metrics")).split("\n");
  const sum = (of: RegExp): number =>
    lines.filter((line) => of.test(line)).reduce((all, line) => all + Number(line.split(" ").at(-1)), 0);
  const asked = lines.filter((line) => line.startsWith("samebits_questions_total{"));
  return {
    rounds: sum(/^samebits_question_rounds_total /),
    octets: sum(/^samebits_question_bytes_total\{/),
    streams: asked
      .map((line) => line.replace(/^samebits_questions_total\{(.*)\} (\d+)$/, "$1: $2"))
      .join("; "),
  };
}

/**
 * A newcomer fetches a whole distribution's feed from one peer while there is no other, and beside each round, right before it, what cannot be saved: the
 * SHA-256 of every leaf, and level writing the same octets. Then from one, from four, and from one far away, in turn, while all five run. Until all of it
 * is verified and in the store.
 */
import { execFileSync } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { builder } from "../../test/e2e/claims.ts";
import { endCrew, writePolicy } from "./crew.ts";
import { distribution, PACKAGES } from "./distribution.ts";
import { farFrom } from "./far.ts";
import { entriesBy, writeFeed } from "./feeds.ts";
import { absolute, ratioOf, spreadOf } from "./figure.ts";
import type { Benchmark, Figure } from "./figure.ts";
import { atRest, cleanEnvironment, held, startNode, whole, withFolder } from "./processes.ts";
import type { NodeProcess } from "./processes.ts";

const PEERS = 4;
/** ms to the peer far away, one way: from Europe to the east of North America. */
const FAR_MS = 50;
const BARE = join(import.meta.dirname, "bare-store.ts");

/** Entries a second while there is one source. */
interface Alone {
  readonly floor: number;
  readonly one: number;
}

/** Entries a second while there are all. */
interface Among {
  readonly one: number;
  readonly several: number;
  readonly far: number;
}

export const sync: Benchmark = syncOf(PACKAGES, 3);

/** The benchmark with so many entries, in so many rounds, and twice as many of one source alone, each into new stores. */
export function syncOf(count: number, rounds: number): Benchmark {
  return {
    name: "sync",
    run: (say) =>
      withFolder(async (folder) => {
        const by = builder("distribution");
        const { packages, source } = await distribution(count);
        say(`a feed of ${count} entries is signed`);
        const feed = join(folder, "feed");
        await writeFeed(feed, by, entriesBy(by, packages));
        const policy = `--policy=${await writePolicy(folder, [by, builder("another")])}`;
        const sources: NodeProcess[] = [];
        const add = async (): Promise<void> => {
          const data = join(folder, `source-${sources.length}`);
          sources.push(await startNode(data, [policy, `--mirror=file:${feed}`]));
        };
        try {
          await add();
          await settle(sources, count, say);
          const alone: Alone[] = [];
          for (let round = 0; round <= 2 * rounds; round++) {
            say(`one source, round ${round} of ${2 * rounds}`);
            const [first = ""] = addressesOf(sources);
            alone.push(await aloneRound(join(folder, `alone-${round}`), policy, first, feed, count));
          }
          // The last is known to nobody but through the relay.
          while (sources.length <= PEERS) await add();
          await settle(sources, count, say);
          const among: Among[] = [];
          for (let round = 0; round <= rounds; round++) {
            say(`all sources, round ${round} of ${rounds}`);
            among.push(await amongRound(join(folder, `among-${round}`), policy, addressesOf(sources), count));
          }
          // The first rounds warm the sources' compilers up.
          return figuresOf(alone.slice(1), among.slice(1), count, source);
        } finally {
          await endCrew(sources);
        }
      }),
  };
}

const addressesOf = (sources: readonly NodeProcess[]): readonly string[] =>
  sources.map(({ listen }) => listen[0] ?? "");

/** Sources that still index, or check signatures for their dashboards, have no time to give. */
async function settle(
  sources: readonly NodeProcess[],
  count: number,
  say: (what: string) => void,
): Promise<void> {
  for (const each of sources) await whole(each, "claims", count);
  say("the sources come to rest");
  for (const each of sources) await atRest(each);
}

async function aloneRound(
  folder: string,
  policy: string,
  address: string,
  feed: string,
  count: number,
): Promise<Alone> {
  await mkdir(folder);
  const floor = bare(feed, count, join(folder, "bare"));
  return { floor, one: await newcomer(join(folder, "one"), policy, [address], count) };
}

async function amongRound(
  folder: string,
  policy: string,
  addresses: readonly string[],
  count: number,
): Promise<Among> {
  const [first = "", last = ""] = [addresses[0], addresses.at(-1)];
  const one = await newcomer(join(folder, "one"), policy, [first], count);
  const several = await newcomer(join(folder, "several"), policy, addresses.slice(0, PEERS), count);
  const relay = await farFrom(last, FAR_MS);
  try {
    return { one, several, far: await newcomer(join(folder, "far"), policy, [relay.address], count) };
  } finally {
    relay.close();
  }
}

/** Entries a second of what cannot be saved. */
function bare(feed: string, count: number, folder: string): number {
  const env = cleanEnvironment();
  return Number(
    execFileSync(process.execPath, [BARE, feed, String(count), folder], { encoding: "utf8", env }),
  );
}

/** From ready to all in the store: what came last is on the disk then, and what came before it. What came before it said so does not count. */
async function newcomer(
  folder: string,
  policy: string,
  addresses: readonly string[],
  count: number,
): Promise<number> {
  const met = addresses.map((address) => `--bootstrap=${address}`);
  const node = await startNode(folder, [policy, ...met]);
  try {
    const { entries } = await held(node);
    const began = performance.now();
    await whole(node, "entries", count);
    return (1_000 * (count - entries)) / (performance.now() - began);
  } finally {
    await node.end();
  }
}

function figuresOf(
  alone: readonly Alone[],
  among: readonly Among[],
  count: number,
  source: string,
): readonly Figure[] {
  const one = alone.map((round) => round.one);
  const floor = alone.map((round) => round.floor);
  const oneOfAll = among.map((round) => round.one);
  const several = among.map((round) => round.several);
  const far = among.map((round) => round.far);
  return [
    absolute("sync", "1/s", spreadOf(one).median, one, {
      what: `entries a second that a newcomer fetches from one peer, a feed of ${count}: from ready to all verified and in its store`,
      target: { of: "value", atLeast: 5_000 },
      note: source,
    }),
    ratioOf("sync-floor", "1/s", one, floor, {
      what: "the same, held against what it cannot do without",
      ratioTo: "SHA-256 of the leaves and level's writes of the same octets",
      target: { of: "ratio", atLeast: 0.4 },
      note: `bare ${Math.round(spreadOf(floor).median)}/s`,
    }),
    ratioOf("sync-peers", "1/s", several, oneOfAll, {
      what: `the same from ${PEERS} peers, held against one, while all run`,
      ratioTo: "the same from one peer",
      // No slower, but for what two runs of the same differ by.
      target: { of: "ratio", atLeast: 0.95 },
      note: "",
    }),
    absolute("sync-far", "1/s", spreadOf(far).median, far, {
      what: `the same from one peer ${2 * FAR_MS} ms away and back, through a relay`,
      target: { of: "value", atLeast: 5_000 },
      note: "",
    }),
  ];
}

/**
 * A newcomer fetches a whole distribution's feed from one peer, and from four: until all of it is verified and in the store. Beside each round,
 * right before it, what cannot be saved: the SHA-256 of every leaf, and level writing the same octets.
 */
import { join } from "node:path";
import { Level } from "level";
import { leafHash, STORE_WRITE_BUFFER_BYTES } from "../../protocol/index.ts";
import { builder } from "../../test/e2e/claims.ts";
import { endCrew, writePolicy } from "./crew.ts";
import { distribution, PACKAGES } from "./distribution.ts";
import { entriesBy, writeFeed } from "./feeds.ts";
import { absolute, ratioOf, spreadOf } from "./figure.ts";
import type { Benchmark, Figure } from "./figure.ts";
import { startNode, whole, withFolder } from "./processes.ts";
import type { NodeProcess } from "./processes.ts";

const PEERS = 4;
/** Entries of one write: about as many as an answer carries. */
const PORTION = 1_024;

/** Entries a second. */
interface Round {
  readonly floor: number;
  readonly one: number;
  readonly several: number;
}

export const sync: Benchmark = syncOf(PACKAGES, 3);

/** The benchmark with so many entries, in so many rounds, each into new stores. */
export function syncOf(count: number, rounds: number): Benchmark {
  return {
    name: "sync",
    run: (say) =>
      withFolder(async (folder) => {
        const by = builder("distribution");
        const { packages, source } = await distribution(count);
        say(`a feed of ${count} entries is signed`);
        const entries = entriesBy(by, packages);
        const feed = join(folder, "feed");
        await writeFeed(feed, by, entries);
        const policy = `--policy=${await writePolicy(folder, [by, builder("another")])}`;
        const sources: NodeProcess[] = [];
        try {
          for (let i = 0; i < PEERS; i++) {
            sources.push(await startNode(join(folder, `source-${i}`), [policy, `--mirror=file:${feed}`]));
          }
          // Sources that still index have no time to give.
          for (const each of sources) await whole(each, "claims", count);
          const all: Round[] = [];
          for (let round = 0; round <= rounds; round++) {
            say(`round ${round} of ${rounds}`);
            const place = join(folder, `round-${round}`);
            const floor = await bare(join(place, "bare"), entries);
            const one = await newcomer(join(place, "one"), policy, sources.slice(0, 1), count);
            const several = await newcomer(join(place, "several"), policy, sources, count);
            all.push({ floor, one, several });
          }
          // The first round warms the sources' compilers up.
          return figuresOf(all.slice(1), count, source);
        } finally {
          await endCrew(sources);
        }
      }),
  };
}

async function bare(folder: string, entries: readonly Uint8Array[]): Promise<number> {
  const level = new Level<Uint8Array, Uint8Array>(folder, {
    keyEncoding: "view",
    valueEncoding: "view",
    writeBufferSize: STORE_WRITE_BUFFER_BYTES,
  });
  await level.open();
  const began = performance.now();
  for (let from = 0; from < entries.length; from += PORTION) {
    const batch = level.batch();
    for (const [i, entry] of entries.slice(from, from + PORTION).entries()) {
      leafHash(entry);
      const key = new Uint8Array(9);
      new DataView(key.buffer).setUint32(5, from + i);
      batch.put(key, entry);
    }
    await batch.write({ sync: from + PORTION >= entries.length });
  }
  const ms = performance.now() - began;
  await level.close();
  return (1_000 * entries.length) / ms;
}

/** From ready, with nothing, to all in the store: what came last is on the disk then, and what came before it. */
async function newcomer(
  folder: string,
  policy: string,
  sources: readonly NodeProcess[],
  count: number,
): Promise<number> {
  const met = sources.map(({ listen }) => `--bootstrap=${listen[0] ?? ""}`);
  const node = await startNode(folder, [policy, ...met]);
  try {
    const began = performance.now();
    await whole(node, "entries", count);
    return (1_000 * count) / (performance.now() - began);
  } finally {
    await node.end();
  }
}

function figuresOf(rounds: readonly Round[], count: number, source: string): readonly Figure[] {
  const one = rounds.map((round) => round.one);
  const floor = rounds.map((round) => round.floor);
  const several = rounds.map((round) => round.several);
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
    ratioOf("sync-peers", "1/s", several, one, {
      what: `the same from ${PEERS} peers, held against one`,
      ratioTo: "the same from one peer",
      // No slower, but for what two runs of the same differ by.
      target: { of: "ratio", atLeast: 0.95 },
      note: "",
    }),
  ];
}

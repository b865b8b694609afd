/**
 * A feed of 1,000,000 entries, named on the command line as it takes long: the memory of a node that takes it in from static files, and how soon it
 * is ready with it afterwards.
 */
import { join } from "node:path";
import { builder } from "../../test/e2e/claims.ts";
import { writePolicy } from "./crew.ts";
import { distribution, PACKAGES } from "./distribution.ts";
import { entriesBy } from "./feeds.ts";
import { absolute, percentile, spreadOf } from "./figure.ts";
import type { Benchmark, Figure } from "./figure.ts";
import { NETWORK, sleep, startNode, usageOf, withFolder } from "./processes.ts";
import type { NodeProcess } from "./processes.ts";
import { writeStaticFeed } from "./static-feed.ts";

const CLAIMS = 1_000_000;
const STARTS = 5;
const SAMPLE_MS = 500;
const SAY_EVERY = 40;
/** Without a further claim for so long it has stopped. */
const STALLED_MS = 120_000;
const MB = 1e6;

interface Sync {
  /** Octets of resident memory, sampled from its start until all is indexed. */
  readonly rss: readonly number[];
  /** The same without files that are mapped: level maps its tables. */
  readonly anonymous: readonly number[];
  readonly seconds: number;
}

export const scale: Benchmark = scaleOf(CLAIMS);

/** The benchmark with so many claims. */
export function scaleOf(claims: number): Benchmark {
  return {
    name: "scale",
    run: (say) =>
      withFolder(async (folder) => {
        const by = builder("distribution");
        const { packages, source } = await distribution();
        say(`a feed of ${claims} entries is written, ${source}`);
        const feed = join(folder, "feed");
        // To sign a million takes longer than all that is measured.
        const entries = entriesBy(by, packages);
        const entryAt = (i: number): Uint8Array => {
          const entry = entries[i % entries.length];
          if (entry === undefined) throw new Error("no packages");
          return entry;
        };
        await writeStaticFeed(feed, NETWORK, by, claims, entryAt);
        const policy = await writePolicy(folder, [by, builder("another")]);
        const node = await startNode(join(folder, "node"), [`--policy=${policy}`, `--mirror=file:${feed}`]);
        const sync = await takeIn(node, claims, say);
        return [...figuresOf(sync, claims, source), await starts(node, claims, say)];
      }),
  };
}

async function takeIn(node: NodeProcess, claims: number, say: (line: string) => void): Promise<Sync> {
  const rss: number[] = [];
  const anonymous: number[] = [];
  const began = performance.now();
  let [before, moved] = [0, began];
  for (;;) {
    const usage = await usageOf(node.pid);
    rss.push(usage.rss);
    anonymous.push(usage.anonymous);
    const { claims: now } = (await node.get("/v1/status")) as { readonly claims: number };
    if (now >= claims) return { rss, anonymous, seconds: (performance.now() - began) / 1_000 };
    if (rss.length % SAY_EVERY === 0) say(`${now} claims, ${Math.round((rss.at(-1) ?? NaN) / MB)} MB`);
    if (now > before) [before, moved] = [now, performance.now()];
    if (performance.now() - moved > STALLED_MS) throw new Error(`stopped at ${now} of ${claims} claims`);
    await sleep(SAMPLE_MS);
  }
}

function figuresOf({ rss, anonymous, seconds }: Sync, claims: number, source: string): readonly Figure[] {
  const megabytes = rss.map((octets) => octets / MB);
  const quarter = Math.ceil(megabytes.length / 4);
  const second = percentile(megabytes.slice(quarter, 2 * quarter), 0.5);
  const last = percentile(megabytes.slice(-quarter), 0.5);
  return [
    absolute("sync-memory", "MB", spreadOf(megabytes).max, megabytes, {
      what: `resident memory, at its largest, of a node that takes in ${claims} entries from static files`,
      target: { of: "value", atMost: 250 },
      note: `${source}, each in the feed ${(claims / PACKAGES).toFixed(1)} times; stored and indexed in ${Math.round(seconds)} s, ${Math.round(claims / seconds)}/s; median of the second quarter ${Math.round(second)} MB, of the last ${Math.round(last)} MB; without mapped files at most ${Math.round(Math.max(...anonymous) / MB)} MB`,
    }),
    absolute("sync-memory-growth", "×", last / second, [last / second], {
      what: "its median in the last quarter of that time to that in the second: flat is 1",
      target: { of: "value", atMost: 1.1 },
      note: "",
    }),
  ];
}

async function starts(first: NodeProcess, claims: number, say: (line: string) => void): Promise<Figure> {
  const times: number[] = [];
  let node = first;
  for (let i = 0; i < STARTS; i++) {
    await node.end();
    node = await node.again();
    times.push(node.readyMs);
    say(`ready after ${Math.round(node.readyMs)} ms`);
  }
  await node.end();
  return absolute("start-large", "ms", spreadOf(times).median, times, {
    what: `start → ready with ${claims} claims in the store`,
    target: { of: "value", atMost: 5_000 },
    note: "",
  });
}

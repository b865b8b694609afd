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
import { held, NETWORK, sleep, startNode, usageOf, withFolder } from "./processes.ts";
import type { NodeProcess } from "./processes.ts";
import { writeStaticFeed } from "./static-feed.ts";

const CLAIMS = 1_000_000;
const STARTS = 5;
const SAMPLE_MS = 500;
const SAY_EVERY = 40;
/** Without a further claim for so long it has stopped. */
const STALLED_MS = 120_000;
const MB = 1e6;

/** From its start until all entries are in its store, or until all claims are indexed. */
interface Phase {
  /** Octets of resident memory. */
  readonly rss: readonly number[];
  /** The same without files that are mapped: level maps its tables. */
  readonly anonymous: readonly number[];
  readonly seconds: number;
}

interface Taken {
  readonly stored: Phase;
  readonly indexed: Phase;
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
        const taken = await takeIn(node, claims, say);
        return [...figuresOf(taken, claims, source), await starts(node, claims, say)];
      }),
  };
}

async function takeIn(node: NodeProcess, claims: number, say: (line: string) => void): Promise<Taken> {
  const rss: number[] = [];
  const anonymous: number[] = [];
  const began = performance.now();
  const sofar = (): Phase => ({
    rss: [...rss],
    anonymous: [...anonymous],
    seconds: (performance.now() - began) / 1_000,
  });
  let stored: Phase | null = null;
  let [before, moved] = [0, began];
  for (;;) {
    const usage = await usageOf(node.pid);
    rss.push(usage.rss);
    anonymous.push(usage.anonymous);
    const { claims: now, entries } = await held(node);
    if (entries >= claims) stored ??= sofar();
    if (now >= claims && stored !== null) return { stored, indexed: sofar() };
    if (rss.length % SAY_EVERY === 0) say(`${now} claims, ${Math.round((rss.at(-1) ?? NaN) / MB)} MB`);
    if (now > before) [before, moved] = [now, performance.now()];
    if (performance.now() - moved > STALLED_MS) throw new Error(`stopped at ${now} of ${claims} claims`);
    await sleep(SAMPLE_MS);
  }
}

function figuresOf({ stored, indexed }: Taken, claims: number, source: string): readonly Figure[] {
  const { megabytes, highest, text } = memoryOf(stored);
  const all = memoryOf(indexed);
  const quarter = Math.ceil(all.megabytes.length / 4);
  const second = percentile(all.megabytes.slice(quarter, 2 * quarter), 0.5);
  const last = percentile(all.megabytes.slice(-quarter), 0.5);
  const perSecond = (phase: Phase): string =>
    `in ${Math.round(phase.seconds)} s, ${Math.round(claims / phase.seconds)}/s`;
  return [
    absolute("sync-memory", "MB", highest, megabytes, {
      what: `resident memory, at its largest, of a node that takes in ${claims} entries from static files, until all are verified and in its store`,
      target: { of: "value", atMost: 250 },
      note: `${source}, each in the feed ${(claims / PACKAGES).toFixed(1)} times; ${perSecond(stored)}; ${text}`,
    }),
    absolute("index-memory", "MB", all.highest, all.megabytes, {
      what: "the same until all its claims are indexed and compared too",
      target: null,
      note: `${perSecond(indexed)}; median of the second quarter ${Math.round(second)} MB, of the last ${Math.round(last)} MB; ${all.text}`,
    }),
    absolute("sync-memory-growth", "×", last / second, [last / second], {
      what: "its median in the last quarter of that time to that in the second: flat is 1",
      target: { of: "value", atMost: 1.1 },
      note: "",
    }),
  ];
}

function memoryOf({ rss, anonymous }: Phase): {
  readonly megabytes: readonly number[];
  readonly highest: number;
  readonly text: string;
} {
  const megabytes = rss.map((octets) => octets / MB);
  return {
    megabytes,
    highest: spreadOf(megabytes).max,
    text: `without mapped files at most ${Math.round(Math.max(...anonymous) / MB)} MB`,
  };
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

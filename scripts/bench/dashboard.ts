/**
 * The dashboard of a node with 65,000 targets of 20 builders: how soon it answers, while the index is looked through and afterwards, how long
 * that takes, and what memory. Named on the command line, as it takes long: signatures are checked with a tenth of a core.
 */
import { join } from "node:path";
import { manyFeeds } from "./feeds.ts";
import { absolute, spreadOf } from "./figure.ts";
import type { Benchmark, Figure } from "./figure.ts";
import { sleep, startNode, usageOf, whole, withFolder } from "./processes.ts";
import type { NodeProcess } from "./processes.ts";

const BUILDERS = 20;
/** All packages of a distribution, of which bookworm has 63,440. */
const TARGETS = 65_000;
const HOLD_MS = 3_600_000;
const POLL_MS = 1_000;
const RUNS = 5;
const MB = 1e6;
/** What a browser asks for to show the first view. */
const FIRST_VIEW = ["/", "/v1/status", "/v1/picture", "/v1/matrix?show=disagree&limit=100"];
const OTHERS = ["/v1/matrix?limit=500", "/v1/targets?q=lib"];

interface Picture {
  readonly time: string | null;
  readonly unchecked: number;
  readonly targets: number;
}

export const dashboard: Benchmark = dashboardOf(TARGETS, BUILDERS);

/** The benchmark with so many. */
export function dashboardOf(targets: number, builders: number): Benchmark {
  return {
    name: "dashboard",
    run: (say) =>
      withFolder(async (folder) => {
        say(`${builders} feeds of ${targets} entries are signed and written`);
        const { policy, mirrors, entries } = await manyFeeds(folder, builders, targets);
        const node = await startNode(join(folder, "node"), [policy, ...mirrors]);
        try {
          await whole(node, "claims", builders * entries, HOLD_MS);
          const size = `${entries} targets of ${builders} builders`;
          const early = await firstViews(
            node,
            "while it is looked through for the first time",
            "early",
            size,
          );
          const before = await usageOf(node.pid);
          say(
            `looked through with a tenth of a core, since ${Math.round(before.cpuMs / 1_000)} s of processor`,
          );
          const looked = await lookedThrough(node, say);
          const after = await usageOf(node.pid);
          const late = await firstViews(node, "once it is", "late", size);
          return [
            ...early,
            absolute("dashboard-look", "s", looked / 1_000, [looked / 1_000], {
              what: `from all indexed until all signatures are checked and all counted, of ${size}`,
              target: null,
              note: `${((after.cpuMs - before.cpuMs) / 1_000).toFixed(1)} s of processor, the node's other work included`,
            }),
            absolute(
              "dashboard-memory",
              "MB",
              (after.rss - before.rss) / MB,
              [(after.rss - before.rss) / MB],
              {
                what: "by which resident memory has grown meanwhile",
                target: null,
                note: `from ${Math.round(before.rss / MB)} MB`,
              },
            ),
            ...late,
          ];
        } finally {
          await node.end();
        }
      }),
  };
}

/** ms until nothing is left to check and a look has ended. */
async function lookedThrough(node: NodeProcess, say: (line: string) => void): Promise<number> {
  const began = performance.now();
  for (let polls = 0; ; polls++) {
    const { time, unchecked, targets } = (await node.get("/v1/picture")) as Picture;
    if (time !== null && unchecked === 0) return performance.now() - began;
    if (polls % 60 === 0) say(`${targets} targets counted, ${unchecked} entries left to check`);
    await sleep(POLL_MS);
  }
}

async function firstViews(
  node: NodeProcess,
  when: string,
  name: string,
  size: string,
): Promise<readonly Figure[]> {
  const views: number[] = [];
  for (let i = 0; i < RUNS; i++) views.push(await askFor(node, FIRST_VIEW));
  const others: number[] = [];
  for (const path of OTHERS) others.push(await askFor(node, [path]));
  return [
    absolute(`dashboard-${name}`, "ms", spreadOf(views).median, views, {
      what: `all answers that the first view needs, one after the other, of ${size}, ${when}`,
      target: { of: "value", atMost: 1_000 },
      note: OTHERS.map((path, i) => `${path} ${Math.round(others[i] ?? NaN)} ms`).join("; "),
    }),
  ];
}

async function askFor(node: NodeProcess, paths: readonly string[]): Promise<number> {
  const began = performance.now();
  for (const path of paths) await node.text(path);
  return performance.now() - began;
}

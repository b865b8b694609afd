/** What it costs to follow twenty feeds when nothing happens: traffic as the kernel counts it, and processor. */
import { join } from "node:path";
import { builder } from "../../test/e2e/claims.ts";
import { endCrew, writePolicy } from "./crew.ts";
import { distribution, sealedBy, statementOf } from "./distribution.ts";
import { absolute } from "./figure.ts";
import type { Benchmark, Figure } from "./figure.ts";
import { NETWORK, sleep, startNode, usageOf, whole, withFolder } from "./processes.ts";
import type { NodeProcess } from "./processes.ts";
import { Sockets } from "./sockets.ts";
import { writeStaticFeed } from "./static-feed.ts";

const FEEDS = 20;
/** Of each feed. What goes over the network does not depend on it; the audit takes ten of them a second, however many there are. */
const ENTRIES = 500;
/** As many as it keeps company with (WANTED_CONNECTIONS). */
const NEIGHBOURS = 12;
const SETTLE_MS = 30_000;
const IDLE_MS = 120_000;
const LOOK_MS = 2_000;
const DAY_MS = 86_400_000;

export const laptop: Benchmark = laptopOf(NEIGHBOURS, IDLE_MS);

/** The benchmark with so many neighbours, idle for so long. */
export function laptopOf(neighbours: number, idleMs: number): Benchmark {
  return {
    name: "laptop",
    run: (say) =>
      withFolder(async (folder) => {
        const { args, policy } = await feedsIn(folder);
        const nodes: NodeProcess[] = [];
        try {
          for (let i = 0; i < neighbours; i++) {
            const first = nodes[0] === undefined ? [] : [`--bootstrap=${nodes[0].listen[0] ?? ""}`];
            const node = await startNode(join(folder, `node-${i}`), [policy, ...args, ...first]);
            nodes.push(node);
            await whole(node, "claims", FEEDS * ENTRIES);
          }
          const met = nodes.map(({ listen }) => `--bootstrap=${listen[0] ?? ""}`);
          const node = await startNode(join(folder, "laptop"), [policy, ...met]);
          nodes.push(node);
          await whole(node, "claims", FEEDS * ENTRIES);
          say(`idle for ${(SETTLE_MS + idleMs) / 1_000} s`);
          return await idle(node, idleMs);
        } finally {
          await endCrew(nodes);
        }
      }),
  };
}

/** Twenty feeds as static files: arguments of a node that mirrors them, and of one that follows them. */
async function feedsIn(
  folder: string,
): Promise<{ readonly args: readonly string[]; readonly policy: string }> {
  const builders = Array.from({ length: FEEDS }, (_, i) => builder(`distribution ${i}`));
  const { packages } = await distribution(ENTRIES);
  const args: string[] = [];
  for (const [i, by] of builders.entries()) {
    const feed = join(folder, `feed-${i}`);
    const entries = packages.map((one) => sealedBy(by, statementOf(one)));
    await writeStaticFeed(feed, NETWORK, by, entries.length, (n) => entries[n] ?? new Uint8Array());
    args.push(`--mirror=file:${feed}`);
  }
  return { args, policy: `--policy=${await writePolicy(folder, builders)}` };
}

async function idle(node: NodeProcess, idleMs: number): Promise<readonly Figure[]> {
  await sleep(SETTLE_MS);
  const sockets = new Sockets(node.pid);
  const before = await usageOf(node.pid);
  const began = performance.now();
  await sockets.look();
  while (performance.now() < began + idleMs) {
    await sleep(LOOK_MS);
    await sockets.look();
  }
  const ms = performance.now() - began;
  const cpu = (100 * ((await usageOf(node.pid)).cpuMs - before.cpuMs)) / ms;
  const daily = (sockets.octets / 1e6) * (DAY_MS / ms);
  const whose = `an idle laptop that follows ${FEEDS} feeds`;
  return [
    absolute("laptop-traffic", "MB/day", daily, [daily], {
      what: `payload of TCP that ${whose} sends and receives, counted by the kernel over ${Math.round(ms / 1_000)} s`,
      target: { of: "value", atMost: 20 },
      note: `${sockets.connections} connections; ${(sockets.octets / 1e3).toFixed(1)} KB meanwhile`,
    }),
    absolute("laptop-cpu", "%", cpu, [cpu], {
      what: `of a core that ${whose} takes, with the audit of ${FEEDS * ENTRIES} entries going on`,
      target: { of: "value", atMost: 1 },
      note: "",
    }),
  ];
}

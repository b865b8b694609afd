/**
 * What it costs to follow twenty feeds when nothing happens: traffic as the kernel counts it, and processor. Named on the command line, as it
 * takes a quarter of an hour: first all say in the DHT which feeds they hold, then it is quiet.
 */
import { join } from "node:path";
import { PROVIDE_AFTER_MS, PROVIDE_AGAIN_MS, PROVIDE_STEP_MS } from "../../protocol/index.ts";
import { endCrew } from "./crew.ts";
import { manyFeeds } from "./feeds.ts";
import { absolute } from "./figure.ts";
import type { Benchmark, Figure } from "./figure.ts";
import { sleep, startNode, usageOf, whole, withFolder } from "./processes.ts";
import type { NodeProcess } from "./processes.ts";
import { Sockets } from "./sockets.ts";

const FEEDS = 20;
/** Of each feed. What goes over the network does not depend on it; the audit takes ten of them a second, however many there are. */
const ENTRIES = 500;
/** As many as it keeps company with (WANTED_CONNECTIONS). */
const NEIGHBOURS = 12;
/** Until each feed has had its turn. */
const ANNOUNCE_MS: number = PROVIDE_AFTER_MS + (FEEDS + 2) * PROVIDE_STEP_MS;
const IDLE_MS = 300_000;
const LOOK_MS = 2_000;
const DAY_MS = 86_400_000;

export const laptop: Benchmark = laptopOf(NEIGHBOURS, ANNOUNCE_MS, IDLE_MS);

/** The benchmark with so many neighbours, and so long for what each does once in PROVIDE_AGAIN_MS, and for idling. */
export function laptopOf(neighbours: number, announceMs: number, idleMs: number): Benchmark {
  return {
    name: "laptop",
    run: (say) =>
      withFolder(async (folder) => {
        const { policy, mirrors } = await manyFeeds(folder, FEEDS, ENTRIES);
        const nodes: NodeProcess[] = [];
        try {
          for (let i = 0; i < neighbours; i++) {
            const first = nodes[0] === undefined ? [] : [`--bootstrap=${nodes[0].listen[0] ?? ""}`];
            const node = await startNode(join(folder, `node-${i}`), [policy, ...mirrors, ...first]);
            nodes.push(node);
            await whole(node, "claims", FEEDS * ENTRIES);
          }
          const met = nodes.map(({ listen }) => `--bootstrap=${listen[0] ?? ""}`);
          const node = await startNode(join(folder, "laptop"), [policy, ...met]);
          nodes.push(node);
          await whole(node, "claims", FEEDS * ENTRIES);
          say(`idle for ${Math.round((announceMs + idleMs) / 1_000)} s`);
          return figuresOf(await use(node, announceMs), await use(node, idleMs));
        } finally {
          await endCrew(nodes);
        }
      }),
  };
}

interface Use {
  readonly ms: number;
  readonly octets: number;
  readonly connections: number;
  /** Percent of a core. */
  readonly cpu: number;
}

/** What a process takes in the next `forMs`. */
async function use(node: NodeProcess, forMs: number): Promise<Use> {
  const sockets = new Sockets(node.pid);
  const before = await usageOf(node.pid);
  const began = performance.now();
  await sockets.look();
  while (performance.now() < began + forMs) {
    await sleep(LOOK_MS);
    await sockets.look();
  }
  const ms = performance.now() - began;
  const cpu = (100 * ((await usageOf(node.pid)).cpuMs - before.cpuMs)) / ms;
  return { ms, octets: sockets.octets, connections: sockets.connections, cpu };
}

/** A day: idling, and as many rounds of announcements as there are in it. */
function figuresOf(announcing: Use, idle: Use): readonly Figure[] {
  const rate = idle.octets / idle.ms;
  const round = Math.max(0, announcing.octets - rate * announcing.ms);
  const daily = (rate * DAY_MS + round * (DAY_MS / PROVIDE_AGAIN_MS)) / 1e6;
  const whose = `an idle laptop that follows ${FEEDS} feeds`;
  return [
    absolute("laptop-traffic", "MB/day", daily, [daily], {
      what: `payload of TCP that ${whose} sends and receives, by the kernel's count`,
      target: { of: "value", atMost: 20 },
      note: `${idle.connections} connections; ${(idle.octets / 1e3).toFixed(1)} KB in ${Math.round(idle.ms / 1_000)} s, and ${(round / 1e3).toFixed(1)} KB each ${PROVIDE_AGAIN_MS / 3_600_000} h for saying in the DHT which feeds are held`,
    }),
    absolute("laptop-cpu", "%", idle.cpu, [idle.cpu], {
      what: `of a core that ${whose} takes, with the audit of ${FEEDS * ENTRIES} entries going on`,
      target: { of: "value", atMost: 1 },
      note: `${announcing.cpu.toFixed(2)} % while it says in the DHT which feeds it holds`,
    }),
  ];
}

/** A node with 100,000 claims: how soon it is ready, what it takes when nothing happens, how large its store is. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { claim } from "../../test/e2e/claims.ts";
import type { TestBuilder } from "../../test/e2e/claims.ts";
import { BUILDERS, endCrew, startCrew } from "./crew.ts";
import { absolute, spreadOf } from "./figure.ts";
import type { Benchmark, Figure, Target } from "./figure.ts";
import { sleep, startNode, usageOf, whole, withFolder } from "./processes.ts";
import type { NodeProcess } from "./processes.ts";

const CLAIMS = 100_000;
/** Envelopes of one request: its body has at most 1 MB. */
const PORTION = 400;
const STARTS = 5;
/** Of the publisher; one of them is measured, the others are its company. */
const FOLLOWERS = 4;
const HOLD_MS = 120_000;
const SETTLE_MS = 20_000;
const IDLE_MS = 30_000;

export const store: Benchmark = {
  name: "store",
  run: (say) =>
    withFolder(async (folder) => {
      const { nodes } = await startCrew(folder, 1 + FOLLOWERS, 1);
      const [publisher, follower, ...others] = nodes;
      if (publisher === undefined || follower === undefined) throw new Error("no nodes");
      try {
        say(`idle for ${IDLE_MS / 1_000} s`);
        const idle = await idleness(follower.pid);
        say(`${CLAIMS} claims are published`);
        const wire = await fill(publisher);
        await Promise.all([follower, ...others].map((node) => whole(node, "claims", CLAIMS, HOLD_MS)));
        // What it published it stores in the DHT, for minutes: that is work, and no idleness.
        await publisher.end();
        return [...figuresOf(idle, ""), ...(await measure(follower, wire, others, folder, say))];
      } finally {
        await endCrew(nodes);
      }
    }),
};

/** Octets of all envelopes. */
async function fill(node: NodeProcess): Promise<number> {
  const by = BUILDERS[0] as TestBuilder;
  let octets = 0;
  for (let i = 0; i < CLAIMS; i += PORTION) {
    const envelopes = Array.from({ length: Math.min(PORTION, CLAIMS - i) }, (_, n) =>
      claim(by, `s${i + n}`, `bits ${i + n}`),
    );
    for (const envelope of envelopes) octets += envelope.length;
    await node.publish(...envelopes);
  }
  return octets;
}

async function measure(
  first: NodeProcess,
  wire: number,
  others: readonly NodeProcess[],
  folder: string,
  say: (line: string) => void,
): Promise<readonly Figure[]> {
  await sleep(SETTLE_MS);
  await first.end();
  const starts: number[] = [];
  let node: NodeProcess | null = null;
  for (let i = 0; i < STARTS; i++) {
    await node?.end();
    node = await startNode(first.dataDir, [
      `--policy=${join(folder, "policy.toml")}`,
      `--bootstrap=${others[0]?.listen[0] ?? ""}`,
    ]);
    starts.push(node.readyMs);
  }
  if (node === null) throw new Error("no node");
  try {
    say(`idle for ${IDLE_MS / 1_000} s`);
    const idle = await idleness(node.pid);
    const size = await sizeOf(join(first.dataDir, "store"));
    const ofWire = size / wire;
    return [
      absolute("start", "ms", spreadOf(starts).median, starts, {
        what: `start → ready with ${CLAIMS} claims in the store`,
        target: { of: "value", atMost: 3_000 },
        note: "",
      }),
      ...figuresOf(idle, "-loaded"),
      absolute("store-size", "×", ofWire, [ofWire], {
        what: `size of its store, indexes included, to that of its ${CLAIMS} attestations`,
        target: { of: "value", atMost: 1.5 },
        note: `${Math.round(size / 1e6)} MB for ${Math.round(wire / 1e6)} MB`,
      }),
    ];
  } finally {
    await node.end();
  }
}

interface Idleness {
  readonly rss: number;
  /** Percent of a core. */
  readonly cpu: number;
}

/** What a process takes when nothing happens, once it has settled. */
async function idleness(pid: number): Promise<Idleness> {
  await sleep(SETTLE_MS);
  const before = await usageOf(pid);
  await sleep(IDLE_MS);
  const { cpuMs, rss } = await usageOf(pid);
  return { rss, cpu: (100 * (cpuMs - before.cpuMs)) / IDLE_MS };
}

function figuresOf({ rss, cpu }: Idleness, name: string): readonly Figure[] {
  const whose = `an idle node with ${name === "" ? "no" : CLAIMS} claims, in a mesh of ${FOLLOWERS + 1}`;
  const target = (atMost: number): Target | null => (name === "" ? { of: "value", atMost } : null);
  return [
    absolute(`idle${name}-memory`, "MB", rss / 1e6, [rss / 1e6], {
      what: `resident memory of ${whose}`,
      target: target(130),
      note: "half of it is Node's own program, which its processes share",
    }),
    absolute(`idle${name}-cpu`, "%", cpu, [cpu], {
      what: `of a core that ${whose} takes`,
      target: target(1),
      note: `over ${IDLE_MS / 1_000} s`,
    }),
  ];
}

async function sizeOf(folder: string): Promise<number> {
  const sizes = await Promise.all(
    (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

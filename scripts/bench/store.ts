/** A node with 100,000 claims: how soon it is ready, what it takes when nothing happens, how large its store is. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { toBase64 } from "../../protocol/index.ts";
import { claim } from "../../test/e2e/claims.ts";
import type { TestBuilder } from "../../test/e2e/claims.ts";
import { BUILDERS, endCrew, startCrew } from "./crew.ts";
import { absolute } from "./figure.ts";
import type { Benchmark, Figure } from "./figure.ts";
import { sleep, startNode, usageOf, withFolder } from "./processes.ts";
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
        say(`${CLAIMS} claims are published`);
        const wire = await fill(publisher);
        await Promise.all([follower, ...others].map(hold));
        // What it published it stores in the DHT, for minutes: that is work, and no idleness.
        await publisher.end();
        return await measure(follower, wire, others, folder, say);
      } finally {
        await endCrew(nodes);
      }
    }),
};

/** Until that node holds and indexes all. */
async function hold(node: NodeProcess): Promise<void> {
  const end = performance.now() + HOLD_MS;
  for (;;) {
    const { claims } = (await node.get("/v1/status")) as { readonly claims: number };
    if (claims >= CLAIMS) return;
    if (performance.now() > end) throw new Error(`${claims} of ${CLAIMS} claims after ${HOLD_MS} ms`);
    await sleep(1_000);
  }
}

/** Octets of all envelopes. */
async function fill(node: NodeProcess): Promise<number> {
  const by = BUILDERS[0] as TestBuilder;
  let octets = 0;
  for (let i = 0; i < CLAIMS; i += PORTION) {
    const envelopes = Array.from({ length: Math.min(PORTION, CLAIMS - i) }, (_, n) =>
      claim(by, `s${i + n}`, `bits ${i + n}`),
    );
    for (const envelope of envelopes) octets += envelope.length;
    await node.post("/v1/attestations", { envelopes: envelopes.map(toBase64) });
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
    await sleep(SETTLE_MS);
    const before = await usageOf(node.pid);
    await sleep(IDLE_MS);
    const after = await usageOf(node.pid);
    const share = (100 * (after.cpuMs - before.cpuMs)) / IDLE_MS;
    const size = await sizeOf(join(first.dataDir, "store"));
    const ofWire = size / wire;
    return [
      absolute("start", "ms", median(starts), starts, {
        what: `start → ready with ${CLAIMS} claims in the store`,
        target: { of: "value", atMost: 3_000 },
        note: "",
      }),
      absolute("idle-memory", "MB", after.rss / 1e6, [before.rss / 1e6, after.rss / 1e6], {
        what: `resident memory of an idle node with ${CLAIMS} claims and ${others.length} peers`,
        target: { of: "value", atMost: 130 },
        note: "",
      }),
      absolute("idle-cpu", "%", share, [share], {
        what: "of a core that this node takes",
        target: { of: "value", atMost: 1 },
        note: `over ${IDLE_MS / 1_000} s`,
      }),
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

function median(samples: readonly number[]): number {
  return [...samples].sort((a, b) => a - b)[Math.floor(samples.length / 2)] ?? NaN;
}

async function sizeOf(folder: string): Promise<number> {
  const sizes = await Promise.all(
    (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/**
 * `npm run soak [-- --minutes N] [-- --nodes N]`: a mesh in processes of its own that publishes all the time, while nodes are killed and
 * started again at random. At the end every acknowledged attestation has to be at every node, in feeds that nobody saw fork. Ends with 1 if not.
 */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { claim } from "../test/e2e/claims.ts";
import type { TestBuilder } from "../test/e2e/claims.ts";
import { BUILDERS, endCrew, startCrew } from "./bench/crew.ts";
import { sleep, usageOf, withFolder } from "./bench/processes.ts";
import type { NodeProcess } from "./bench/processes.ts";

const PUBLISHERS = 3;
const EVERY_MS = 500;
const KILL_EVERY_MS = 20_000;
const SETTLE_MS = 120_000;
/** Memory that a node of such a mesh never needs: what grows beyond it leaks. */
const MAX_RSS_MB = 500;

interface Status {
  readonly claims: number;
  readonly feeds: number;
  readonly findings: number;
}

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "60" }, nodes: { type: "string", default: "8" } },
});
const minutes = Number(values.minutes);
const count = Number(values.nodes);
if (!(minutes > 0) || !Number.isInteger(count) || count <= PUBLISHERS) {
  process.stderr.write(`soak: --minutes is more than 0, --nodes a whole number above ${PUBLISHERS}\n`);
  process.exit(64);
}
process.exitCode = await withFolder(async (folder) => {
  const crew = await startCrew(folder, count, PUBLISHERS);
  const nodes = [...crew.nodes];
  try {
    const acknowledged = await run(nodes, minutes * 60_000);
    return (await hold(nodes, acknowledged)) ? 0 : 1;
  } finally {
    await endCrew(nodes);
  }
});

/** Publishes and kills; resolves to how many attestations were acknowledged. */
async function run(nodes: NodeProcess[], ms: number): Promise<number> {
  const end = performance.now() + ms;
  let killAt = performance.now() + KILL_EVERY_MS;
  let acknowledged = 0;
  let kills = 0;
  for (let i = 0; performance.now() < end; i++) {
    const at = i % PUBLISHERS;
    acknowledged += await publish(nodes[at], BUILDERS[at] as TestBuilder, `soak${i}`);
    if (performance.now() > killAt) {
      killAt = performance.now() + KILL_EVERY_MS;
      await killOne(nodes);
      kills++;
      console.log(`${acknowledged} acknowledged, ${kills} kills, ${await memoryOf(nodes)} MB at most`);
    }
    await sleep(EVERY_MS);
  }
  return acknowledged;
}

/** Nothing is claimed twice with another digest, so that what the dead did not acknowledge is simply not counted. */
async function publish(node: NodeProcess | undefined, by: TestBuilder, name: string): Promise<number> {
  if (node === undefined) return 0;
  await node.publish(claim(by, name, "bits"));
  return 1;
}

async function killOne(nodes: NodeProcess[]): Promise<void> {
  const at = randomInt(nodes.length);
  const node = nodes[at];
  if (node === undefined) return;
  await node.end("SIGKILL");
  nodes[at] = await node.again();
}

/** Until each node holds all that was acknowledged, and knows of no fork or other conflict. */
async function hold(nodes: readonly NodeProcess[], acknowledged: number): Promise<boolean> {
  const end = performance.now() + SETTLE_MS;
  for (;;) {
    const all = await Promise.all(nodes.map((node) => node.get("/v1/status") as Promise<Status>));
    const held = Math.min(...all.map(({ claims }) => claims));
    const findings = Math.max(...all.map((status) => status.findings));
    const memory = await memoryOf(nodes);
    const good = held >= acknowledged && findings === 0 && memory <= MAX_RSS_MB;
    if (good || performance.now() > end) {
      console.log(
        `${good ? "ok" : "FAILED"}: ${acknowledged} acknowledged, ${held} held by every node, ${findings} findings, ${memory} MB at most`,
      );
      return good;
    }
    await sleep(2_000);
  }
}

async function memoryOf(nodes: readonly NodeProcess[]): Promise<number> {
  const all = await Promise.all(nodes.map(({ pid }) => usageOf(pid)));
  return Math.round(Math.max(...all.map(({ rss }) => rss)) / 1e6);
}

/** A mesh of 20 nodes in processes of their own: how fast news spread, how soon a conflict is told, what a light peer takes. */
import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { sha256, toHex, utf8 } from "../../protocol/index.ts";
import { builder, claim, packageTarget } from "../../test/e2e/claims.ts";
import type { TestBuilder } from "../../test/e2e/claims.ts";
import { BUILDERS, endCrew, startCrew, writePolicy } from "./crew.ts";
import type { Crew } from "./crew.ts";
import { absolute, percentile } from "./figure.ts";
import type { Benchmark, Figure } from "./figure.ts";
import { machineUse } from "./machine.ts";
import { NETWORK, sleep, startCommand, usageOf, withFolder } from "./processes.ts";
import type { NodeProcess } from "./processes.ts";

const NODES = 20;
const PUBLISHERS = 3;
const EVERY_MS = 100;
const COUNT = 300;
/** Published before anything is measured: a node runs for months, and V8 compiles what it does often in its first half minute. */
const WARM_UP = 150;
const SETTLE_MS = 4_000;
const IDLE_MS = 20_000;
const CONFLICTS = 30;
const LIGHT_RUNS = 40;

interface Published {
  readonly hash: string;
  readonly time: number;
}

export const mesh: Benchmark = {
  name: "mesh",
  run: (say) =>
    withFolder(async (folder) => {
      say(`${NODES} nodes start`);
      const crew = await startCrew(folder, NODES, PUBLISHERS);
      try {
        return [...(await spread(crew, say)), await alert(crew, say), ...(await light(crew, folder, say))];
      } finally {
        await endCrew(crew.nodes);
      }
    }),
};

async function spread({ nodes }: Crew, say: (line: string) => void): Promise<readonly Figure[]> {
  say(`${WARM_UP} attestations that are not counted`);
  const first = await publishAll(nodes, WARM_UP, "warm");
  await sleep(SETTLE_MS);
  say(`idle for ${IDLE_MS / 1_000} s`);
  const quiet = await cpuOf(nodes);
  await sleep(IDLE_MS);
  const before = await cpuOf(nodes);
  const idle = (100 * (before - quiet)) / IDLE_MS / nodes.length;
  const use = machineUse();
  say(`${COUNT} attestations, one each ${EVERY_MS} ms, by ${PUBLISHERS} builders in turn`);
  const published = await publishAll(nodes, COUNT, "p");
  await sleep(SETTLE_MS);
  const cpu = (await cpuOf(nodes)) - before;
  const others = use.othersShare(cpu);
  const stored = await Promise.all(nodes.map((node) => node.stored()));
  const waitsOf = (all: readonly Published[]): number[] =>
    all.map(({ hash, time }) => Math.max(...stored.map((at) => (at.get(hash) ?? Infinity) - time)));
  const waits = waitsOf(published);
  const cold = Math.round(percentile(waitsOf(first), 0.99));
  const lost = waits.filter((wait) => wait === Infinity).length;
  const note = `${lost} of ${COUNT} had not reached every node ${SETTLE_MS / 1_000} s after the last; other work took ${Math.round(100 * others)} % of the machine; of the ${WARM_UP} before, right after the start, 99 of 100 took up to ${cold} ms`;
  const what = `publish → stored at the last of ${NODES} nodes, 10/s offered by ${PUBLISHERS} builders in turn`;
  return [
    absolute("spread-p50", "ms", percentile(waits, 0.5), waits, {
      what: `${what}: median`,
      target: { of: "value", atMost: 300 },
      note,
    }),
    absolute("spread-p99", "ms", percentile(waits, 0.99), waits, {
      what: `${what}: 99th of 100`,
      target: { of: "value", atMost: 1_500 },
      note,
    }),
    absolute("spread-cpu", "ms", cpu / COUNT / nodes.length, [cpu / COUNT / nodes.length], {
      what: "CPU for one publish and node in that run, with everything that the mesh does beside",
      target: null,
      note: `${nodes.length} nodes on ${use.cores} cores: at 10/s they are full at ${(1_000 * use.cores) / 10 / nodes.length} ms; idle they take ${idle.toFixed(1)} % of a core each`,
    }),
  ];
}

/** Publishes one by one on schedule, whether the last one is through or not. */
async function publishAll(
  nodes: readonly NodeProcess[],
  count: number,
  name: string,
): Promise<readonly Published[]> {
  const answers: Promise<unknown>[] = [];
  const published: Published[] = [];
  const began = performance.now();
  for (let i = 0; i < count; i++) {
    await sleep(Math.max(0, began + i * EVERY_MS - performance.now()));
    const by = BUILDERS[i % PUBLISHERS] as TestBuilder;
    const envelope = claim(by, `${name}${i}`, "bits");
    const hash = createHash("sha256").update(envelope).digest("hex").slice(0, 32);
    published.push({ hash, time: performance.timeOrigin + performance.now() });
    const answer = nodes[i % PUBLISHERS]?.publish(envelope);
    if (answer !== undefined) answers.push(answer);
  }
  await Promise.all(answers);
  return published;
}

/** From the second of two claims that conflict to the line that `samebits watch` prints at another node. */
async function alert({ nodes, policy }: Crew, say: (line: string) => void): Promise<Figure> {
  const watcher = nodes.at(-1);
  if (watcher === undefined) throw new Error("no node");
  const child = await startCommand(
    ["watch", "--json", `--policy=${policy}`, `--data=${watcher.dataDir}`, `--network=${NETWORK}`],
    {},
  );
  const told = new Map<string, number>();
  if (child.stdout === null) throw new Error("no output");
  createInterface({ input: child.stdout }).on("line", (line) => {
    const name = /"file":"(c\d+)_/.exec(line)?.[1];
    if (name !== undefined && !told.has(name)) told.set(name, performance.now());
  });
  await sleep(3_000);
  say(`${CONFLICTS} conflicts`);
  const waits: number[] = [];
  const [first, second] = BUILDERS as readonly [TestBuilder, TestBuilder, ...TestBuilder[]];
  for (let i = 0; i < CONFLICTS; i++) {
    await nodes[0]?.publish(claim(first, `c${i}`, "these"));
    await sleep(400);
    const began = performance.now();
    await nodes[1]?.publish(claim(second, `c${i}`, "those"));
    while (!told.has(`c${i}`) && performance.now() - began < 10_000) await sleep(5);
    waits.push((told.get(`c${i}`) ?? Infinity) - began);
  }
  child.kill("SIGTERM");
  return absolute("alert-p99", "ms", percentile(waits, 0.99), waits, {
    what: `second claim published at one node → alert printed by \`samebits watch\` at another, mesh of ${NODES}: 99th of 100`,
    target: { of: "value", atMost: 2_000 },
    note: "",
  });
}

/** `verify` as a light peer that has met nobody, with a policy of three of whom one is never heard of. */
async function light(
  { nodes }: Crew,
  folder: string,
  say: (line: string) => void,
): Promise<readonly Figure[]> {
  const [first, second] = BUILDERS as readonly [TestBuilder, TestBuilder, ...TestBuilder[]];
  const home = join(folder, "light");
  await mkdir(home);
  const policy = await writePolicy(home, [first, second, builder("nobody")]);
  const names = Array.from({ length: LIGHT_RUNS }, (_, i) => `light${i}`);
  await nodes[0]?.publish(...names.map((name) => claim(first, name, "bits")));
  await nodes[1]?.publish(...names.map((name) => claim(second, name, "bits")));
  await sleep(3 * SETTLE_MS);
  say(`${LIGHT_RUNS} light peers, one after the other`);
  const times: number[] = [];
  for (const [i, name] of names.entries()) {
    const from = nodes[PUBLISHERS + (i % (NODES - PUBLISHERS))]?.listen[0] ?? "";
    times.push(await verifyLight(name, join(home, name), policy, from));
  }
  const what = `\`samebits verify\` as a light peer, mesh of ${NODES}, one of three builders silent for ever, the whole process`;
  const rest = { target: { of: "value", atMost: 3_000 }, note: "" } as const;
  return [
    absolute("light-p50", "ms", percentile(times, 0.5), times, { ...rest, what: `${what}: median` }),
    absolute("light-p99", "ms", percentile(times, 0.99), times, {
      what: `${what}: 99th of 100`,
      target: { of: "value", atMost: 5_000 },
      note: "",
    }),
  ];
}

async function verifyLight(name: string, data: string, policy: string, from: string): Promise<number> {
  const { purl, file } = packageTarget(name);
  const what = ["--sha256", toHex(sha256(utf8("bits"))), "--purl", purl, "--name", file];
  const places = [`--policy=${policy}`, `--data=${data}`, `--network=${NETWORK}`, `--bootstrap=${from}`];
  const began = performance.now();
  const child = await startCommand(["verify", ...what, ...places], { XDG_CONFIG_HOME: data });
  child.stdout?.resume();
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise((resolve) => child.once("exit", resolve));
  if (code !== 0) throw new Error(`verify ended with ${String(code)}: ${said}`);
  return performance.now() - began;
}

async function cpuOf(nodes: readonly NodeProcess[]): Promise<number> {
  const all = await Promise.all(nodes.map(({ pid }) => usageOf(pid)));
  return all.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
}

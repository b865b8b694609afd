/** The real hour: processes on loopback that publish all the time, while some of them are killed and started again. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { MAX_FOLLOWED_RECORDS } from "../../protocol/index.ts";
import { claim } from "../../test/e2e/claims.ts";
import type { TestBuilder } from "../../test/e2e/claims.ts";
import { BUILDERS, endCrew, startCrew } from "../bench/crew.ts";
import { sleep, usageOf, withFolder } from "../bench/processes.ts";
import type { NodeProcess } from "../bench/processes.ts";

export const PUBLISHERS = 3;
/** Attestations in one request. */
const BATCH = 10;
/** Until so many are published, ten times as many go into a request: what a node keeps up to a number of entries is full then. A claim of a followed builder is two records. */
const WARM_UP_ENTRIES: number = MAX_FOLLOWED_RECORDS / 2;
const WARM_UP_BATCH = 100;
const EVERY_MS = 500;
const KILL_EVERY_MS = 20_000;
const SAMPLE_EVERY_MS = 15_000;
const SETTLE_MS = 300_000;
const MAX_GROWTH = 1.1;
/** File descriptors that come and go: connections of those that are started again, files that LevelDB opens. */
const MAX_MORE_FILES = 16;
/** A store's size by docs/scale.md, in octets of attestations, and what LevelDB keeps beside it until it tidies up. */
const STORED = 1.4;
const MAX_STORED = 1.5 * STORED;
const UNTIDY_OCTETS = 64 * 1024 * 1024;

interface Status {
  readonly claims: number;
  readonly findings: number;
}

/** What a process takes at one time. */
interface Sample {
  readonly octets: number;
  readonly files: number;
}

/** Everything of one run. */
interface Soaked {
  readonly nodes: NodeProcess[];
  /** Of each node that is never killed, by its place. */
  readonly samples: Map<number, Sample[]>;
  acknowledged: number;
  octets: number;
  kills: number;
}

/** Whether nothing acknowledged was lost, no feed forked, and those that were never killed stayed as they were. */
export function realHour(count: number, minutes: number): Promise<boolean> {
  return withFolder(async (folder) => {
    const crew = await startCrew(folder, count, PUBLISHERS);
    const run: Soaked = { nodes: [...crew.nodes], samples: new Map(), acknowledged: 0, octets: 0, kills: 0 };
    try {
      await soak(run, minutes * 60_000);
      const results = [await holds(run), isFlat(run), await isPredicted(run)];
      return results.every(Boolean);
    } finally {
      await endCrew(run.nodes);
    }
  });
}

/** Every other node, publishers among them, may be killed at any time. */
function isMortal(at: number): boolean {
  return at % 2 === 1;
}

async function soak(run: Soaked, ms: number): Promise<void> {
  const end = performance.now() + ms;
  let killAt = performance.now() + KILL_EVERY_MS;
  let sampleAt = performance.now() + SAMPLE_EVERY_MS;
  for (let i = 0; performance.now() < end; i++) {
    await publish(run, i);
    if (performance.now() > killAt) {
      killAt = performance.now() + KILL_EVERY_MS;
      await killOne(run);
    }
    if (performance.now() > sampleAt) {
      sampleAt = performance.now() + SAMPLE_EVERY_MS;
      await sample(run);
    }
    await sleep(EVERY_MS);
  }
}

/** Nothing is claimed twice with another digest, so that what the dead did not acknowledge is simply not counted. */
async function publish(run: Soaked, i: number): Promise<void> {
  const at = i % PUBLISHERS;
  const batch = run.acknowledged < WARM_UP_ENTRIES ? WARM_UP_BATCH : BATCH;
  const entries = Array.from({ length: batch }, (_, n) =>
    claim(BUILDERS[at] as TestBuilder, `soak${i}-${n}`, "bits"),
  );
  await run.nodes[at]?.publish(...entries);
  run.acknowledged += batch;
  run.octets += entries.reduce((sum, { length }) => sum + length, 0);
}

async function killOne(run: Soaked): Promise<void> {
  const mortal = run.nodes.map((_, at) => at).filter(isMortal);
  const at = mortal[run.kills++ % mortal.length] ?? 0;
  await run.nodes[at]?.end("SIGKILL");
  const again = await run.nodes[at]?.again();
  if (again !== undefined) run.nodes[at] = again;
  console.log(`${run.acknowledged} acknowledged, ${run.kills} kills`);
}

async function sample({ nodes, samples }: Soaked): Promise<void> {
  for (const [at, { pid }] of nodes.entries()) {
    if (isMortal(at)) continue;
    const { anonymous } = await usageOf(pid);
    const files = (await readdir(`/proc/${pid}/fd`)).length;
    samples.set(at, [...(samples.get(at) ?? []), { octets: anonymous, files }]);
  }
}

/** Until each node holds all that was acknowledged, and knows of no fork or other conflict. */
async function holds({ nodes, acknowledged }: Soaked): Promise<boolean> {
  const end = performance.now() + SETTLE_MS;
  for (;;) {
    const all = await Promise.all(nodes.map((node) => node.get("/v1/status") as Promise<Status>));
    const held = Math.min(...all.map(({ claims }) => claims));
    const findings = Math.max(...all.map((status) => status.findings));
    const good = held >= acknowledged && findings === 0;
    if (good || performance.now() > end) {
      return told(good, `${acknowledged} acknowledged, ${held} held by every node, ${findings} findings`);
    }
    await sleep(2_000);
  }
}

/** Memory and file descriptors of the last third of the time, beside those of the second: the first warms up. */
function isFlat({ samples }: Soaked): boolean {
  const results = [...samples].map(([at, all]) => {
    const third = Math.floor(all.length / 3);
    const [before, after] = [all.slice(third, 2 * third), all.slice(2 * third)];
    const growth = median(after.map(({ octets }) => octets)) / median(before.map(({ octets }) => octets));
    const files = median(after.map((one) => one.files)) - median(before.map((one) => one.files));
    const mb = (median(after.map(({ octets }) => octets)) / 1e6).toFixed(0);
    return told(
      growth <= MAX_GROWTH && files <= MAX_MORE_FILES,
      `node ${at}: ${mb} MB, x ${growth.toFixed(2)} (at most ${MAX_GROWTH}); ${files} more file descriptors (at most ${MAX_MORE_FILES})`,
    );
  });
  return results.every(Boolean);
}

async function isPredicted({ nodes, octets }: Soaked): Promise<boolean> {
  const most = MAX_STORED * octets + UNTIDY_OCTETS;
  const sizes = await Promise.all(nodes.map(({ dataDir }) => sizeOf(join(dataDir, "store"))));
  const largest = Math.max(...sizes);
  const mb = (size: number): string => (size / 1e6).toFixed(1);
  return told(
    largest > octets / 2 && largest <= most,
    `${mb(octets)} MB of attestations: the largest store has ${mb(largest)} MB (predicted ${mb(STORED * octets)}, at most ${mb(most)})`,
  );
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder);
  const sizes = await Promise.all(names.map((name) => stat(join(folder, name)).then(({ size }) => size)));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function told(good: boolean, words: string): boolean {
  console.log(`${good ? "ok" : "FAILED"}: ${words}`);
  return good;
}

/**
 * News come to a node that is asked much: publish → stored there, as `mesh` measures it, with and without a load on its HTTP interface, in turn. The load is
 * of Debian's wrk; without it there is no figure.
 */
import { createHash } from "node:crypto";
import { claim } from "../../test/e2e/claims.ts";
import { putLoad } from "../../test/load.ts";
import { lacks } from "../../test/programs.ts";
import { BUILDERS, endCrew, startCrew } from "./crew.ts";
import type { Crew } from "./crew.ts";
import { percentile, ratioOf } from "./figure.ts";
import type { Benchmark, Figure } from "./figure.ts";
import { sleep, withFolder } from "./processes.ts";
import type { NodeProcess } from "./processes.ts";

const NODES = 4;
const ROUNDS = 5;
const RATE = 2_000;
const COUNT = 100;
const EVERY_MS = 50;
/** Published before anything is measured, under load too: V8 compiles what it does often. */
const WARM_UP = 60;
/** The load begins before the first is published and goes on behind the last. */
const MARGIN_S = 2;
const SETTLE_MS = 2_000;
const PATHS = ["/v1/status", "/v1/feeds", "/v1/targets?q=load1-9", "/healthz", "/v1/findings", "/v1/peers"];

export const load: Benchmark = {
  name: "load",
  run: async (say) => {
    const missing = lacks("wrk");
    if (missing !== false) {
      say(`skipped: ${missing} (scripts/debian.sh)`);
      return [];
    }
    return withFolder(async (folder) => {
      say(`${NODES} nodes start`);
      const crew = await startCrew(folder, NODES, 1, ["--api-listen=127.0.0.1:0"]);
      try {
        return [await underLoad(crew, say)];
      } finally {
        await endCrew(crew.nodes);
      }
    });
  },
};

async function underLoad({ nodes }: Crew, say: (line: string) => void): Promise<Figure> {
  const [publisher] = nodes;
  const asked = nodes.at(-1);
  if (publisher === undefined || asked?.api === undefined || asked.api === null)
    throw new Error("no node to ask");
  const loaded: number[] = [];
  const quiet: number[] = [];
  const rates: number[] = [];
  let failed = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    const count = round === 0 ? WARM_UP : COUNT;
    say(round === 0 ? "warm-up" : `round ${round} of ${ROUNDS}`);
    const without = await waits(publisher, asked, `quiet${round}-`, count);
    const seconds = Math.ceil((count * EVERY_MS + SETTLE_MS) / 1_000) + MARGIN_S;
    const putting = putLoad({ url: asked.api, paths: PATHS, seconds, rate: RATE });
    await sleep((MARGIN_S * 1_000) / 2);
    const under = await waits(publisher, asked, `loaded${round}-`, count);
    const done = await putting;
    failed += done.failed;
    if (round === 0) continue;
    quiet.push(percentile(without, 0.99));
    loaded.push(percentile(under, 0.99));
    rates.push(done.rate);
  }
  return ratioOf("gossip-under-load", "ms", loaded, quiet, {
    what: `publish → stored at a node that is asked up to ${RATE} times a second over HTTP, ${1_000 / EVERY_MS}/s offered: 99th of 100`,
    ratioTo: "the same without the load",
    target: { of: "ratio", atMost: 2 },
    note: `quiet ${Math.round(percentile(quiet, 0.5))} ms; ${Math.round(percentile(rates, 0.5))} requests answered a second, ${failed} not; ${NODES} nodes and wrk on one machine`,
  });
}

/** ms of each from publishing it to its being stored at the node that is asked; Infinity for one that was not there a while after the last. */
async function waits(
  publisher: NodeProcess,
  asked: NodeProcess,
  name: string,
  count: number,
): Promise<readonly number[]> {
  const [by] = BUILDERS;
  if (by === undefined) throw new Error("no builder");
  const published: { readonly hash: string; readonly time: number }[] = [];
  const answers: Promise<unknown>[] = [];
  const began = performance.now();
  for (let i = 0; i < count; i++) {
    await sleep(Math.max(0, began + i * EVERY_MS - performance.now()));
    const envelope = claim(by, `${name}${i}`, "bits");
    const hash = createHash("sha256").update(envelope).digest("hex").slice(0, 32);
    published.push({ hash, time: performance.timeOrigin + performance.now() });
    answers.push(publisher.publish(envelope));
  }
  await Promise.all(answers);
  await sleep(SETTLE_MS);
  const stored = await asked.stored();
  return published.map(({ hash, time }) => (stored.get(hash) ?? Infinity) - time);
}

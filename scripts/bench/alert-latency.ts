/** How soon a conflict that is published at one node of 20 is at a webhook that `samebits watch` tells beside another. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { claim } from "../../test/e2e/claims.ts";
import type { TestBuilder } from "../../test/e2e/claims.ts";
import { BUILDERS, endCrew, startCrew } from "./crew.ts";
import type { Crew } from "./crew.ts";
import { absolute, percentile } from "./figure.ts";
import type { Benchmark, Figure } from "./figure.ts";
import { NETWORK, sleep, startCommand, withFolder } from "./processes.ts";

const NODES = 20;
/** Not counted: the first alerts load code. */
const WARM_UP = 5;
const CONFLICTS = 55;
const PATIENCE_MS = 20_000;

export const alertLatency: Benchmark = {
  name: "alert-latency",
  run: (say) =>
    withFolder(async (folder) => {
      say(`${NODES} nodes start`);
      const crew = await startCrew(folder, NODES, 2);
      try {
        return [await latency(crew, say)];
      } finally {
        await endCrew(crew.nodes);
      }
    }),
};

async function latency({ nodes, policy }: Crew, say: (line: string) => void): Promise<Figure> {
  const watcher = nodes.at(-1);
  if (watcher === undefined) throw new Error("no node");
  const got = new Map<string, number>();
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => {
      const name = /"file":"(c\d+)_/.exec(body)?.[1];
      if (name !== undefined && !got.has(name)) got.set(name, performance.now());
      response.end();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const places = [`--policy=${policy}`, `--data=${watcher.dataDir}`, `--network=${NETWORK}`];
  const child = await startCommand(["watch", ...places, "--webhook", url], {});
  child.stdout?.resume();
  await sleep(3_000);
  say(`${WARM_UP} and ${CONFLICTS} conflicts`);
  const waits: number[] = [];
  const [first, second] = BUILDERS as readonly [TestBuilder, TestBuilder, ...TestBuilder[]];
  for (let i = 0; i < WARM_UP + CONFLICTS; i++) {
    await nodes[0]?.publish(claim(first, `c${i}`, "these"));
    await sleep(400);
    const began = performance.now();
    await nodes[1]?.publish(claim(second, `c${i}`, "those"));
    while (!got.has(`c${i}`) && performance.now() - began < PATIENCE_MS) await sleep(5);
    if (i >= WARM_UP) waits.push((got.get(`c${i}`) ?? Infinity) - began);
  }
  child.kill("SIGTERM");
  server.close();
  return absolute("alert-webhook-p99", "ms", percentile(waits, 0.99), waits, {
    what: `second claim published at one node → alert taken by a webhook of \`samebits watch\` at another, mesh of ${NODES}: 99th of 100`,
    target: { of: "value", atMost: 2_000 },
    note: "",
  });
}

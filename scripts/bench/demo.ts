/** What a stranger sees first: `samebits demo`, from its start to its last word. */
import { once } from "node:events";
import { absolute, percentile } from "./figure.ts";
import type { Benchmark } from "./figure.ts";
import { startCommand } from "./processes.ts";

const RUNS = 5;

export const demo: Benchmark = {
  name: "demo",
  run: async (say) => {
    const times: number[] = [];
    for (let run = 1; run <= RUNS; run++) {
      say(`run ${run} of ${RUNS}`);
      times.push(await timed());
    }
    return [
      absolute("demo", "s", percentile(times, 0.5), times, {
        what: "`samebits demo` without a terminal: all its processes, verdicts and alerts, each as it has to come",
        target: { of: "value", atMost: 60 },
        note: "",
      }),
    ];
  },
};

/** Seconds. Rejects where a verdict or an alert came out otherwise than it must. */
async function timed(): Promise<number> {
  const began = performance.now();
  const child = await startCommand(["demo"], {});
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4_000)));
  await once(child, "close");
  if (child.exitCode !== 0) throw new Error(`the demo ended with ${child.exitCode}: ${said}`);
  return (performance.now() - began) / 1_000;
}

/**
 * Runs the simulator: `npm run sim -- [--scenario NAME] [--nodes N] [--seed N] [--seeds COUNT] [--json]`. Without a scenario: all of
 * them. With `--json` one object a run (`protocol/spec/simulated.schema.json`). Ends with 1 at the first run in which an invariant broke, and
 * says how to have it again.
 */
import { parseArgs } from "node:util";
import { simulate, simulateAsJson } from "../test/sim/report.ts";
import { SCENARIOS } from "../test/sim/scenarios/index.ts";

const { values } = parseArgs({
  options: {
    scenario: { type: "string" },
    nodes: { type: "string", default: "6" },
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  },
});
const names = values.scenario === undefined ? [...SCENARIOS.keys()] : [values.scenario];
const first = Number(values.seed);
const nodes = Number(values.nodes);
const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => first + i);

for (const [name, seed] of names.flatMap((each) => seeds.map((one) => [each, one] as const))) {
  if (values.json) {
    const { line, held } = simulateAsJson(name, seed, nodes);
    console.log(line);
    if (held) continue;
    process.exitCode = 1;
    break;
  }
  const began = performance.now();
  const report = simulate(name, seed, nodes);
  const ms = Math.round(performance.now() - began);
  const facts = Object.entries(report.facts).map(([fact, value]) => `${fact} ${value}`);
  console.log(
    `ok ${name.padEnd(18)} seed ${seed} · ${report.nodes} peers · ${report.events} events · ${report.seconds} s virtual · ${ms} ms · ${[...facts, `trace ${report.trace}`].join(" · ")}`,
  );
}

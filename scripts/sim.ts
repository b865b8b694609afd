/**
 * Runs the simulator: `npm run sim -- [--scenario NAME] [--nodes N] [--seed N] [--seeds COUNT] [--json]`. Without a scenario: all of
 * them. With `--json` one object a run (`protocol/spec/simulated.schema.json`). Ends with 1 and the seed of the first run in which an invariant broke.
 */
import { parseArgs } from "node:util";
import { simulate } from "../test/sim/report.ts";
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

for (const name of names) {
  for (let seed = first; seed < first + Number(values.seeds); seed++) {
    const began = performance.now();
    const report = simulate(name, seed, Number(values.nodes));
    const ms = Math.round(performance.now() - began);
    if (values.json) console.log(JSON.stringify({ samebits: 1, ...report, ms }));
    else {
      const facts = Object.entries(report.facts).map(([fact, value]) => `${fact} ${value}`);
      console.log(
        `ok ${name.padEnd(18)} seed ${seed} · ${report.nodes} peers · ${report.events} events · ${report.seconds} s virtual · ${ms} ms · ${[...facts, `trace ${report.trace}`].join(" · ")}`,
      );
    }
  }
}

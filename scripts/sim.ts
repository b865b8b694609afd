/**
 * Runs the simulator: `npm run sim -- [--scenario NAME] [--nodes N] [--seed N] [--seeds COUNT] [--until STEP] [--json]`. Without a
 * scenario: all of them, `churn` with 100 peers and `steady` with 20, 100 and 1,000. With `--json` one object a run
 * (`protocol/spec/simulated.schema.json`). With `--until` a run ends at that step and shows what happened last. Ends with 1 at the first run
 * in which an invariant broke, and says how to have it again; with 64 where it was asked for what there is not.
 */
import { parseArgs } from "node:util";
import { BrokenRun, simulate, simulateAsJson } from "../test/sim/report.ts";
import { SCENARIOS } from "../test/sim/scenarios/index.ts";
import { Stopped, World } from "../test/sim/world.ts";

/** Numbers of peers at which the figures of some scenarios are taken. */
const SIZES: ReadonlyMap<string, readonly number[]> = new Map([
  ["steady", [20, 100, 1_000]],
  ["churn", [100]],
]);
/** Peers of all other runs, where nothing else is said. */
const NODES = 6;
const USAGE = 64;

interface Run {
  readonly scenario: string;
  readonly nodes: number;
  readonly seed: number;
}

interface Wanted {
  readonly runs: readonly Run[];
  readonly json: boolean;
}

function wanted(): Wanted {
  const { values } = parseArgs({
    options: {
      scenario: { type: "string" },
      nodes: { type: "string" },
      seed: { type: "string", default: "1" },
      seeds: { type: "string", default: "1" },
      until: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const { scenario } = values;
  if (scenario !== undefined && !SCENARIOS.has(scenario)) {
    throw new RangeError(`no scenario ${scenario}; there are: ${[...SCENARIOS.keys()].join(", ")}`);
  }
  if (values.until !== undefined) World.until = count("until", values.until);
  const nodes = values.nodes === undefined ? null : count("nodes", values.nodes);
  const first = count("seed", values.seed);
  const seeds = Array.from({ length: count("seeds", values.seeds) }, (_, i) => first + i);
  const sized = (name: string): readonly (readonly [string, number])[] =>
    (nodes === null ? (SIZES.get(name) ?? [NODES]) : [nodes]).map((size) => [name, size]);
  return {
    runs: (scenario === undefined ? [...SCENARIOS.keys()] : [scenario])
      .flatMap(sized)
      .flatMap(([name, size]) => seeds.map((seed) => ({ scenario: name, nodes: size, seed }))),
    json: values.json,
  };
}

function count(option: string, text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text))
    throw new RangeError(`--${option} wants a number from 1 on, not ${text}`);
  return Number(text);
}

/** Whether everything held. */
async function show({ scenario, seed, nodes }: Run): Promise<boolean> {
  const began = performance.now();
  try {
    const report = await simulate(scenario, seed, nodes);
    const ms = Math.round(performance.now() - began);
    const facts = Object.entries(report.facts).map(([fact, value]) => `${fact} ${value}`);
    console.log(
      `ok ${scenario.padEnd(18)} seed ${seed} · ${nodes} peers · ${report.events} events · ${report.seconds} s virtual · ${ms} ms · ${[...facts, `trace ${report.trace}`].join(" · ")}`,
    );
    return true;
  } catch (error) {
    if (error instanceof Stopped) {
      console.log(`${scenario} seed ${seed} · ${nodes} peers: ended ${error.message}; what happened last:`);
      for (const note of World.newest?.notes ?? []) console.log(`  ${note}`);
      return true;
    }
    if (!(error instanceof BrokenRun)) throw error;
    for (const note of World.newest?.notes ?? []) console.log(`  ${note}`);
    console.log(error.message);
    return false;
  }
}

async function showJson({ scenario, seed, nodes }: Run): Promise<boolean> {
  const { line, held } = await simulateAsJson(scenario, seed, nodes);
  console.log(line);
  return held;
}

async function main(): Promise<number> {
  let asked: Wanted;
  try {
    asked = wanted();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    console.error(`sim: ${error.message}`);
    return USAGE;
  }
  for (const run of asked.runs) if (!(await (asked.json ? showJson(run) : show(run)))) return 1;
  return 0;
}

process.exitCode = await main();

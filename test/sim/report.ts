import type { Verdict } from "../../protocol/verdict/index.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { SCENARIOS } from "./scenarios/index.ts";
import { checkVerdict } from "./verdicts.ts";
import { Stopped, World } from "./world.ts";

type Scenarios = ReadonlyMap<string, Scenario>;

/** Of a run in which every invariant held. */
export interface Report {
  readonly scenario: string;
  readonly seed: number;
  readonly nodes: number;
  /** Of all worlds of the run. */
  readonly events: number;
  /** Virtual seconds. */
  readonly seconds: number;
  /** Hash of all effects: the same seed gives the same. */
  readonly trace: string;
  readonly facts: Readonly<Record<string, number>>;
}

/** A run in which an invariant broke, or what should have happened did not. */
export class BrokenRun extends Error {
  override readonly name = "BrokenRun";
  /** Events of the run, up to where it broke. */
  readonly step: number;
  /** The command that has the run again. */
  readonly again: string;
  /** What broke. */
  readonly what: string;

  constructor(scenario: string, seed: number, nodes: number, step: number, cause: unknown) {
    const again = `npm run sim -- --scenario ${scenario} --seed ${seed} --nodes ${nodes} --until ${step}`;
    const what = String(cause);
    super(`${scenario} fails with seed ${seed} at step ${step}; again: ${again}\n${what}`, { cause });
    this.step = step;
    this.again = again;
    this.what = what;
  }
}

/** Runs one scenario; throws a BrokenRun that says which one it was and how to have it again. */
export async function simulate(
  scenario: string,
  seed: number,
  nodes: number,
  scenarios: Scenarios = SCENARIOS,
): Promise<Report> {
  const run = scenarios.get(scenario);
  if (run === undefined) {
    throw new Error(`no scenario ${scenario}; there are: ${[...scenarios.keys()].join(", ")}`);
  }
  World.newest = null;
  try {
    const { mesh, facts, found = [], judged } = run(seed, nodes);
    const verdicts: Verdict[] = [];
    for (const one of found) verdicts.push(await checkVerdict(one, seed));
    judged?.(verdicts);
    const { steps, elapsed, trace } = mesh.world;
    return { scenario, seed, nodes, events: steps, seconds: elapsed / 1_000, trace, facts };
  } catch (cause) {
    if (cause instanceof Stopped) throw cause;
    throw new BrokenRun(scenario, seed, nodes, stepsOf(World.newest), cause);
  }
}

function stepsOf(world: World | null): number {
  return world?.steps ?? 0;
}

/** One run as an object on a line (`protocol/spec/simulated.schema.json`), and whether everything held. */
export async function simulateAsJson(
  scenario: string,
  seed: number,
  nodes: number,
  scenarios: Scenarios = SCENARIOS,
): Promise<{ readonly line: string; readonly held: boolean }> {
  const began = performance.now();
  const lineOf = (facts: object): string =>
    JSON.stringify({ samebits: 1, ...facts, ms: Math.round(performance.now() - began) });
  try {
    return { line: lineOf(await simulate(scenario, seed, nodes, scenarios)), held: true };
  } catch (error) {
    if (!(error instanceof BrokenRun)) throw error;
    const { step, what: message, again } = error;
    return { line: lineOf({ scenario, seed, nodes, step, message, again }), held: false };
  }
}

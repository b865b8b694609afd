import { SCENARIOS } from "./scenarios/index.ts";

export interface Report {
  readonly scenario: string;
  readonly seed: number;
  readonly nodes: number;
  /** Events of the last world of the run. */
  readonly events: number;
  /** Virtual seconds. */
  readonly seconds: number;
  /** Hash of all effects: the same seed gives the same. */
  readonly trace: string;
  readonly facts: Readonly<Record<string, number>>;
}

/** Runs one scenario; what it throws says which one it was and how to have it again. */
export function simulate(scenario: string, seed: number, nodes: number): Report {
  const run = SCENARIOS.get(scenario);
  if (run === undefined) {
    throw new Error(`no scenario ${scenario}; there are: ${[...SCENARIOS.keys()].join(", ")}`);
  }
  try {
    const { mesh, facts } = run(seed, nodes);
    const { steps, elapsed, trace } = mesh.world;
    return { scenario, seed, nodes, events: steps, seconds: elapsed / 1_000, trace, facts };
  } catch (cause) {
    const again = `npm run sim -- --scenario ${scenario} --seed ${seed} --nodes ${nodes}`;
    throw new Error(`${scenario} fails with seed ${seed}; again: ${again}\n${String(cause)}`, { cause });
  }
}

/** What is held against the artifacts of a layout whose steps are done: the rules of steps, then inspections and theirs. */
import { quote } from "../bytes/index.ts";
import { isIdle } from "./inspect.ts";
import { applyRules } from "./rules.ts";
import type { Flow, Ground } from "./rules.ts";
import type { Inspected, Inspection, Layout, LayoutQuestion, LayoutVerdict, Step } from "./types.ts";

/** How something ended that did not pass. */
export type Ended = Pick<LayoutVerdict, "outcome" | "problem">;

/** Yields inspections, and is told what came of each. */
export type Asking<Value> = Generator<Inspection, Value, Inspected>;

/** 7. Rules of all steps. */
export function rulesOfSteps(
  { steps }: Layout,
  ground: Ground,
  within: string,
  notes: string[],
): Ended | null {
  for (const step of steps) {
    const flow = ground.flows.get(step.name);
    const fault =
      flow === undefined ? null : rulesOf(step, `step ${quote(within + step.name)}`, flow, ground, notes);
    if (fault !== null) return fault;
  }
  return null;
}

function rulesOf(
  { expectedMaterials, expectedProducts }: Pick<Step, "expectedMaterials" | "expectedProducts">,
  at: string,
  flow: Flow,
  ground: Ground,
  notes: string[],
): Ended | null {
  for (const [side, rules] of [
    ["materials", expectedMaterials],
    ["products", expectedProducts],
  ] as const) {
    const { fault, left } = applyRules(rules, side, flow, ground);
    if (fault !== null)
      return { outcome: "failed", problem: { code: "layout/rule", message: `${at}, ${side}: ${fault}` } };
    if (left > 0) notes.push(`${at}: no rule is about ${left} of its ${side}`);
  }
  return null;
}

interface Looking {
  readonly question: LayoutQuestion;
  readonly within: string;
  readonly spend: Ground["spend"];
}

/** 8. Inspections, one after the other, with their rules; they may look at each other. */
export function* inspect(
  { inspections }: Layout,
  flows: Map<string, Flow>,
  { question, within, spend }: Looking,
): Asking<Ended | null> {
  for (const inspection of inspections) {
    const { files } = question;
    const idle = { ran: true, materials: files, products: files } as const;
    const inspected = isIdle(inspection) ? idle : yield inspection;
    if (!inspected.ran)
      return {
        outcome: inspected.failed === true ? "failed" : "incomplete",
        problem: {
          code: "layout/inspection",
          message: `inspection ${quote(within + inspection.name)} (${quote(inspection.run.join(" "))}): ${inspected.why}`,
        },
      };
    flows.set(inspection.name, inspected);
  }
  for (const inspection of inspections) {
    const flow = flows.get(inspection.name);
    if (flow === undefined) continue;
    // Of what lies around where an inspection runs its rules need say nothing.
    const fault = rulesOf(
      inspection,
      `inspection ${quote(within + inspection.name)}`,
      flow,
      { flows, spend },
      [],
    );
    if (fault !== null) return fault;
  }
  return null;
}

/** `[[rules]]` of a policy. */
import { isJsonArray } from "../bytes/index.ts";
import type { RecordShape, Shape } from "../bytes/index.ts";
import { MAX_CHOICES, MAX_SEATS, MAX_REQUIREMENTS, MAX_STEP_BYTES } from "../limits.ts";
import { readAge } from "./age.ts";
import { ON_CONTRADICTION, ON_DIFFERENCE, readByRole } from "./by-role.ts";
import { assertTraits, readDistinct, voterOf } from "./distinct.ts";
import { countedIn, stepsByBuilder } from "./find.ts";
import { buildersUnder, tally, waysToMeet } from "./groups.ts";
import { assertLabel } from "./labels.ts";
import { ruleByLayout } from "./layout-rule.ts";
import { readLayoutName } from "./layouts.ts";
import { readApt } from "./listed.ts";
import { readParties, readParty } from "./parties.ts";
import type { Known } from "./parties.ts";
import { patternOf } from "./pattern.ts";
import { readPublisher } from "./publisher.ts";
import { choicesIn } from "./seats.ts";
import { readSource } from "./source.ts";
import { readStepEntries } from "./steps.ts";
import type { StepEntry } from "./steps.ts";
import type {
  Builder,
  Distinct,
  PolicyLayout,
  Requirement,
  Rule,
  Way,
  Witness,
  WitnessQuorum,
} from "./types.ts";
import { majorityOf, readQuorum } from "./witnesses.ts";

const DEFAULT_STEP = "rebuild";
const SOURCE_STEP = "source";

/** What a rule may name: witnesses and layouts beside builders and groups. */
export interface KnownToRules extends Known {
  readonly witnesses: ReadonlyMap<string, Witness>;
  readonly layouts: ReadonlyMap<string, PolicyLayout>;
}

/** One rule. Throws `shape/…`, `policy/…`. */
export function readRule(fields: RecordShape, name: string, known: KnownToRules): Rule {
  const layout = readLayoutName(fields, known.layouts);
  return layout === null ? readVoteRule(fields, name, known) : readLayoutRule(fields, name, layout, known);
}

/** Who has to have done what says the layout; here stands what it is for, what is asked of each link beside, and what is done. */
function readLayoutRule(fields: RecordShape, name: string, layout: PolicyLayout, known: KnownToRules): Rule {
  const rule = ruleByLayout(layout, {
    name,
    match: patternOf(fields.member("match")),
    apt: readApt(fields, fields.string("match")),
    ...readCarrying(fields, known),
    mode: readMode(fields.optional("mode")),
  });
  fields.done();
  return rule;
}

/** What is asked of the feeds that carry what counts. */
function readCarrying(
  fields: RecordShape,
  known: KnownToRules,
): Pick<Rule, "logged" | "witnesses" | "loggedForMs"> {
  const loggedFor = fields.optional("logged_for");
  const loggedForMs = readAge(loggedFor);
  return {
    logged: fields.optional("logged")?.boolean() ?? false,
    witnesses: readWitnessed(fields.optional("witnesses"), known) ?? askedBy(loggedFor, loggedForMs, known),
    loggedForMs,
  };
}

function readMode(shape: Shape | undefined): Rule["mode"] {
  return shape?.oneOf(["enforce", "warn", "ignore"] as const) ?? "enforce";
}

/** A step of the rule, and what it requires. */
interface Asked extends Required {
  readonly shape: Shape;
  readonly tie: StepEntry["tie"];
}

function readVoteRule(fields: RecordShape, name: string, known: KnownToRules): Rule {
  const asked = readAsked(fields, known);
  const [first] = asked;
  const loggedBy = readPublisher(fields.optional("logged_by"), known);
  const names = new Set([
    ...asked.flatMap(({ requirements }) => [...countedIn(requirements)]),
    ...(loggedBy === null ? [] : buildersUnder(loggedBy)),
  ]);
  const heard = [...known.builders.values()].filter((builder) => names.has(builder.name));
  const meet = (one: Asked, shape: Shape, some: readonly Requirement[]): readonly Way[] =>
    feasibleWays(shape, some, one.distinct, known.builders);
  const maxAttestationAgeMs = readAge(fields.optional("max_attestation_age"));
  const shared = {
    name,
    match: patternOf(fields.member("match")),
    apt: readApt(fields, fields.string("match")),
    layout: null,
    onContradiction: readByRole(fields.optional("on_contradiction"), ON_CONTRADICTION, "refuse", heard),
    onDifference: readByRole(fields.optional("on_difference"), ON_DIFFERENCE, "show", heard),
    maxHeadAgeMs: readAge(fields.optional("max_head_age")),
    maxAttestationAgeMs,
    view: fields.optional("view")?.oneOf(["partial", "complete"] as const) ?? "partial",
    rebuiltWithinMs: readAge(fields.optional("rebuilt_within")),
    ...readCarrying(fields, known),
    mode: readMode(fields.optional("mode")),
  } as const;
  // What was built from says who did the first step; the file that is listed is that of the last.
  const source = readSource(
    fields.optional("source"),
    maxAttestationAgeMs,
    (some) => readRequirement(some, SOURCE_STEP, known, first.distinct).requirement,
    (shape, requirement) => meet(first, shape, [requirement]),
  );
  fields.done();
  const last = asked.length - 1;
  return asked
    .slice(1)
    .reduce(
      (rule, one, index) =>
        ruleOf(one, { ...shared, loggedBy: index + 1 === last ? loggedBy : null, source: null }, rule, meet),
      ruleOf(first, { ...shared, loggedBy: last === 0 ? loggedBy : null, source }, null, meet),
    );
}

type Shared = Omit<Rule, "before" | "requirements" | "steps" | "counted" | "distinct" | "ways">;

function ruleOf(
  one: Asked,
  shared: Shared,
  before: Rule | null,
  meet: (one: Asked, shape: Shape, some: readonly Requirement[]) => readonly Way[],
): Rule {
  const { requirements, distinct, tie } = one;
  return Object.freeze({
    ...shared,
    before: before === null || tie === null ? null : Object.freeze({ ...tie, rule: before }),
    requirements,
    steps: stepsIn(requirements),
    counted: stepsByBuilder(requirements),
    distinct,
    ways: meet(one, one.shape, requirements),
  });
}

/** Each step and what it requires; of a rule without steps the one thing that it requires. */
function readAsked(fields: RecordShape, known: Known): readonly [Asked, ...Asked[]] {
  const entries = readStepEntries(fields);
  if (entries === null) {
    const step = readStep(fields.optional("step"), DEFAULT_STEP);
    const shape = fields.member("require");
    return [{ ...readRequirements(shape, step, known), shape, tie: null }];
  }
  const [first, ...others] = entries.map(({ name, require, tie }) => ({
    ...readRequirements(require, name, known),
    shape: require,
    tie,
  }));
  if (first === undefined) throw new RangeError("a rule without a step");
  return [first, ...others];
}

function readWitnessed(shape: Shape | undefined, { witnesses }: KnownToRules): WitnessQuorum | null {
  return shape === undefined ? null : readQuorum(shape.record(), witnesses);
}

/** Who proves how long a claim stands in a feed, where the rule names nobody: without witnesses nobody can (RULES R10). */
function askedBy(
  loggedFor: Shape | undefined,
  loggedForMs: number | null,
  { witnesses }: KnownToRules,
): WitnessQuorum | null {
  if (loggedFor === undefined || loggedForMs === null) return null;
  const majority = majorityOf(witnesses);
  return (
    majority ?? loggedFor.fail("policy/never-met", "only witnesses can prove it, and the policy names none")
  );
}

function readStep(shape: Shape | undefined, fallback: string): string {
  if (shape === undefined) return fallback;
  assertLabel(shape);
  return shape.string(MAX_STEP_BYTES);
}

interface Required {
  readonly requirements: readonly Requirement[];
  readonly distinct: readonly Distinct[];
}

/** `step` is that of requirements that name none. */
function readRequirements(shape: Shape, step: string, known: Known): Required {
  const several = isJsonArray(shape.value) ? shape.list(MAX_REQUIREMENTS) : [shape];
  const read = several.map((item) => readRequirement(item.record(), step, known));
  const distinct = read[0]?.distinct;
  if (distinct === undefined)
    return shape.fail("policy/never-met", "no requirement: nothing would ever count");
  if (read.some((one) => one.distinct.join() !== distinct.join())) {
    // Distinctness holds over all requirements of a rule, so it can't be one thing here and another there.
    shape.fail("policy/mixed-distinct", "write the same distinct in each requirement of a rule");
  }
  return { requirements: Object.freeze(read.map((one) => one.requirement)), distinct };
}

/** `given`: what is distinct, where that is not for this table to say. */
function readRequirement(
  fields: RecordShape,
  step: string,
  known: Known,
  given: readonly Distinct[] | null = null,
): { readonly requirement: Requirement; readonly distinct: readonly Distinct[] } {
  const k = fields.integer("k", 1, MAX_SEATS);
  const of = fields.member("of");
  const distinct = given ?? readDistinct(fields.optional("distinct"));
  const own = readStep(fields.optional("step"), step);
  fields.done();
  const parties = isJsonArray(of.value) ? readParties(of, known) : readParty(of, known);
  return { requirement: Object.freeze({ k, of: parties, step: own }), distinct };
}

function stepsIn(requirements: readonly Requirement[]): readonly string[] {
  return Object.freeze([...new Set(requirements.map(({ step }) => step))]);
}

/** The ways that all builders together could meet: a rule that nobody can ever meet is a fault of the file. */
function feasibleWays(
  shape: Shape,
  requirements: readonly Requirement[],
  distinct: readonly Distinct[],
  builders: ReadonlyMap<string, Builder>,
): readonly Way[] {
  const steps = stepsByBuilder(requirements);
  const counted = [...builders.values()].filter(({ name }) => steps.has(name));
  assertTraits(shape, distinct, counted);
  const voters = counted.flatMap((builder) =>
    (steps.get(builder.name) ?? []).map((step) => voterOf(builder, step, distinct)),
  );
  const all = shape.within(() => waysToMeet(requirements));
  if (all.reduce((sum, way) => sum + choicesIn(way, voters), 0) > MAX_CHOICES) {
    shape.fail(
      "policy/too-complex",
      `more than ${MAX_CHOICES} choices of builders to try, since some are alike in one thing and some in another; ask for fewer, or of fewer`,
    );
  }
  const ways = all.filter((way) => {
    const { needed, taken } = tally([way], voters);
    return taken === needed;
  });
  if (ways.length === 0) {
    shape.fail(
      "policy/never-met",
      `not even all builders together can meet it (no ${distinct.join(" and no ")} counts twice)`,
    );
  }
  return Object.freeze(ways);
}

/**
 * A layout's verification, step by step as in the in-toto specification (5.2); the numbers are those of `protocol/spec/layouts.md`. What is
 * unsafe in other implementations is not so here; that page lists the differences.
 */
import { equalBytes, quote } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_SUBLAYOUT_DEPTH } from "../limits.ts";
import type { PublicKey } from "../crypto/index.ts";
import { keyIdKha, keyIdPlain, keyName } from "../crypto/index.ts";
import { Budget } from "./budget.ts";
import { inspect, rulesOfSteps } from "./look.ts";
import type { Asking, Ended } from "./look.ts";
import { fillIn } from "./parameters.ts";
import { SHORT_ID } from "./place.ts";
import type { Flow } from "./rules.ts";
import type {
  Inspected,
  Inspection,
  Layout,
  LayoutQuestion,
  LayoutVerdict,
  Link,
  SignedDocument,
  Step,
  StepReport,
} from "./types.ts";
import { Ballot, Functionaries, shortId } from "./votes.ts";
import type { Voted } from "./votes.ts";

type Problem = NonNullable<LayoutVerdict["problem"]>;
type Outcome = LayoutVerdict["outcome"];

/** The same with what came of each inspection known to `inspected`. */
export function judgeLayout(
  question: LayoutQuestion,
  inspected: (inspection: Inspection) => Inspected,
): LayoutVerdict {
  const steps = verifyLayout(question);
  let next = steps.next();
  while (next.done !== true) next = steps.next(inspected(next.value));
  return next.value;
}

/**
 * Verifies a layout. Yields each inspection that runs something, for the caller to say what came of it. Faults of layout and links are part of
 * the verdict; it never throws for them.
 */
export function* verifyLayout(question: LayoutQuestion): Asking<LayoutVerdict> {
  const { layout, owners } = question;
  if (layout.document.content.kind !== "layout")
    return verdict("failed", "layout/bad-document", `${layout.place.label} is a link, and no layout`);
  // 1. Its owners have signed it.
  const due = new Set(owners.keys.map(keyName));
  const signed = new Set(layout.signers.map(keyName).filter((name) => due.has(name))).size;
  if (owners.k < 1 || signed < owners.k) {
    const words = `${layout.place.label}: ${signed} of ${owners.k} owners' keys that are needed have signed the layout`;
    return verdict("failed", "layout/bad-signature", words);
  }
  const scope: Scope = {
    question,
    folder: "",
    folders: new Set([""]),
    within: "",
    ancestors: [],
    byStep: indexOf(question.documents),
    budget: new Budget(),
  };
  try {
    return yield* verifyScope(layout, question.parameters, scope);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return verdict("failed", error.code, `${layout.place.label}: ${error.message}`);
  }
}

/** Where a layout's links are looked for. */
interface Scope {
  readonly question: LayoutQuestion;
  readonly folder: string;
  /** All names that the folder may have: a key has several ids. */
  readonly folders: ReadonlySet<string>;
  /** In front of the names of its steps, for people. */
  readonly within: string;
  /** Signed octets of the layouts around it, and of itself. */
  readonly ancestors: readonly Uint8Array[];
  readonly byStep: ReadonlyMap<string, readonly SignedDocument[]>;
  readonly budget: Budget;
}

/** Documents by the step that they are about, as their signed part and their place say. */
function indexOf(documents: readonly SignedDocument[]): Scope["byStep"] {
  const byStep = new Map<string, SignedDocument[]>();
  for (const one of documents) {
    const { content } = one.document;
    const names = new Set([one.place.step, content.kind === "link" ? content.name : null]);
    for (const name of names) {
      if (name === null) continue;
      const some = byStep.get(name) ?? [];
      byStep.set(name, some);
      some.push(one);
    }
  }
  return byStep;
}

function* verifyScope(
  { document, place }: SignedDocument,
  parameters: ReadonlyMap<string, string>,
  scope: Scope,
): Asking<LayoutVerdict> {
  const { content } = document;
  if (content.kind !== "layout")
    return verdict("failed", "layout/bad-document", `${place.label} is no layout`);
  const { now } = scope.question;
  // 2. It has not expired.
  if (content.expires <= now)
    return verdict(
      "failed",
      "layout/expired",
      `${place.label}: the layout expired ${new Date(content.expires).toISOString()}`,
    );
  // 3. Parameters.
  const filled = filledIn(content, parameters);
  if ("code" in filled) return verdict("failed", filled.code, `${place.label}: ${filled.message}`);
  // 4. to 6. Links, sublayouts, thresholds.
  const taken = yield* takeSteps(filled, {
    ...scope,
    ancestors: [...scope.ancestors, document.signedBytes],
  });
  const { reports, worst, notes } = taken;
  if (worst !== null) return Object.freeze({ ...worst, steps: reports, summary: null, notes });
  // 7. and 8. Rules of steps, then inspections and theirs.
  const flows = new Map<string, Flow>(taken.flows);
  const { spend } = scope.budget;
  const looking = { question: scope.question, within: scope.within, spend };
  const problem =
    rulesOfSteps(filled, { flows, spend }, scope.within, notes) ?? (yield* inspect(filled, flows, looking));
  if (problem !== null) return Object.freeze({ ...problem, steps: reports, summary: null, notes });
  const summary = summaryOf(filled, taken.flows);
  return Object.freeze({ outcome: "passed", problem: null, steps: reports, summary, notes });
}

function filledIn(layout: Layout, parameters: ReadonlyMap<string, string>): Layout | Problem {
  try {
    return fillIn(layout, parameters);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { code: error.code, message: error.message };
  }
}

interface Taken {
  readonly reports: readonly StepReport[];
  readonly flows: ReadonlyMap<string, Flow>;
  /** Null where all steps are done. */
  readonly worst: Ended | null;
  readonly notes: string[];
}

/** From what is worst to what may yet become good. */
const WORST: readonly Outcome[] = ["contradicted", "failed", "incomplete"];

function* takeSteps(layout: Layout, scope: Scope): Asking<Taken> {
  const reports: StepReport[] = [];
  const flows = new Map<string, Flow>();
  const ended: Ended[] = [];
  const notes: string[] = [];
  for (const step of layout.steps) {
    const { voted, inner, faults } = yield* takeStep(step, layout, scope, notes);
    reports.push(voted.report, ...inner);
    ended.push(...faults);
    const { problem, report } = voted;
    if (problem !== null)
      ended.push({ outcome: problem.code === "layout/disagree" ? "contradicted" : "incomplete", problem });
    if (report.link !== null) {
      flows.set(step.name, report.link);
      noteCommand(step, report.link, scope, notes);
    }
  }
  const worst = WORST.flatMap((outcome) => ended.find((one) => one.outcome === outcome) ?? [])[0] ?? null;
  return { reports, flows, worst, notes };
}

interface StepTaken {
  readonly voted: Voted;
  /** Of sublayouts. */
  readonly inner: readonly StepReport[];
  /** Sublayouts that did not pass. */
  readonly faults: readonly Ended[];
}

function* takeStep(step: Step, layout: Layout, scope: Scope, notes: string[]): Asking<StepTaken> {
  const name = scope.within + step.name;
  const functionaries = new Functionaries(step, layout, scope.question.now);
  const ballot = new Ballot(step, name);
  const inner: StepReport[] = [];
  const faults: Ended[] = [];
  for (const one of scope.byStep.get(step.name) ?? []) {
    const { document, place, signers } = one;
    if (place.folder !== null && !scope.folders.has(place.folder)) continue;
    const voters = functionaries.among(signers);
    const { content } = document;
    if (voters.length === 0) ballot.refuse(one, [], functionaries.whyNone(signers));
    else if (content.kind === "link") {
      if (content.name === step.name) for (const key of voters) ballot.say(key, content, place.label);
      else ballot.refuse(one, voters, `it is of the step ${quote(content.name)}, as its signed part says`);
    } else {
      for (const key of voters) {
        const sub = yield* takeSublayout(one, { step, layout, scope, key });
        inner.push(...sub.steps);
        notes.push(...sub.notes);
        if (sub.summary !== null) ballot.say(key, { ...sub.summary, name: step.name }, place.label);
        else {
          ballot.refuse(one, [key], sub.problem?.message ?? "");
          faults.push(sub);
        }
      }
    }
  }
  return { voted: ballot.count(functionaries), inner, faults };
}

/** Of whom a sublayout is. */
interface Owned {
  readonly step: Step;
  readonly layout: Layout;
  readonly scope: Scope;
  readonly key: PublicKey;
}

/** A functionary's own layout in the place of a link: its owner is the functionary. */
function* takeSublayout(one: SignedDocument, { step, layout, scope, key }: Owned): Asking<LayoutVerdict> {
  const { document, place } = one;
  const name = scope.within + step.name;
  const at = `${place.label}: the sublayout of step ${quote(name)} by ${shortId(key)}`;
  if (scope.ancestors.some((around) => equalBytes(around, document.signedBytes)))
    return verdict("failed", "layout/sublayout", `${at} is one that it is part of`);
  if (scope.ancestors.length > MAX_SUBLAYOUT_DEPTH)
    return verdict(
      "failed",
      "layout/sublayout",
      `${at}: layouts in layouts, more than ${MAX_SUBLAYOUT_DEPTH} deep`,
    );
  scope.budget.takeSublayout();
  const around = place.folder ?? scope.folder;
  const names = shortIdsOf(key, layout).map((id) => `${around === "" ? "" : `${around}/`}${step.name}.${id}`);
  const inside: Scope = { ...scope, folder: names[0] ?? "", folders: new Set(names), within: `${name}/` };
  const ended = yield* verifyScope(one, new Map(), inside);
  if (ended.problem === null) return ended;
  const { code, message } = ended.problem;
  return Object.freeze({ ...ended, problem: { code, message: `${at}: ${message}` } });
}

/** What folders may call a functionary: by the ids under which the layout lists it or a subkey, and by both that are made of a key. */
function shortIdsOf(key: PublicKey, { keys, subkeys }: Layout): readonly string[] {
  const name = keyName(key);
  const listed = [...keys].flatMap(([id, one]) => (keyName(one) === name ? [id] : []));
  const ofSubkeys = [...subkeys.values()].flatMap(({ id, of }) => (keyName(of) === name ? [id] : []));
  const ids = [...listed, ...ofSubkeys, keyIdKha(key), keyIdPlain(key)];
  return [...new Set(ids.map((id) => id.slice(0, SHORT_ID)))];
}

/** A step's command is what its functionary says it was: it proves nothing, so it decides nothing. */
function noteCommand(step: Step, link: Link, scope: Scope, notes: string[]): void {
  const [due, did] = [step.expectedCommand, link.command];
  if (due.length === 0 || due.join("\0") === did.join("\0")) return;
  notes.push(
    `step ${quote(scope.within + step.name)} was done by another command than expected: ${quote(did.join(" "))} instead of ${quote(due.join(" "))}`,
  );
}

/** What a layout did as if it were one step. */
function summaryOf({ steps }: Layout, flows: ReadonlyMap<string, Flow>): Link {
  const [first, last] = [steps[0], steps.at(-1)].map((step) => flows.get(step?.name ?? ""));
  return {
    kind: "link",
    name: "",
    materials: first?.materials ?? new Map(),
    products: last?.products ?? new Map(),
    command: [],
    byproducts: null,
  };
}

function verdict(outcome: Outcome, code: string, message: string): LayoutVerdict {
  return Object.freeze({ outcome, problem: { code, message }, steps: [], summary: null, notes: [] });
}

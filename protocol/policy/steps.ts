/** `steps` of a rule: what was done one after the other, by whom, and how each step hangs on the one before. */
import { isJsonArray, quote } from "../bytes/index.ts";
import type { RecordShape, Shape } from "../bytes/index.ts";
import { MAX_RENAME_CHARS, MAX_RENAMES, MAX_RULE_STEPS, MAX_STEP_BYTES } from "../limits.ts";
import { assertLabel } from "./labels.ts";
import type { Before, Rule, Tie } from "./types.ts";

/** A step as the file has it; what it requires is still to be read. */
export interface StepEntry {
  readonly name: string;
  readonly require: Shape;
  /** Null of the first. */
  readonly tie: Pick<Before, "from" | "renames"> | null;
}

const TIES: readonly Tie[] = ["materials", "normal-form", "same"];

/** What a rule says of one file, or of all steps, and each step says itself; each with what to do instead. */
const OF_ONE_STEP: readonly (readonly [member: string, instead: string])[] = [
  ["require", "each step has its own: take out require, or steps"],
  ["step", "the names of the steps are the steps"],
  [
    "rebuilt_within",
    "watchers wait for votes on a file that is listed, and have no file to find the steps before by",
  ],
];

/** The steps, first to last; null where the rule has none. Throws `shape/…`, `policy/…`. */
export function readStepEntries(fields: RecordShape): readonly StepEntry[] | null {
  const shape = fields.optional("steps");
  if (shape === undefined) return null;
  for (const [member, instead] of OF_ONE_STEP)
    fields.optional(member)?.fail("policy/bad-rule", `it does not go with steps: ${instead}`);
  const entries = shape.list(MAX_RULE_STEPS);
  if (entries.length < 2)
    shape.fail("policy/bad-rule", "one step is no chain: write require, and step for what it is called");
  const names = new Set<string>();
  return entries.map((entry, index) => {
    const step = entry.record();
    const label = step.member("name");
    assertLabel(label);
    const name = label.string(MAX_STEP_BYTES);
    if (names.has(name))
      label.fail("policy/duplicate-name", "another step of the rule has this name already");
    names.add(name);
    const tie = index === 0 ? refuseTie(step) : readTie(step);
    const require = step.member("require");
    refuseOwnStep(require);
    step.done();
    return { name, require, tie };
  });
}

/** What is asked of each step, first to last; of a rule without steps that rule alone. */
export function stepRules(rule: Rule): readonly Rule[] {
  return rule.before === null ? [rule] : [...stepRules(rule.before.rule), rule];
}

/** Whether claims of this step may be about the rule's file for one that it only hears: not those of the steps before, whose files have the same names. */
export function isHeardIn(rule: Rule, step: string): boolean {
  return rule.before === null || !stepRules(rule.before.rule).some(({ steps }) => steps.includes(step));
}

/** What a file of this name was called before the step: by the longest ending that it has. */
export function nameBefore({ renames }: Pick<Before, "renames">, name: string): string {
  const [ending] = [...renames.keys()]
    .filter((one) => name.endsWith(one))
    .toSorted((a, b) => b.length - a.length);
  return ending === undefined
    ? name
    : name.slice(0, name.length - ending.length) + (renames.get(ending) ?? "");
}

function refuseTie(step: RecordShape): null {
  for (const member of ["from", "renames"])
    step.optional(member)?.fail("policy/bad-rule", "nothing was before the first step");
  return null;
}

function readTie(step: RecordShape): Pick<Before, "from" | "renames"> {
  const shape = step.optional("from");
  const from = shape === undefined ? [TIES[0] ?? "materials"] : readFrom(shape);
  return Object.freeze({ from: Object.freeze(from), renames: readRenames(step.optional("renames"), from) });
}

/** One word or a list of them. */
function readFrom(shape: Shape): readonly Tie[] {
  const items = isJsonArray(shape.value) ? shape.list(TIES.length) : [shape];
  const words = items.map((item) => item.oneOf(TIES));
  if (words.length === 0) shape.fail("policy/bad-rule", "an empty list ties it to nothing");
  if (new Set(words).size < words.length) shape.fail("policy/duplicate-name", "a word is listed twice");
  if (words.includes("same") && words.includes("normal-form"))
    shape.fail(
      "policy/bad-rule",
      "of one and the same file nothing has to be taken off: same, or normal-form",
    );
  return TIES.filter((tie) => words.includes(tie));
}

/** As the file has them: what a name ended in before = what it ends in after. */
function readRenames(shape: Shape | undefined, from: readonly Tie[]): ReadonlyMap<string, string> {
  const renames = new Map<string, string>();
  if (shape === undefined) return renames;
  if (from.includes("same"))
    shape.fail("policy/bad-rule", "one and the same file has one name: it never applies with same");
  for (const [before, entry] of shape.table(MAX_RENAMES)) {
    const after = entry.string(MAX_RENAME_CHARS);
    if (!isEnding(before) || !isEnding(after))
      entry.fail(
        "policy/bad-name",
        `${quote(isEnding(before) ? after : before)} is no ending of a file's name`,
      );
    if (before === after) entry.fail("policy/bad-rule", "it never applies: both endings are the same");
    if (renames.has(after))
      entry.fail("policy/duplicate-name", `what ends in ${quote(after)} would have had two names before`);
    renames.set(after, before);
  }
  if (renames.size === 0) shape.fail("policy/bad-rule", "an empty table renames nothing");
  return renames;
}

function isEnding(text: string): boolean {
  const isShort = text !== "" && text.length <= MAX_RENAME_CHARS;
  return isShort && text.normalize("NFC") === text && !/[\p{Cc}/]/u.test(text);
}

/** What counts is the claims of the step: a requirement can't be about another one. */
function refuseOwnStep(require: Shape): void {
  const several = isJsonArray(require.value) ? require.list(Number.MAX_SAFE_INTEGER) : [require];
  for (const one of several)
    one
      .record()
      .optional("step")
      ?.fail("policy/bad-rule", "it does not go with steps: the step's name says it");
}

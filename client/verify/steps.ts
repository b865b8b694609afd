/** Files of the steps before the last one, of rules with steps (spec/verdict.md, "Steps"). */
import { filesOfStep, heardBy, stepFiles, stepName } from "../../protocol/index.ts";
import type { Policy, Rule, StepFile, Verdict, Vote } from "../../protocol/index.ts";
import { rulesOf, timesFor } from "./question.ts";
import type { Wanted } from "./question.ts";

/** What is to be asked about steps, so far as it is not in `asked`, which grows by it. */
export function stepsWanted(
  verdicts: readonly Verdict[],
  asked: Set<string>,
  by: { readonly policy: Policy; readonly now: number },
): readonly Wanted[] {
  return verdicts.flatMap((verdict) => {
    const { target } = verdict.artifact;
    const own = target === null ? null : stepName({ ...verdict.artifact, target });
    const fresh = stepFiles(verdict).filter((file) => !asked.has(stepName(file)) && stepName(file) !== own);
    for (const file of fresh) asked.add(stepName(file));
    return fresh.length === 0 ? [] : wantedOf(verdict, fresh, () => true, by);
  });
}

/** Of each step the file, and the builders of whom `isOpen` says that more may be known. */
export function stepsOpen(
  verdict: Verdict,
  isOpen: (vote: Vote) => boolean,
  by: { readonly policy: Policy; readonly now: number },
): readonly Wanted[] {
  return [...(verdict.chain ?? []), ...(verdict.open ?? [])].flatMap((step) => {
    const open = new Set(step.votes.filter(isOpen).map(({ builder }) => builder));
    return wantedOf(verdict, filesOfStep(step, verdict.artifact), (name) => open.has(name), by);
  });
}

function wantedOf(
  { artifact }: Verdict,
  files: readonly StepFile[],
  isMeant: (builder: string) => boolean,
  { policy, now }: { readonly policy: Policy; readonly now: number },
): readonly Wanted[] {
  const rules = rulesOf(policy, artifact).filter(({ before }) => before !== null);
  const heard = [...new Set(rules.flatMap((rule: Rule) => heardBy(rule, policy)))];
  const builders = heard.filter(({ name }) => isMeant(name));
  const since = [...new Set(rules.flatMap((rule) => timesFor(rule, builders, now)))];
  return builders.length === 0 ? [] : files.map((file) => ({ artifact: file, builders, since, names: [] }));
}

/** Judges by what was said of all files that the steps turn out to be about: who did a step says which file the one before was about. */
export function judgedInFull(judged: (about: readonly StepFile[]) => Verdict): Verdict {
  const about = new Map<string, StepFile>();
  let verdict = judged([]);
  for (let known = -1; about.size > known;) {
    known = about.size;
    for (const file of stepFiles(verdict)) about.set(stepName(file), file);
    if (about.size > known) verdict = judged([...about.values()]);
  }
  return verdict;
}

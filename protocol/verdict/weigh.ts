/** What contradictions make of a count, each as the role of who contradicts says. */
import type { Rule } from "../policy/index.ts";
import type { Outcome } from "./quorum.ts";
import type { Verdict } from "./types.ts";
import { operatorsOf } from "./voices.ts";
import type { Ballot } from "./votes.ts";

/** What contradicts, by what it does. */
export interface Dissent {
  /** It decides: one word is enough to refuse, or not more operators agree than contradict. */
  readonly decides: boolean;
  /** Somebody contradicts whom a majority may outvote; somebody who only warns. */
  readonly outvotable: boolean;
  readonly warns: boolean;
}

/** Operators on either side are counted where the majority decides: so one more that agrees never makes it worse. */
export function dissentIn(agreeing: readonly Ballot[], dissenting: readonly Ballot[]): Dissent {
  const outvotable = dissenting.filter(({ weight }) => weight === "majority");
  const isOutvoted = operatorsOf(agreeing) > operatorsOf(outvotable);
  return {
    decides: dissenting.some(({ weight }) => weight === "refuse") || (outvotable.length > 0 && !isOutvoted),
    outvotable: outvotable.length > 0,
    warns: dissenting.some(({ weight }) => weight === "warn"),
  };
}

/** Dissent that only warns still leaves missing votes missing. */
export function weigh(dissent: Dissent, outcome: Outcome, forkTookIt: boolean): Verdict["verdict"] {
  if (dissent.decides || (dissent.warns && outcome !== "met")) return "contradicted";
  if (outcome === "met") return "reproduced";
  return forkTookIt ? "contradicted" : "pending";
}

export function decideBy(
  { mode }: Rule,
  verdict: Verdict["verdict"],
  { decides, warns }: Dissent,
): Verdict["decision"] {
  if (mode === "ignore") return "allow";
  const missing = mode === "warn" ? "warn" : "refuse";
  switch (verdict) {
    case "reproduced":
      return warns ? "warn" : "allow";
    case "contradicted":
      return warns && !decides ? missing : "refuse";
    case "pending":
      return missing;
  }
}

/** Exit codes of a verdict (CONTRACT): what scripts go by. */
import type { Verdict } from "./types.ts";

export type VerdictExit = 0 | 1 | 2 | 3 | 4;

/** Several files: the first of these that occurs. */
const WORST_FIRST: readonly VerdictExit[] = [4, 1, 3, 2, 0];

/** 0 reproduced, 1 contradicted, 2 pending, 3 no rule, a layout that can't be used, or not the artefact that it should be. */
export function exitOfVerdict({ problem, verdict, layout }: Verdict): VerdictExit {
  if (problem !== null || layout?.outcome === "unusable") return 3;
  return ({ reproduced: 0, contradicted: 1, pending: 2 } as const)[verdict];
}

/** With `--decide`: 0 where the policy lets it through, else as the verdict. */
export function exitOfDecision(verdict: Verdict): VerdictExit {
  return verdict.decision === "refuse" ? exitOfVerdict(verdict) : 0;
}

/** The code of several; 0 for none. */
export function worstExit(exits: readonly VerdictExit[]): VerdictExit {
  return WORST_FIRST.find((code) => exits.includes(code)) ?? 0;
}

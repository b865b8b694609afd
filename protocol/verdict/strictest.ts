/** One verdict out of those by all rules that may be for a file: nobody gets a milder one by leaving open which it is. */
import type { Verdict } from "./types.ts";

/** The strictest first. */
export const DECISIONS: readonly [Verdict["decision"], ...Verdict["decision"][]] = [
  "refuse",
  "warn",
  "allow",
];
export const VERDICTS: readonly [Verdict["verdict"], ...Verdict["verdict"][]] = [
  "contradicted",
  "pending",
  "reproduced",
];

/** That which lets through the least, then that which says the worst, then the first. At least one. */
export function strictest(verdicts: readonly Verdict[]): Verdict {
  const [first, ...others] = verdicts;
  if (first === undefined) throw new RangeError("no verdict to choose from");
  if (others.length === 0) return first;
  const chosen = others.reduce((one, other) => (isStricter(other, one) ? other : one), first);
  const names = verdicts.map(({ rule }) => (rule === null ? "[default]" : `"${rule}"`)).join(", ");
  const reason = `apt's lists do not tell which rule is for it: by the strictest of ${names} (for a file at hand --apt-origin and --apt-suite say it)`;
  const open = verdicts.flatMap((one) => (one === chosen ? [] : (one.chain ?? [])));
  const reasons = Object.freeze([...chosen.reasons, reason]);
  return Object.freeze({ ...chosen, ...(open.length === 0 ? {} : { open: Object.freeze(open) }), reasons });
}

function isStricter(a: Verdict, b: Verdict): boolean {
  const [ours, theirs] = [a, b].map(rankOf);
  return (ours ?? 0) < (theirs ?? 0);
}

function rankOf({ decision, verdict }: Verdict): number {
  return DECISIONS.indexOf(decision) * VERDICTS.length + VERDICTS.indexOf(verdict);
}

/** What an exception of the policy makes of a decision: the verdict stays what it is. */
import type { Artifact, Verdict } from "./types.ts";
import { isExcepted, writeDate } from "../policy/index.ts";
import type { Exception, Policy } from "../policy/index.ts";

/**
 * Lets by with a warning what would be refused, where an exception is for it: of those that are for it the first that has not expired, and
 * that goes so far. What is not what it should be is refused all the same.
 */
export function withException(verdict: Verdict, { exceptions }: Policy, now: number): Verdict {
  const { artifact, decision, problem } = verdict;
  if (decision !== "refuse" || problem === "misfit") return verdict;
  const about = exceptions.filter((one) => isAbout(one, artifact) && goesSoFar(one, verdict));
  const live = about.find(({ untilMs }) => now < untilMs);
  const expired = about.find(({ untilMs }) => now >= untilMs);
  if (live !== undefined) {
    const words = `let by until ${writeDate(live.untilMs)} by the exception "${live.name}": ${live.reason}`;
    return Object.freeze({ ...verdict, decision: "warn", exception: live, reasons: added(verdict, words) });
  }
  if (expired === undefined) return verdict;
  const words = `the exception "${expired.name}" was good until ${writeDate(expired.untilMs)}`;
  return Object.freeze({ ...verdict, reasons: added(verdict, words) });
}

function isAbout(exception: Exception, { target, sha256 }: Artifact): boolean {
  return target !== null && isExcepted(exception, target.purl, sha256);
}

function goesSoFar({ over }: Exception, { verdict }: Verdict): boolean {
  return verdict === "pending" || over === "contradicted";
}

function added({ reasons }: Verdict, words: string): readonly string[] {
  return Object.freeze([...reasons, words]);
}

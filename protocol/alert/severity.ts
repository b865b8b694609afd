/** How much an alert weighs, by the picture and by the policy (spec/alerts.md, "Severity"). */
import { rulesFor } from "../policy/index.ts";
import type { Policy, Rule } from "../policy/index.ts";
import { pictureOf } from "./picture.ts";
import type { Stance } from "./picture.ts";
import type { AlertKind } from "./kinds.ts";
import type { BookedAlert, Severity } from "./types.ts";
import { SEVERITIES } from "./types.ts";
import { isRevoked, whoIs } from "./who.ts";

/** What severity is worked out from. */
export type Weighed = Pick<BookedAlert, "kind" | "signers" | "target" | "difference" | "voices">;

/** Where builders stand like this to each other. */
const BY_STANCE: Readonly<Record<Stance, Severity>> = {
  single: "info",
  pair: "warning",
  outlier: "critical",
  split: "warning",
  // A build that gives everybody something else is not reproducible: no news for anybody, and no attack on one.
  scattered: "info",
};

const BY_KIND: Readonly<Record<Exclude<AlertKind, "contradiction" | "disagreement">, Severity>> = {
  "self-contradiction": "critical",
  fork: "critical",
  "bad-leaf": "warning",
  withheld: "warning",
  silent: "warning",
  stale: "warning",
  rollback: "critical",
  "own-elsewhere": "critical",
  refuted: "info",
  unreproduced: "warning",
  "unexpected-release": "critical",
  "unknown-key": "warning",
  "revoked-key": "critical",
  "removed-key": "warning",
};

/** Kinds that a policy's say about its builders does not make smaller: they are about this node, or about the policy itself. */
const OWN_MATTERS: ReadonlySet<AlertKind> = new Set<AlertKind>([
  "own-elsewhere",
  "refuted",
  "unknown-key",
  "revoked-key",
  "removed-key",
  "unreproduced",
  "unexpected-release",
]);

/** By a policy at `now` (ms since 1970); null = whatever there is counts as it is. */
export function severityOf(matter: Weighed, policy: Policy | null, now: number): Severity {
  const { kind, signers, target } = matter;
  const base = baseOf(matter, policy, now);
  if (policy === null) return matter.difference ? least(base, "warning") : base;
  const rule = target === null ? undefined : (rulesFor(policy, target.purl)[0] ?? null);
  const most = rule === undefined ? "critical" : mostBy(rule, policy, matter.difference);
  if (OWN_MATTERS.has(kind)) return least(base, most);
  const live = signers.filter((signer) => whoIs(policy, signer) !== null && !isRevoked(policy, signer, now));
  // No verdict rests on strangers, nor on keys that may be anybody's.
  return live.length === 0 ? "info" : least(base, most);
}

/** Whether one weighs more than the other. */
export function isWorse(one: Severity, than: Severity): boolean {
  return SEVERITIES.indexOf(one) > SEVERITIES.indexOf(than);
}

function baseOf({ kind, voices }: Weighed, policy: Policy | null, now: number): Severity {
  if (kind !== "contradiction" && kind !== "disagreement") return BY_KIND[kind];
  // Of whom nothing is known but that they differ: two of them.
  return voices.length === 0 ? "warning" : BY_STANCE[pictureOf(voices, policy, now).stance];
}

/** The most that it can be where this rule decides; null = none does. */
function mostBy(rule: Rule | null, { default: { mode } }: Policy, difference: boolean): Severity {
  if (rule === null) return mode === "refuse" ? "warning" : "info";
  if (rule.mode === "ignore") return "info";
  if (rule.mode === "warn" || rule.onContradiction.others === "warn") return "warning";
  return difference && rule.onDifference.others === "show" ? "warning" : "critical";
}

function least(one: Severity, other: Severity): Severity {
  return isWorse(one, other) ? other : one;
}

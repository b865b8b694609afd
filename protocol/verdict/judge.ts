/**
 * The verdict on one file: a function of the file, the policy, the evidence, the heads and the time (RULES R24). The steps are numbered as
 * in protocol/spec/verdict.md.
 */
import { rulesFor } from "../policy/index.ts";
import type { Policy } from "../policy/index.ts";
import { byChain } from "./by-chain.ts";
import { byLayout } from "./by-layout.ts";
import { byRule } from "./by-rule.ts";
import { withException } from "./excepted.ts";
import { viewFeeds } from "./feeds.ts";
import type { Inspect } from "./layout-case.ts";
import { strictest } from "./strictest.ts";
import type { Artifact, Findings, Problem, Verdict } from "./types.ts";
import { witnessedBy } from "./witnessed.ts";

/**
 * Judges a file. `now` in ms since 1970, read once by the caller. `inspect` runs what a layout wants to be looked at; left out, nothing is run
 * and the verdict waits for it. Never throws on what `collectFound` made.
 */
export function judge(
  artifact: Artifact,
  found: Findings,
  policy: Policy,
  now: number,
  inspect: Inspect = notAllowed,
): Verdict {
  return withException(weighed(artifact, found, policy, now, inspect), policy, now);
}

function weighed(
  artifact: Artifact,
  found: Findings,
  policy: Policy,
  now: number,
  inspect: Inspect,
): Verdict {
  const { target, inside } = artifact;
  // 1. The file is what it is asked to be.
  if (target !== null && inside !== null && inside.keyHex !== target.keyHex) {
    return withoutRule("misfit", artifact, found, policy, now);
  }
  // 2. A rule is for it: its votes decide, or its layout does.
  const verdicts = rulesFor(policy, target?.purl ?? null, artifact.listed).map((rule) => {
    if (rule === null) return withoutRule("no-rule", artifact, found, policy, now);
    const witnessed = witnessedBy(rule, found, now);
    const feeds = viewFeeds(found, witnessed, now);
    const { layout } = rule;
    if (layout !== null)
      return byLayout({ artifact, layout, rule, policy, found, witnessed, feeds, now, inspect });
    if (target === null) return withoutRule("no-rule", artifact, found, policy, now);
    const count = { artifact: { ...artifact, target }, rule, policy, found, witnessed, feeds, now };
    return rule.before === null ? byRule(count).verdict : byChain(count);
  });
  return strictest(verdicts);
}

function notAllowed(): ReturnType<Inspect> {
  return { ran: false, why: "running what a layout says is not allowed here" };
}

function withoutRule(
  problem: Problem,
  artifact: Artifact,
  found: Findings,
  policy: Policy,
  now: number,
): Verdict {
  const { target, inside } = artifact;
  const byDefault = { warn: "warn", refuse: "refuse", ignore: "allow" } as const;
  const [reason, next] =
    problem === "misfit"
      ? [
          `the file says that it is ${inside?.purl ?? ""} (${inside?.file ?? ""}), not ${target?.purl ?? ""} (${target?.file ?? ""})`,
          "get the right file, or name what it really is with --purl",
        ]
      : target === null
        ? ["nothing says what this file is", "name it: --purl pkg:TYPE/NAMESPACE/NAME@VERSION"]
        : [
            `no rule of the policy is for ${target.purl}`,
            "add a rule: samebits policy explain shows those there are",
          ];
  return Object.freeze({
    artifact,
    verdict: "pending",
    decision: problem === "misfit" ? "refuse" : byDefault[policy.default.mode],
    contradiction: null,
    problem,
    rule: null,
    mode: null,
    exception: null,
    policy: policy.sha256,
    needed: 0,
    agreeing: 0,
    source: null,
    view: "partial",
    votes: Object.freeze([]),
    reasons: Object.freeze([reason]),
    next,
    evidence: Object.freeze([]),
    attestations: Object.freeze([]),
    asked: found.asked,
    at: now,
  });
}

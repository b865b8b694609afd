/** A policy in words: what is demanded, of whom, and what happens otherwise. */
import { counted } from "../bytes/index.ts";
import { keyIdPlain } from "../crypto/index.ts";
import { writeAge, writeDate } from "./age.ts";
import { byRoleInWords } from "./by-role.ts";
import { onceInWords } from "./distinct.ts";
import { stepsOf } from "./find.ts";
import { explainLayout, explainLayoutRule } from "./layout-words.ts";
import { groupInWords, partyInWords, whoInWords } from "./party-words.ts";
import { stepsInWords } from "./steps-words.ts";
import { stepRules } from "./steps.ts";
import type { Builder, Exception, GitRule, Policy, Requirement, Revocation, Rule } from "./types.ts";

/** The whole policy, a line an item. */
export function explainPolicy(policy: Policy): readonly string[] {
  const builders = [...policy.builders.values()].flatMap(
    ({ name, operator, roles, traits, keys, revoked }) => [
      `  ${name}: ${operator === name ? "its own operator" : `run by ${operator}`}` +
        `${roles.length > 0 ? `, ${roles.join(", ")}` : ""}${traitsInWords(traits)}, ${counted(keys.length, "key")}`,
      ...revoked.map((one) => `    ${revocationInWords(one)}`),
    ],
  );
  const rules = policy.rules.flatMap((rule, index) => [
    `rule ${index + 1}:`,
    ...indent(explainRule(rule, policy)),
  ]);
  const witnesses = [...policy.witnesses.values()].map(
    ({ name, operator }) => `  ${name}: ${operator === name ? "its own operator" : `run by ${operator}`}`,
  );
  const groups = [...policy.groups.values()].map((group) => `  ${group.name}: ${groupInWords(group)}`);
  return [
    `${counted(policy.builders.size, "builder")}:`,
    ...builders,
    ...(groups.length > 0 ? ["groups:", ...groups] : []),
    ...(witnesses.length > 0 ? ["witnesses:", ...witnesses] : []),
    ...(policy.layouts.size > 0 ? ["layouts:", ...[...policy.layouts.values()].map(explainLayout)] : []),
    ...rules,
    ...policy.exceptions.map(explainException),
    explainDefault(policy),
  ];
}

/** One rule. */
export function explainRule(rule: Rule, policy: Policy): readonly string[] {
  const lines = [...(rule.layout === null ? votesInWords(rule, policy) : layoutInWords(rule, policy))];
  if (rule.logged) lines.push("A claim that agrees counts only where a feed is proven to carry it.");
  if (rule.loggedBy !== null) {
    lines.push(
      `The file must be listed by ${partyInWords(rule.loggedBy)}: a feed of its own is proven to carry its claim with this SHA-256, in any step.`,
    );
  }
  lines.push(...stepRules(rule).flatMap(sourceInWords), ...witnessesInWords(rule));
  if (rule.layout === null)
    lines.push(
      rule.view === "complete"
        ? "The feeds of all builders counted must be held in full, so that no dissent can be hidden."
        : "Feeds need not be held in full: withheld dissent may stay hidden.",
    );
  lines.push(MODES[rule.mode]);
  if (rule.rebuiltWithinMs !== null)
    lines.push(
      `Watchers are told of what a publisher lists and not enough have rebuilt within ${writeAge(rule.rebuiltWithinMs)}.`,
    );
  return lines;
}

function layoutInWords(rule: Rule, policy: Policy): readonly string[] {
  return [
    `"${rule.name}" is for ${rule.match}${aptInWords(rule)}.`,
    ...(rule.layout === null ? [] : explainLayoutRule(rule.layout, policy)),
  ];
}

function votesInWords(rule: Rule, policy: Policy): readonly string[] {
  const lines = [
    ...(rule.before === null
      ? [
          `"${rule.name}" is for ${rule.match}${aptInWords(rule)} and asks who did the step${rule.steps.length > 1 ? "s" : ""} ${rule.steps.map((step) => `"${step}"`).join(", ")}.`,
          `Reproduced means: ${sameInWords(rule)}.`,
        ]
      : [
          `"${rule.name}" is for ${rule.match}${aptInWords(rule)} and asks who did ${stepRules(rule).length} steps, one after the other; the last is about the file itself.`,
          ...stepsInWords(rule, sameInWords),
          "Reproduced means: every step is. A step that is contradicted, or that was done to something else than the step before gave, contradicts the file.",
        ]),
    `Counted: ${countedIn(rule, policy).join(", ")}.`,
    ...byRoleInWords(rule.onContradiction, CONTRADICTIONS),
    ...byRoleInWords(rule.onDifference, DIFFERENCES),
  ];
  if (rule.maxHeadAgeMs !== null) {
    lines.push(`A claim counts while its feed was heard within ${writeAge(rule.maxHeadAgeMs)}.`);
  }
  if (rule.maxAttestationAgeMs !== null) {
    lines.push(`A claim counts until it is ${writeAge(rule.maxAttestationAgeMs)} old.`);
  }
  return lines;
}

/** `the same SHA-256 from 2 of the 3 with the role rebuilder; an operator counts once`. */
function sameInWords(rule: Rule): string {
  return `the same SHA-256 from ${rule.requirements.map((one) => inWords(one, rule)).join(", and from ")}; ${onceInWords(rule.distinct)}`;
}

/** Who takes a seat, in any step. */
function countedIn(rule: Rule, policy: Policy): readonly string[] {
  const steps = stepRules(rule);
  return [...policy.builders.keys()].filter((name) => steps.some((step) => stepsOf(step, name).length > 0));
}

function witnessesInWords({ witnesses, maxHeadAgeMs, loggedForMs }: Rule): readonly string[] {
  if (witnesses === null) return [];
  const { k, of } = witnesses;
  const names = of.map(({ name }) => name).join(", ");
  return [
    `A claim that agrees counts only where ${counted(k, "witness has", "witnesses have")} cosigned a head of a feed that carries it, of ${names}; an operator counts once.`,
    ...(maxHeadAgeMs === null ? [] : ["When a feed was heard is the witnesses' word."]),
    ...(loggedForMs === null
      ? []
      : [`They must have done so ${writeAge(loggedForMs)} ago at least, by their clocks.`]),
  ];
}

/** Of a key that anybody may hold. */
function revocationInWords({ key, atMs, witnesses }: Revocation): string {
  const named = `key ${keyIdPlain(key).slice(0, 16)}… is revoked as of ${writeDate(atMs)}`;
  if (witnesses === null)
    return `${named}: from then on nothing of it counts, since no witness is named who could prove what it signed before`;
  const { k, of } = witnesses;
  return `${named}: from then on of it counts only what ${counted(k, "witness", "witnesses")} of ${of.map(({ name }) => name).join(", ")} had seen in a feed before; an operator counts once`;
}

/** What is done with artefacts that no rule matches. */
export function explainDefault(policy: Policy): string {
  const done = { warn: "a warning", refuse: "refused", ignore: "let through" }[policy.default.mode];
  return `Artefacts that no rule matches: ${done}.`;
}

/** One exception. */
export function explainException(exception: Exception): string {
  const { name, match, version, sha256, over, untilMs, reason } = exception;
  const what = `${match}${version === null ? "" : ` ${version}`}${sha256.length === 0 ? "" : ` (${counted(sha256.length, "file")} by SHA-256)`}`;
  const instead =
    over === "pending"
      ? "is let by with a warning where votes are missing"
      : "is let by with a warning, also against contradictions";
  return `Exception "${name}": ${what} ${instead}, until ${writeDate(untilMs)}: ${reason}.`;
}

const MODES: Readonly<Record<Rule["mode"], string>> = {
  enforce: "Enforced: without enough votes it is refused.",
  warn: "Being rolled out: missing votes only warn; a contradiction refuses as said above.",
  ignore: "Counted and shown only: nothing is refused.",
};

const CONTRADICTIONS = {
  refuse: "One builder with another result is enough to refuse.",
  majority: "Where results contradict each other, more must agree than contradict; a tie refuses.",
  warn: "Contradicting results only warn where enough others agree.",
} as const;

const DIFFERENCES = {
  show: "Another result from other inputs or another environment is shown and changes nothing.",
  contradict: "Another result from other inputs or another environment is a contradiction too.",
} as const;

function sourceInWords({ source, maxAttestationAgeMs: ofResults }: Rule): readonly string[] {
  if (source === null) return [];
  const same =
    source.git === null
      ? "All that count must have recorded one source (the commit, the .dsc or .buildinfo, or the only input)."
      : `All that count must have recorded one commit${placeInWords(source.git)}.`;
  const signed = source.git === null ? [] : signedInWords(source.git);
  if (source.stated === null) return [same, ...signed];
  const { requirement, maxAttestationAgeMs } = source.stated;
  const age = maxAttestationAgeMs === null ? "of any age" : `${writeAge(maxAttestationAgeMs)} old at most`;
  return [
    same,
    ...signed,
    `${source.git === null ? "That source" : "A file beside it (the .dsc or .buildinfo)"} must be stated by ${whoInWords(requirement)}, in the step "${requirement.step}": claims that give its SHA-256, held to what is asked of claims that agree${maxAttestationAgeMs === ofResults ? "" : `, but ${age}`}.`,
  ];
}

/** ` on the branch "main" of https://…`, as each of them says. */
function placeInWords({ branch, repositories }: GitRule): string {
  const of = repositories.length === 0 ? "" : ` of ${repositories.join(" or ")}`;
  return `${branch === null ? "" : `, and that it is on the branch "${branch}"`}${of === "" || branch !== null ? of : `, and that it is${of}`}`;
}

function signedInWords({ signed, tags }: GitRule): readonly string[] {
  if (signed === null) return [];
  const what =
    tags.length === 0
      ? "It or tags of it"
      : `Tags of it by the name ${tags.map((tag) => `"${tag}"`).join(" or ")} ({version}: of the package)`;
  return [
    `${what} must be signed by ${whoInWords(signed.requirement)}, with any of their keys that is not revoked, once each: verified from the octets that attestations bring.`,
  ];
}

/** `, where apt has it from the origin "Debian", …`: what its lists must say. */
function aptInWords({ apt }: Rule): string {
  if (apt === null) return "";
  const names = (what: string, patterns: readonly string[] | null): readonly string[] =>
    patterns === null ? [] : [`the ${what} ${patterns.map((one) => `"${one}"`).join(" or ")}`];
  const said = [...names("origin", apt.origins), ...names("suite", apt.suites)];
  return `, where apt's lists have the file from ${said.join(" and ")},`;
}

function inWords(requirement: Requirement, { steps }: Rule): string {
  const who = whoInWords(requirement);
  return steps.length > 1 ? `${who} in the step "${requirement.step}"` : who;
}

/** ` in DE, on debian arm64`: where it stands and what it builds on. */
function traitsInWords({ country, distribution, architecture }: Builder["traits"]): string {
  const base = [distribution, architecture].filter((one) => one !== null).join(" ");
  return `${country === null ? "" : `, in ${country}`}${base === "" ? "" : `, on ${base}`}`;
}

function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}

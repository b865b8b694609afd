/** The verdict by a rule with steps (spec/verdict.md, "Steps"): each on its own file, each of which the step before gave. */
import { toHex } from "../bytes/index.ts";
import type { Rule } from "../policy/index.ts";
import { givenBeside, originBefore, placeBefore, placeInHand, vouchedFor } from "./before.ts";
import type { Place, Unplaced } from "./before.ts";
import { byRule } from "./by-rule.ts";
import type { Counted } from "./by-rule.ts";
import type { Count } from "./dossier.ts";
import { oneProofEach } from "./proofs.ts";
import { DECISIONS, VERDICTS } from "./strictest.ts";
import type { ChainStep, Verdict } from "./types.ts";
import { onceEach } from "./used.ts";
import type { Ballot } from "./votes.ts";
import { seated } from "./voices.ts";
import { decideBy } from "./weigh.ts";

/** What one step comes to. */
interface Part extends Pick<
  Verdict,
  | "verdict"
  | "decision"
  | "contradiction"
  | "needed"
  | "agreeing"
  | "view"
  | "source"
  | "stated"
  | "signed"
  | "votes"
  | "reasons"
  | "next"
  | "evidence"
  | "attestations"
> {
  readonly rule: Rule;
  readonly place: Place | Unplaced;
  readonly ballots: readonly Ballot[];
}

/** Contradicted where one step is, else pending where one is; decided as the strictest of them. */
export function byChain(count: Count): Verdict {
  const parts = judgeUpTo(count, placeInHand(count));
  const chain = parts.map(stepOf);
  const verdict = first(VERDICTS, parts, (part) => part.verdict);
  const [{ source, stated, signed }] = parts;
  const { artifact, rule, policy, found, now } = count;
  return Object.freeze({
    artifact,
    verdict,
    decision: first(DECISIONS, parts, (part) => part.decision),
    contradiction: parts.find((part) => part.contradiction !== null)?.contradiction ?? null,
    problem: null,
    rule: rule.name,
    mode: rule.mode,
    exception: null,
    policy: policy.sha256,
    needed: sum(parts.map(({ needed }) => needed)),
    agreeing: sum(parts.map(({ agreeing }) => agreeing)),
    source,
    ...(stated === undefined ? {} : { stated }),
    ...(signed === undefined ? {} : { signed }),
    view: parts.every(({ view }) => view === "complete") ? "complete" : "partial",
    chain: Object.freeze(chain),
    votes: Object.freeze(parts.flatMap(({ votes }) => votes)),
    reasons: Object.freeze(reasonsIn(chain, verdict)),
    next: verdict === "pending" ? (parts.find(({ next }) => next !== null)?.next ?? null) : null,
    evidence: Object.freeze(oneProofEach(parts.flatMap(({ evidence }) => evidence))),
    attestations: onceEach(parts.flatMap(({ attestations }) => attestations)),
    asked: found.asked,
    at: now,
  });
}

/** All steps up to this one, first to last. */
function judgeUpTo(count: Count, place: Place): readonly [Part, ...Part[]] {
  const { before } = count.rule;
  const alone = countOn(count, place);
  if (before === null) return [partOf(count.rule, place, alone)];
  const placed = placeBefore(place, before, alone.ballots, count.found);
  const earlier =
    "why" in placed
      ? unplacedUpTo(before.rule, placed)
      : judgeUpTo({ ...count, rule: before.rule, artifact: placed.artifact }, placed);
  const last = earlier.at(-1);
  const isDone = last?.verdict === "reproduced";
  const origin = originBefore(place, before, { place: placed, isDone, ballots: last?.ballots ?? [] }, count);
  const counted = origin === null ? alone : countOn({ ...count, origin }, place);
  return [...earlier, partOf(count.rule, place, counted)];
}

/** With what those who agree got under another name: who got something else under that name, and says nothing else, contradicts. */
function countOn(count: Count, { artifact }: Place): Counted {
  const counted = byRule({ ...count, artifact });
  const { alias } = artifact;
  if (alias === undefined || alias.known !== null) return counted;
  const vouched = vouchedFor(givenBeside(alias, counted.ballots, count), count.rule);
  if (vouched.length === 0) return counted;
  const known = new Set([...alias.same, ...vouched]);
  return byRule({ ...count, artifact: { ...artifact, alias: { ...alias, known } } });
}

function partOf(rule: Rule, place: Place, { verdict, ballots }: Counted): Part {
  return { ...verdict, rule, place, ballots };
}

/** Of steps whose file is not known nobody can have said anything. */
function unplacedUpTo(rule: Rule, place: Unplaced): readonly [Part, ...Part[]] {
  const part: Part = {
    rule,
    place,
    ballots: [],
    verdict: "pending",
    decision: decideBy(rule, "pending", { decides: false, outvotable: false, warns: false }),
    contradiction: null,
    needed: seated(rule, []).needed,
    agreeing: 0,
    view: "partial",
    source: null,
    votes: [],
    reasons: [place.why],
    next: place.next,
    evidence: [],
    attestations: [],
  };
  const { before } = rule;
  if (before === null) return [part];
  const why = `it is not known either which file the step "${nameOf(rule)}" was about`;
  return [...unplacedUpTo(before.rule, { why, next: null }), part];
}

function stepOf({ rule, place, verdict, needed, agreeing, votes, reasons }: Part): ChainStep {
  const artifact = "why" in place ? null : place.artifact;
  return Object.freeze({
    step: nameOf(rule),
    file: artifact?.target.file ?? null,
    sha256: artifact === null ? null : toHex(artifact.sha256),
    from: rule.before?.from ?? null,
    verdict,
    needed,
    agreeing,
    votes: Object.freeze(votes),
    reasons: Object.freeze(reasons),
  });
}

function nameOf({ steps }: Rule): string {
  return steps[0] ?? "";
}

/** Of which step each is; what may be hidden is said once. */
function reasonsIn(chain: readonly ChainStep[], verdict: Verdict["verdict"]): readonly string[] {
  const said = chain.flatMap(({ step, reasons }) =>
    reasons.filter((reason) => !reason.startsWith(HIDDEN)).map((reason) => `in the step "${step}" ${reason}`),
  );
  const hidden = chain.flatMap(({ reasons }) => reasons.find((reason) => reason.startsWith(HIDDEN)) ?? []);
  return verdict === "reproduced" ? [...said, ...hidden.slice(0, 1)] : said;
}

const HIDDEN = "dissent may be hidden";

/** The first of the words that any of the parts has. */
function first<Word extends string>(
  words: readonly [Word, ...Word[]],
  parts: readonly Part[],
  wordOf: (part: Part) => Word,
): Word {
  const said = new Set(parts.map(wordOf));
  return words.find((word) => said.has(word)) ?? words[0];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

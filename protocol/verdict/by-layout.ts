/** The verdict by a layout (spec/verdict.md, "Layouts"): every step by enough functionaries, with one result, and the file a product of the last. */
import { toHex } from "../bytes/index.ts";
import { keysOfEvidence } from "../evidence/index.ts";
import type { Evidence } from "../evidence/index.ts";
import { judgeLayout } from "../intoto/index.ts";
import type { Artifacts, LayoutVerdict } from "../intoto/index.ts";
import type { FoundLayout } from "../policy/index.ts";
import { buildersOf } from "../policy/index.ts";
import { baseName, documentsFor } from "./chosen.ts";
import type { ChosenDocument } from "./chosen.ts";
import type { LayoutCase } from "./layout-case.ts";
import { findingOf, inWords, isUnusable, nextByLayout } from "./layout-finding.ts";
import { votesByLayout } from "./layout-votes.ts";
import { oneProofEach } from "./proofs.ts";
import { Signers } from "./signers.ts";
import type { LayoutFinding } from "./layout-types.ts";
import type { Artifact, ContradictionKind, FoundDocument, Verdict } from "./types.ts";
import { decideBy } from "./weigh.ts";

/** Where the layout's file is not here, or is not to be used, nothing is let by. */
export function byLayout(asked: LayoutCase): Verdict {
  const { found } = asked.layout;
  return found.kind === "good" ? byGood(asked, found) : unread(asked, found);
}

function unread(asked: LayoutCase, found: Exclude<FoundLayout, { readonly kind: "good" }>): Verdict {
  const { name, file } = asked.layout;
  const layout: LayoutFinding = Object.freeze({
    name,
    file,
    sha256: found.kind === "bad" ? found.sha256 : null,
    outcome: found.kind === "bad" ? "unusable" : "absent",
    problem: found.kind === "bad" ? Object.freeze({ code: found.code, message: found.message }) : null,
    steps: Object.freeze([]),
    notes: Object.freeze([]),
    rests: Object.freeze([]),
  });
  const reason =
    found.kind === "bad"
      ? `the layout "${name}" can't be used: ${found.message} (${found.code})`
      : `the layout "${name}" is not here: its file ${file} belongs beside the policy`;
  return written(asked, {
    verdict: "pending",
    contradiction: null,
    layout,
    votes: Object.freeze([]),
    view: "partial",
    reasons: [reason],
    next:
      found.kind === "bad"
        ? `get the layout ${file} as its owners signed it, or ask them for a new one`
        : `put the layout ${file} beside the policy (of a trust domain: samebits trust update)`,
    evidence: [],
  });
}

type Good = Extract<FoundLayout, { readonly kind: "good" }>;

interface Weighed {
  readonly verdict: Verdict["verdict"];
  readonly contradiction: ContradictionKind | null;
  readonly layout: LayoutVerdict;
  readonly reasons: readonly string[];
}

function byGood(asked: LayoutCase, good: Good): Verdict {
  const { artifact, rule, policy, found } = asked;
  const chosen = documentsFor(artifact, found.documents);
  const signers = new Signers(asked, buildersOf(rule, policy));
  const weighed = weigh(asked, good, chosen, signers);
  const finding = findingOf(asked, good, weighed.layout, { chosen, signers });
  const { votes, view } = votesByLayout(asked, finding, { chosen, signers });
  const verdict = weighed.verdict;
  return written(asked, {
    verdict,
    contradiction: weighed.contradiction,
    layout: finding,
    votes,
    view,
    reasons: [
      ...inWords(finding),
      ...weighed.reasons,
      ...(view === "partial" && verdict === "reproduced"
        ? ["dissent may be hidden: not all feeds are held in full"]
        : []),
    ],
    next: verdict === "pending" ? nextByLayout(asked, finding, votes) : null,
    evidence: evidenceAbout(asked),
  });
}

/** Without what does not count; and where that is not enough, whether a fork took it; and where it is, whether feeds carry it as the rule asks. */
function weigh(asked: LayoutCase, good: Good, chosen: readonly ChosenDocument[], signers: Signers): Weighed {
  const judged = (documents: readonly FoundDocument[]): LayoutVerdict =>
    judgeLayout(questionOf(asked, good, documents), asked.inspect);
  const layout = judged(signers.counting(chosen));
  switch (layout.outcome) {
    case "contradicted":
      return { verdict: "contradicted", contradiction: "split", layout, reasons: [] };
    case "failed":
      return {
        verdict: isUnusable(layout) ? "pending" : "contradicted",
        contradiction: null,
        layout,
        reasons: [],
      };
    case "incomplete": {
      const other = otherFile(asked.artifact, layout, good);
      if (other !== null) return { ...other, layout };
      const withForked = signers.counting(chosen, ["forked"]);
      const forkTookIt = signers.anyOut(chosen, "forked") && judged(withForked).outcome === "passed";
      return forkTookIt
        ? {
            verdict: "contradicted",
            contradiction: "fork",
            layout,
            reasons: ["with the links of a functionary whose feed forked it would be enough"],
          }
        : { verdict: "pending", contradiction: null, layout, reasons: [] };
    }
    case "passed": {
      const other = otherFile(asked.artifact, layout, good);
      if (other !== null) return { ...other, layout };
      const { rule } = asked;
      if (!rule.logged && rule.witnesses === null)
        return { verdict: "reproduced", contradiction: null, layout, reasons: [] };
      const carried = judged(signers.carried(chosen));
      return carried.outcome === "passed"
        ? { verdict: "reproduced", contradiction: null, layout, reasons: [] }
        : {
            verdict: "pending",
            contradiction: null,
            layout,
            reasons: [
              `the links agree, but not enough of them are proven to stand in a feed${rule.witnesses === null ? "" : " as the rule's witnesses have seen it"}`,
            ],
          };
    }
  }
}

function questionOf(
  { artifact, found, layout, now }: LayoutCase,
  { signed }: Good,
  documents: readonly FoundDocument[],
): Parameters<typeof judgeLayout>[0] {
  const name = artifact.target?.file ?? artifact.name;
  const alone: Artifacts = new Map([[name, new Map([["sha256", toHex(artifact.sha256)]])]]);
  return {
    layout: signed,
    owners: layout.owners,
    parameters: layout.parameters,
    documents,
    now,
    files: found.files ?? alone,
  };
}

/** What is known of the last step's products, and the file is none of them, or can't be told from one; null where it is one, or nothing is known. */
function otherFile(
  { sha256, target, name }: Artifact,
  { summary, steps }: LayoutVerdict,
  { signed }: Good,
): Pick<Weighed, "verdict" | "contradiction" | "reasons"> | null {
  const { content } = signed.document;
  const last = content.kind === "layout" ? content.steps.at(-1)?.name : undefined;
  const products = summary?.products ?? steps.find(({ step }) => step === last)?.link?.products;
  if (products === undefined || last === undefined) return null;
  const own = toHex(sha256);
  const digests = [...products].map(([path, some]) => ({ path, sha256: some.get("sha256") }));
  if (digests.some((one) => one.sha256 === own)) return null;
  const file = target?.file ?? name;
  const named = digests.find(({ path }) => baseName(path) === file);
  if (named !== undefined && named.sha256 === undefined) {
    const reason = `not enough functionaries gave a SHA-256 of ${file} in the last step "${last}": it can't be compared`;
    return { verdict: "pending", contradiction: null, reasons: [reason] };
  }
  const reason =
    named?.sha256 === undefined
      ? `it is no product of the last step "${last}"`
      : `the last step "${last}" gave another ${file}: ${named.sha256.slice(0, 8)}…`;
  return { verdict: "contradicted", contradiction: "file", reasons: [reason] };
}

/** What is proven of the functionaries: of feeds, and of this file. */
function evidenceAbout({ artifact, found, feeds, rule, policy }: LayoutCase): readonly Evidence[] {
  const keys = new Set(
    buildersOf(rule, policy).flatMap((builder) => builder.keys.map(({ raw }) => toHex(raw))),
  );
  const about = [...found.evidence, ...feeds.forks].filter(
    (evidence) =>
      keysOfEvidence(evidence).some((key) => keys.has(toHex(key))) &&
      (!("target" in evidence) || evidence.target.keyHex === artifact.target?.keyHex),
  );
  return oneProofEach(about);
}

function written(
  { artifact, rule, policy, found, now }: LayoutCase,
  said: Pick<Verdict, "verdict" | "contradiction" | "votes" | "view" | "reasons" | "next" | "evidence"> & {
    readonly layout: LayoutFinding;
  },
): Verdict {
  const { layout } = said;
  const steps = layout.steps.filter(({ step }) => rule.steps.includes(step));
  return Object.freeze({
    artifact,
    decision: decideBy(rule, said.verdict, { decides: true, outvotable: false, warns: false }),
    problem: null,
    rule: rule.name,
    mode: rule.mode,
    exception: null,
    policy: policy.sha256,
    needed: steps.reduce((sum, { threshold }) => sum + threshold, 0),
    agreeing: steps.reduce((sum, { threshold, agreeing }) => sum + Math.min(threshold, agreeing), 0),
    source: null,
    attestations: Object.freeze([]),
    asked: found.asked,
    at: now,
    ...said,
    reasons: Object.freeze(said.reasons),
    evidence: Object.freeze(said.evidence),
  });
}

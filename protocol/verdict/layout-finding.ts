/** What a layout makes of a file, in values and in words. */
import { claimId } from "../attestation/index.ts";
import { counted } from "../bytes/index.ts";
import { keyIdPlain, keyName } from "../crypto/index.ts";
import type { LayoutVerdict, LinkReport, Step, StepReport } from "../intoto/index.ts";
import { stepsOf } from "../policy/index.ts";
import type { FoundLayout } from "../policy/index.ts";
import type { LayoutCase } from "./layout-case.ts";
import type { ChosenDocument } from "./chosen.ts";
import type { Out, Signers } from "./signers.ts";
import type { LayoutFinding, LayoutLink, LayoutStep } from "./layout-types.ts";
import type { Vote } from "./types.ts";

/** The links that were considered, and whose signatures on them count. */
export interface Considered {
  readonly chosen: readonly ChosenDocument[];
  readonly signers: Signers;
}

/** What is wrong with the layout itself: it says nothing about the file, neither way. */
const OF_THE_LAYOUT: ReadonlySet<string> = new Set([
  "layout/bad-document",
  "layout/bad-signature",
  "layout/expired",
  "layout/parameter",
]);

/** Whether the layout itself is what can't be used. */
export function isUnusable({ outcome, problem }: LayoutVerdict): boolean {
  return outcome === "failed" && problem !== null && OF_THE_LAYOUT.has(problem.code);
}

/** The verdict's member `layout`. */
export function findingOf(
  { layout, rule, policy }: LayoutCase,
  { sha256, signed }: Extract<FoundLayout, { readonly kind: "good" }>,
  verdict: LayoutVerdict,
  considered: Considered,
): LayoutFinding {
  const { content } = signed.document;
  const told = new Map(verdict.steps.map((report) => [report.step, report]));
  const own = content.kind === "layout" ? content.steps : [];
  const nameOf = (link: LinkReport): string | null => considered.signers.holderOf(link.key)?.name ?? null;
  const mayDo = (step: string): readonly string[] =>
    [...policy.builders.keys()].filter((name) => stepsOf(rule, name).includes(step));
  const steps = own.map((step) => {
    const report = told.get(step.name) ?? unreported(step);
    return stepOf(report, nameOf, considered, mayDo(step.name));
  });
  const inner = verdict.steps
    .filter(({ step }) => !own.some(({ name }) => name === step))
    .map((report) => stepOf(report, nameOf, considered, []));
  return Object.freeze({
    name: layout.name,
    file: layout.file,
    sha256,
    outcome: isUnusable(verdict) ? "unusable" : verdict.outcome,
    problem: verdict.problem,
    steps: Object.freeze([...steps, ...inner]),
    notes: Object.freeze([...verdict.notes]),
    rests: restsOn(sha256, considered),
  });
}

function unreported({ name, threshold }: Step): StepReport {
  return { step: name, threshold, links: [], link: null };
}

function stepOf(
  { step, threshold, links }: StepReport,
  nameOf: (link: LinkReport) => string | null,
  considered: Considered,
  mayDo: readonly string[],
): LayoutStep {
  const shown = [
    ...links.map((link): LayoutLink =>
      Object.freeze({
        functionary: nameOf(link),
        keyid: keyIdPlain(link.key),
        place: link.place,
        taken: link.taken,
        why: link.why,
      }),
    ),
    ...outOf(step, considered),
  ];
  const heard = new Set(shown.map(({ functionary }) => functionary));
  const agreeing = links.filter(({ taken }) => taken === "counted");
  return Object.freeze({
    step,
    threshold,
    agreeing: new Set(agreeing.map(({ key }) => keyName(key))).size,
    links: Object.freeze(shown),
    missing: Object.freeze(mayDo.filter((name) => !heard.has(name))),
  });
}

const WHY: Readonly<Record<Out, string>> = {
  retracted: "its signer took it back",
  revoked: "a key that is revoked signed it, and it is not proven to be older",
  forked: "its signer's feed forked: it signed two histories that can't both be true",
};

/** Links of this step that the layout was not shown, since their signatures don't count. */
function outOf(step: string, { chosen, signers }: Considered): readonly LayoutLink[] {
  return chosen.flatMap((one) => {
    const { document, place, signers: keys } = one.found;
    const name = document.content.kind === "link" ? document.content.name : place.step;
    if (name !== step) return [];
    return keys.flatMap((key) => {
      const out = signers.outBy(one, key);
      if (out === null) return [];
      return Object.freeze({
        functionary: signers.holderOf(key)?.name ?? null,
        keyid: keyIdPlain(key),
        place: place.label,
        taken: "refused" as const,
        why: WHY[out],
      });
    });
  });
}

function restsOn(layout: string, { chosen }: Considered): LayoutFinding["rests"] {
  const links = chosen.flatMap(({ found }) =>
    found.signers.map((key) => ({
      // Of a folder's file its octets say which it is: nobody wraps them otherwise.
      claim: found.place.folder === null ? claimId(key.raw, found.document.signedBytes) : null,
      sha256: found.octets,
    })),
  );
  const once = new Map(links.map((one) => [one.claim ?? one.sha256, Object.freeze(one)]));
  return Object.freeze([Object.freeze({ claim: null, sha256: layout }), ...once.values()]);
}

/** Why the layout does not let it by; and what people should know. */
export function inWords({ problem, notes, outcome, name }: LayoutFinding): readonly string[] {
  const why =
    problem === null
      ? []
      : [
          outcome === "unusable"
            ? `the layout "${name}" can't be used: ${problem.message} (${problem.code})`
            : `${problem.message} (${problem.code})`,
        ];
  return [...why, ...notes];
}

/** One line a step: `build: 2 of 3 agreed (alice, bob)`, `sign: nobody yet of carol`. */
export function stepLines({ steps }: LayoutFinding): readonly string[] {
  return steps.map(({ step, threshold, agreeing, links, missing }) => {
    const by = (taken: LayoutLink["taken"]): string =>
      links
        .filter((link) => link.taken === taken)
        .map(({ functionary, keyid }) => functionary ?? `${keyid.slice(0, 8)}…`)
        .join(", ");
    const [agree, dissent] = [by("counted"), by("dissents")];
    const refused = links
      .filter(({ taken }) => taken === "refused")
      .map(
        ({ functionary, keyid, why }) =>
          `${functionary ?? `${keyid.slice(0, 8)}…`} does not count${why === null ? "" : `, ${why}`}`,
      );
    const said = [
      agreeing === 0 ? "" : `${agreeing} of ${threshold} needed agreed (${agree})`,
      dissent === "" ? "" : `another result from ${dissent}`,
      ...refused,
      agreeing >= threshold || missing.length === 0
        ? ""
        : `${agreeing === 0 && dissent === "" ? "nobody yet" : "not yet"} of ${missing.join(", ")}`,
    ].filter((part) => part !== "");
    return `${step}: ${said.length === 0 ? `0 of ${threshold} needed` : said.join("; ")}`;
  });
}

/** The one thing to do about a pending verdict by a layout. */
export function nextByLayout(
  { rule, found }: LayoutCase,
  { outcome, problem, steps, file }: LayoutFinding,
  votes: readonly Vote[],
): string {
  if (outcome === "unusable")
    return problem?.code === "layout/expired" || problem?.code === "layout/bad-document"
      ? `ask the owners of the layout ${file} for a new one`
      : problem?.code === "layout/parameter"
        ? "give the layout its parameters: parameters = { NAME = … } of the policy's table, or --parameter NAME=VALUE"
        : `get the layout ${file} as its owners signed it`;
  if (problem?.code === "layout/inspection")
    return "look at what the layout wants to run, and allow it: samebits verify --allow-inspections";
  const { local, mirrors, peers, dht } = found.asked;
  if (local + mirrors + peers + dht === 0 && votes.some(({ vote }) => vote === "unasked"))
    return "start a node (samebits node), name a peer with --bootstrap or a mirror with --mirror, or bring links with --links or --bundle";
  const lacking = steps.find(({ threshold, agreeing }) => agreeing < threshold);
  if (lacking === undefined)
    return rule.logged || rule.witnesses !== null
      ? "verify again when feeds carry the links, and witnesses have cosigned them: samebits node --follow policy collects it"
      : "verify again later";
  const { step, missing, threshold, agreeing } = lacking;
  const whom = missing.length === 0 ? "functionaries of the layout" : missing.join(" or ");
  const links = threshold - agreeing === 1 ? "a link" : counted(threshold - agreeing, "link");
  return `ask for ${links} of step "${step}" by ${whom}: samebits attest --step ${step}, or bring what they signed with --links DIR`;
}

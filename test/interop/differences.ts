/**
 * Where samebits judges otherwise than in-toto 1.3.1, and on purpose: each as a rule that turns what was drawn into the chain of which in-toto
 * says what samebits says of the drawn one. A case that differs in any other way is a bug of one of the two.
 */
import type {
  Chain,
  ChainPaper,
  Files,
  LinkPaper,
  Paper,
  Plan,
  PlannedStep,
  Sketch,
  Words,
} from "./sketch.ts";

export type Difference =
  | "unreadable links are left out, they do not end the verification"
  | "members that nobody signed make a document unreadable"
  | "key ids in signatures are hints"
  | "any of a key's signatures may be the right one"
  | "file names are hints"
  | "a link is of the step that it names"
  | "one key has one vote, whatever its ids"
  | "functionaries that may sign a step do not disagree, also where one is enough"
  | "digests are compared by the algorithms that both have"
  | "weak digests show nothing"
  | "an inspection that runs nothing is none that failed"
  | "a layout is no part of itself"
  | "parameters are plain values"
  | "braces are parameters, also where none is given";

/** What in-toto is asked instead; a sketch of null: samebits has to refuse. */
export interface Exact {
  readonly differences: readonly Difference[];
  readonly sketch: Sketch | null;
}

type Change = (chain: Chain) => Chain | null;

const CHANGES: readonly (readonly [Difference, Change])[] = [
  ["members that nobody signed make a document unreadable", withoutDamaged("member")],
  ["unreadable links are left out, they do not end the verification", withoutDamaged("cut")],
  ["key ids in signatures are hints", undamaged("key id")],
  ["any of a key's signatures may be the right one", undamaged("first signature")],
  ["a link is of the step that it names", (chain) => onLinks(chain, asNamed)],
  ["one key has one vote, whatever its ids", oneVote],
  ["file names are hints", (chain) => onLinks(chain, (link) => [{ ...link, filedAs: link.by }])],
  ["weak digests show nothing", (chain) => onLinks(chain, withoutWeak)],
  ["digests are compared by the algorithms that both have", (chain) => onLinks(chain, bySha256)],
  ["functionaries that may sign a step do not disagree, also where one is enough", allAgree],
  ["an inspection that runs nothing is none that failed", idle],
];

export function exactOf(sketch: Sketch): Exact {
  if (isInItself(sketch.chain, [])) return { differences: ["a layout is no part of itself"], sketch: null };
  const differences: Difference[] = [];
  let chain: Chain | null = sketch.chain;
  for (const [difference, change] of CHANGES) {
    const before: Chain = chain;
    chain = deeply(before, change);
    if (JSON.stringify(chain) !== JSON.stringify(before)) differences.push(difference);
    if (chain === null) return { differences, sketch: null };
  }
  const { parameters } = sketch;
  if (parameters === null && wordsOf(chain).some((word) => /\{[A-Za-z0-9_-]+\}/.test(word))) {
    return { differences: [...differences, "braces are parameters, also where none is given"], sketch: null };
  }
  if (
    parameters !== null &&
    Object.values(parameters).some((value) => !/^[A-Za-z0-9_.+~:/-]{1,256}$/.test(value))
  ) {
    return { differences: [...differences, "parameters are plain values"], sketch: null };
  }
  return { differences, sketch: { ...sketch, chain } };
}

/** The same for the sublayouts in it, and for theirs. */
function deeply(chain: Chain, change: Change): Chain | null {
  const papers: Paper[] = [];
  for (const paper of chain.papers) {
    if (paper.kind === "link") papers.push(paper);
    else {
      const inner = deeply(paper.chain, change);
      if (inner === null) return null;
      papers.push({ ...paper, chain: inner });
    }
  }
  return change({ ...chain, papers });
}

function isInItself({ plan, papers }: Chain, around: readonly Plan[]): boolean {
  if (around.some((outer) => JSON.stringify(outer) === JSON.stringify(plan))) return true;
  return papers.some((paper) => paper.kind === "chain" && isInItself(paper.chain, [...around, plan]));
}

function onLinks(chain: Chain, change: (link: LinkPaper, chain: Chain) => readonly LinkPaper[]): Chain {
  const papers = chain.papers.flatMap((paper): readonly Paper[] =>
    paper.kind === "link" ? change(paper, chain) : [paper],
  );
  return { ...chain, papers };
}

function withoutDamaged(damage: "member" | "cut"): Change {
  return (chain) => {
    if (chain.damage === damage) return null;
    const isHere = (paper: Paper): boolean =>
      paper.kind === "link" ? paper.damage !== damage : paper.chain.damage !== damage;
    return { ...chain, papers: chain.papers.filter(isHere) };
  };
}

function undamaged(damage: "key id" | "first signature"): Change {
  return (chain) => ({
    ...onLinks(chain, (link) => [link.damage === damage ? { ...link, damage: null } : link]),
    damage: chain.damage === damage ? null : chain.damage,
  });
}

/** Filed for the step that it names; nothing where the same is there already. */
function asNamed(link: LinkPaper, { papers }: Chain): readonly LinkPaper[] {
  if (link.name === link.step) return [link];
  const filed = { ...link, step: link.name };
  return papers.some((other) => JSON.stringify(other) === JSON.stringify(filed)) ? [] : [filed];
}

const AGAIN = " again";

/** Steps without a key's second id, and what was signed under it as if under the first. */
function oneVote(chain: Chain): Chain | null {
  const first = (name: string): string => name.replace(AGAIN, "");
  const steps = chain.plan.steps.map((step): PlannedStep => ({
    ...step,
    by: [...new Set(step.by.map(first))],
  }));
  const papers: Paper[] = [];
  for (const paper of chain.papers) {
    const by = first(paper.by);
    const renamed: Paper =
      paper.kind === "link" ? { ...paper, by, filedAs: first(paper.filedAs) } : { ...paper, by };
    const same = papers.find((other) => other.by === by && other.step === paper.step);
    if (same === undefined) papers.push(renamed);
    else if (JSON.stringify(same) !== JSON.stringify(renamed)) return null;
  }
  return { ...chain, plan: { ...chain.plan, steps }, papers };
}

const STRONG = ["sha256", "sha512", "gitCommit"];

/** A link by weak algorithms alone is about files that nobody else has. */
function withoutWeak(link: LinkPaper): readonly LinkPaper[] {
  if (link.algorithms.some((algorithm) => STRONG.includes(algorithm))) return [link];
  const own = (files: Files, kind: string): Files =>
    Object.fromEntries(
      Object.entries(files).map(([name, value]) => [name, `${value} of ${link.by} in ${link.step}, ${kind}`]),
    );
  return [
    {
      ...link,
      algorithms: ["sha256"],
      materials: own(link.materials, "taken"),
      products: own(link.products, "made"),
    },
  ];
}

function bySha256(link: LinkPaper): readonly LinkPaper[] {
  return [link.algorithms.includes("sha256") ? { ...link, algorithms: ["sha256"] } : link];
}

/** in-toto compares what two of them say only where two are asked for. */
function allAgree(chain: Chain): Chain {
  const steps = chain.plan.steps.map((step): PlannedStep => {
    const votes = new Set(chain.papers.filter((paper) => isVote(paper, step)).map(({ by }) => by));
    return step.threshold === 1 && votes.size > 1 ? { ...step, threshold: 2 } : step;
  });
  return { ...chain, plan: { ...chain.plan, steps } };
}

function isVote(paper: Paper, { name, by }: PlannedStep): boolean {
  if (paper.step !== name || !by.includes(paper.by)) return false;
  return paper.kind === "link" ? isWhole(paper) : isSigned(paper);
}

function isWhole({ by, filedAs, damage }: LinkPaper): boolean {
  return damage === null && by === filedAs;
}

function isSigned({ by, chain }: ChainPaper): boolean {
  return chain.damage === null && chain.signers.includes(by);
}

function idle(chain: Chain): Chain {
  const inspections = chain.plan.inspections.map((each) =>
    each.run.length === 0 ? { ...each, run: ["true"] } : each,
  );
  return { ...chain, plan: { ...chain.plan, inspections } };
}

/** All in which parameters are looked for where none is given. */
function wordsOf({ plan }: Chain): readonly string[] {
  const rules: readonly Words[] = [...plan.steps, ...plan.inspections].flatMap((item) => [
    ...item.materials,
    ...item.products,
  ]);
  return rules.flat();
}

/** A case for each deliberate difference, so made that in-toto 1.3.1 says something else of it. */
import type { Difference } from "./differences.ts";
import { LOOK, strictChain } from "./families.ts";
import type { Case } from "./families.ts";
import type { Chain, Files, LinkPaper, Sketch } from "./sketch.ts";
import { chainOf, linkBy, sketchOf, stepOf } from "./sketch.ts";

/** The clean chain of two builders, of whom so many have to agree, with the links of the building as they are changed to. */
function twoBuilders(
  threshold: number,
  change: (links: readonly LinkPaper[]) => readonly LinkPaper[],
): Sketch {
  const { steps, papers, files } = strictChain([["carol"], ["alice", "bob"]], [1, threshold]);
  const [first, ...rest] = papers;
  return sketchOf(chainOf(steps, [...(first === undefined ? [] : [first]), ...change(rest)], [LOOK]), files);
}

/** With the digests of all links by these algorithms, and with or without inspection. */
function digestedBy(algorithms: readonly (readonly string[])[], isInspected: boolean): Sketch {
  const { steps, papers, files } = strictChain([["carol"], ["alice"]], [1, 1]);
  const links = papers.map((paper, at) => ({ ...paper, algorithms: algorithms[at] ?? ["sha256"] }));
  return sketchOf(chainOf(steps, links, isInspected ? [LOOK] : []), files);
}

function changed(sketch: Sketch, plan: Partial<Chain["plan"]>): Sketch {
  return { ...sketch, chain: { ...sketch.chain, plan: { ...sketch.chain.plan, ...plan } } };
}

const same = (links: readonly LinkPaper[]): readonly LinkPaper[] => links;
const onFirst =
  (change: Partial<LinkPaper>) =>
  ([first, ...rest]: readonly LinkPaper[]): readonly LinkPaper[] =>
    first === undefined ? rest : [{ ...first, ...change }, ...rest];
const EVIL: Files = { "src/a.c": "one", README: "two", "dist/foo.deb": "evil" };

function strict(): readonly (readonly [Difference, Sketch])[] {
  const alone = twoBuilders(1, (links) => links.slice(0, 1));
  const oneKey = strictChain([["carol"], ["alice", "alice again"]], [1, 2]);
  const braces = stepOf(
    "build",
    ["alice"],
    1,
    [],
    [
      ["ALLOW", "*"],
      ["DISALLOW", "{x}"],
    ],
  );
  const parametered = stepOf(
    "build",
    ["alice"],
    1,
    [],
    [
      ["ALLOW", "{FILES}"],
      ["DISALLOW", "*"],
    ],
  );
  // two layouts of one step each, the inner one by the only functionary of both
  const whole = chainOf([stepOf("build", ["alice"], 1)], []);
  const circular: Chain = {
    ...whole,
    papers: [
      {
        kind: "chain",
        by: "alice",
        step: "build",
        chain: { ...whole, signers: ["alice"], papers: [linkBy("alice", "build", {}, {})] },
      },
    ],
  };
  const built = linkBy("alice", "build", {}, { "dist/foo.deb": "three" });
  return [
    [
      "unreadable links are left out, they do not end the verification",
      twoBuilders(1, onFirst({ damage: "cut" })),
    ],
    ["members that nobody signed make a document unreadable", twoBuilders(2, onFirst({ damage: "member" }))],
    [
      "members that nobody signed make a document unreadable",
      { ...alone, chain: { ...alone.chain, damage: "member" } },
    ],
    ["key ids in signatures are hints", twoBuilders(2, onFirst({ damage: "key id" }))],
    ["key ids in signatures are hints", { ...alone, chain: { ...alone.chain, damage: "key id" } }],
    [
      "any of a key's signatures may be the right one",
      twoBuilders(2, onFirst({ damage: "first signature" })),
    ],
    [
      "file names are hints",
      twoBuilders(1, ([first]) => (first === undefined ? [] : [{ ...first, filedAs: "bob" }])),
    ],
    ["a link is of the step that it names", twoBuilders(2, onFirst({ name: "another" }))],
    ["a link is of the step that it names", twoBuilders(1, onFirst({ name: "another", products: EVIL }))],
    ["one key has one vote, whatever its ids", sketchOf(chainOf(oneKey.steps, oneKey.papers), oneKey.files)],
    [
      "functionaries that may sign a step do not disagree, also where one is enough",
      twoBuilders(1, ([first, second]) => (first && second ? [first, { ...second, products: EVIL }] : [])),
    ],
    [
      "digests are compared by the algorithms that both have",
      digestedBy([["sha512", "sha256"], ["sha256"]], false),
    ],
    [
      "digests are compared by the algorithms that both have",
      digestedBy([["sha256"], ["sha512", "sha256"]], true),
    ],
    [
      "digests are compared by the algorithms that both have",
      twoBuilders(2, onFirst({ algorithms: ["sha512", "sha256"] })),
    ],
    ["weak digests show nothing", digestedBy([["md5"], ["md5"]], false)],
    ["weak digests show nothing", digestedBy([["sha1"], ["sha1"]], false)],
    [
      "an inspection that runs nothing is none that failed",
      changed(twoBuilders(2, same), { inspections: [{ ...LOOK, run: [] }] }),
    ],
    ["a layout is no part of itself", sketchOf(circular)],
    ["braces are parameters, also where none is given", sketchOf(chainOf([braces], [built]))],
    [
      "parameters are plain values",
      { ...sketchOf(chainOf([parametered], [built])), parameters: { FILES: "*" } },
    ],
  ];
}

export interface StrictCase extends Case {
  readonly difference: Difference;
}

export function strictCases(): readonly StrictCase[] {
  return strict().map(([difference, sketch], at) => ({
    name: `strict ${at}: ${difference}`,
    difference,
    sketch,
  }));
}

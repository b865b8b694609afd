/** Families of generated cases: what in-toto can be asked about layouts. The same seed gives the same cases. */
import { Random } from "../sim/random.ts";
import { CREW } from "./cast.ts";
import { artifacts, content, handedOn, rules, worked } from "./draw.ts";
import type {
  Chain,
  Damage,
  Files,
  LinkPaper,
  Paper,
  PlannedInspection,
  PlannedStep,
  Sketch,
} from "./sketch.ts";
import { chainOf, FAR, linkBy, PAST, sketchOf, stepOf } from "./sketch.ts";

export interface Case {
  readonly name: string;
  readonly sketch: Sketch;
}

interface Family {
  readonly name: string;
  readonly cases: number;
  readonly draw: (random: Random) => Sketch;
}

const STEPS = ["tag", "build", "sign"] as const;

/** Some of those who may sign; seldom one with an RSA key, with which in-toto needs 0.1 s to sign. */
function crew(random: Random, count: number): readonly string[] {
  const all = random.shuffled([...CREW, "eve"]);
  return random.shuffled([...(random.chance(0.06) ? ["rita"] : []), ...all].slice(0, count));
}

/** One to three steps, each by one functionary, with random rules; at times inspections look at what lies there. */
function drawRules(random: Random): Sketch {
  const names = STEPS.slice(0, 1 + random.below(3));
  const inspected = random.chance(0.35) ? ["look"] : [];
  const others = [...names, ...inspected];
  const steps: PlannedStep[] = [];
  const papers: LinkPaper[] = [];
  let before: Files = artifacts(random, 6);
  for (const name of names) {
    const [by = ""] = crew(random, 1);
    const materials = papers.length === 0 ? before : handedOn(random, before);
    const products = worked(random, materials);
    const expected = [rules(random, materials, others), rules(random, products, others)] as const;
    steps.push(stepOf(name, [by], 1, ...expected));
    papers.push(linkBy(by, name, materials, products));
    before = products;
  }
  const files = random.chance(0.7) ? before : handedOn(random, before);
  const look = inspected.map((name): PlannedInspection => ({
    name,
    materials: rules(random, files, others),
    products: rules(random, files, others),
    run: ["true"],
  }));
  return sketchOf(chainOf(steps, papers, look), files);
}

/** A clean chain of two steps in which each takes all that the one before gave, and nobody may add anything. */
export function strictChain(
  by: readonly (readonly string[])[],
  thresholds: readonly number[],
): { readonly steps: readonly PlannedStep[]; readonly papers: readonly LinkPaper[]; readonly files: Files } {
  const source = { "src/a.c": "one", README: "two" };
  const built = { ...source, "dist/foo.deb": "three" };
  const handed: Files[] = [source, built];
  const steps = ["tag", "build"].map((name, at) =>
    stepOf(
      name,
      by[at] ?? [],
      thresholds[at] ?? 1,
      at === 0
        ? [["ALLOW", "*"]]
        : [
            ["MATCH", "*", "WITH", "PRODUCTS", "FROM", "tag"],
            ["DISALLOW", "*"],
          ],
      at === 0
        ? [["ALLOW", "*"]]
        : [
            ["CREATE", "dist/*.deb"],
            ["ALLOW", "src/*"],
            ["ALLOW", "README"],
            ["DISALLOW", "*"],
          ],
    ),
  );
  const papers = steps.flatMap(({ name, by: functionaries }, at) =>
    functionaries.map((who) => linkBy(who, name, handed[at - 1] ?? source, handed[at] ?? {})),
  );
  return { steps, papers, files: built };
}

export const LOOK: PlannedInspection = {
  name: "look",
  materials: [
    ["MATCH", "dist/*", "WITH", "PRODUCTS", "FROM", "build"],
    ["ALLOW", "src/*"],
    ["ALLOW", "README"],
    ["DISALLOW", "*"],
  ],
  products: [
    ["MATCH", "*", "WITH", "PRODUCTS", "FROM", "build"],
    ["DISALLOW", "*"],
  ],
  run: ["true"],
};

/** What may happen to one link. */
function disturbed(random: Random, paper: LinkPaper): readonly LinkPaper[] {
  const damaged = (damage: Damage): readonly LinkPaper[] => [{ ...paper, damage }];
  switch (random.below(16)) {
    case 0:
    case 1:
      return [];
    case 2:
    case 3:
      return [{ ...paper, products: { ...paper.products, "dist/foo.deb": content(random) } }];
    case 4:
      return [{ ...paper, products: { ...paper.products, "extra.sh": "evil" } }];
    case 5:
      return [{ ...paper, materials: { ...paper.materials, "extra.h": "evil" } }];
    case 6:
      return damaged("signature");
    case 7:
      return damaged("content");
    default:
      return [paper];
  }
}

/** Some functionaries a step, of whom some have to agree; links are missing, tampered with, others', or say something else. */
function drawThresholds(random: Random): Sketch {
  const by = [0, 1].map(() => crew(random, 1 + random.below(4)));
  const thresholds = by.map((all) =>
    Math.max(1, 1 + random.below(all.length + (random.chance(0.1) ? 1 : 0))),
  );
  const { steps, papers, files } = strictChain(by, thresholds);
  const handed = papers.flatMap((paper) => (random.chance(0.6) ? [paper] : disturbed(random, paper)));
  const foreign = random.chance(0.2) ? [linkBy("mallory", "build", {}, { "dist/foo.deb": "evil" })] : [];
  return sketchOf(chainOf(steps, [...handed, ...foreign], random.chance(0.3) ? [LOOK] : []), files);
}

/** A chain in which all is well, and one thing done to it, or none. */
function drawTampering(random: Random): Sketch {
  const by = [crew(random, 1), crew(random, 1)];
  const { steps, papers, files } = strictChain(by, [1, 1]);
  const chain = chainOf(steps, papers, [LOOK]);
  const good = sketchOf(chain, files);
  const at = random.below(papers.length);
  const change = (paper: LinkPaper): Sketch => ({
    ...good,
    chain: { ...chain, papers: papers.map((old, i) => (i === at ? paper : old)) },
  });
  const victim = papers[at] ?? linkBy("", "", {}, {});
  const whole = (changed: Partial<Chain>): Sketch => ({ ...good, chain: { ...chain, ...changed } });
  const drawn: readonly (() => Sketch)[] = [
    () => good,
    () => ({ ...good, files: { ...files, "dist/foo.deb": "evil" } }),
    () => ({ ...good, files: { ...files, "dist/bar.deb": "evil" } }),
    () => ({ ...good, files: { "src/a.c": "one" } }),
    () => ({ ...good, owners: ["other owner"] }),
    () => ({ ...good, owners: ["owner", "other owner"] }),
    () => ({
      ...good,
      chain: { ...chain, signers: ["owner", "other owner"] },
      owners: ["owner", "other owner"],
    }),
    () => whole({ signers: ["owner", "other owner"] }),
    () => whole({ signers: ["mallory"] }),
    () => whole({ signers: [] }),
    () => whole({ damage: "signature" }),
    () => whole({ damage: "content" }),
    () => whole({ damage: "cut" }),
    () => whole({ plan: { ...chain.plan, expires: PAST } }),
    () => whole({ papers: papers.filter((_, i) => i !== at) }),
    () => change({ ...victim, damage: "signature" }),
    () => change({ ...victim, damage: "content" }),
    () => change({ ...victim, by: "mallory", filedAs: "mallory" }),
    () => change({ ...victim, by: "mallory" }),
    () => change({ ...victim, products: { ...victim.products, "extra.sh": "evil" } }),
    () => change({ ...victim, materials: { ...victim.materials, "extra.h": "evil" } }),
    () => change({ ...victim, materials: {}, products: {} }),
  ];
  return random.pick(drawn)();
}

/** A step that its functionary handed on to a layout of his own, itself at times in need of one. */
function drawSublayouts(random: Random): Sketch {
  const { steps, papers, files } = strictChain([["alice"], ["bob"]], [1, 1]);
  const at = random.below(2);
  const victim = papers[at] ?? linkBy("", "", {}, {});
  const depth = 1 + random.below(2);
  const nested = papers.map((paper, i): Paper => (i === at ? nest(random, victim, depth) : paper));
  return sketchOf(chainOf(steps, nested, random.chance(0.5) ? [LOOK] : []), files);
}

/** That link's step, done as two steps by others. */
function nest(random: Random, paper: LinkPaper, depth: number): Paper {
  const names = [`first ${depth}`, `second ${depth}`] as const;
  const between = { ...paper.materials, "half.o": "half" };
  const first = linkBy("carol", names[0], paper.materials, between);
  const second = linkBy("dan", names[1], random.chance(0.1) ? {} : between, paper.products);
  const match = [
    ["MATCH", "*", "WITH", "PRODUCTS", "FROM", names[0]],
    ["DISALLOW", "*"],
  ];
  const steps = [stepOf(names[0], ["carol"], 1), stepOf(names[1], ["dan"], 1, match)];
  const inner = depth > 1 ? nest(random, second, depth - 1) : second;
  const papers = random.chance(0.1) ? [inner] : [first, inner];
  const signers = random.chance(0.1) ? ["mallory"] : [paper.by];
  const plan = { expires: random.chance(0.1) ? PAST : FAR, steps, inspections: [] };
  const damage = random.chance(0.1) ? "signature" : null;
  return { kind: "chain", by: paper.by, step: paper.step, chain: { plan, signers, damage, papers } };
}

/** Rules and commands with parameters, given, missing, too many, or with braces that are none. */
function drawParameters(random: Random): Sketch {
  const { papers, files } = strictChain([["alice"], ["bob"]], [1, 1]);
  const name = random.pick([
    "{NAME}",
    "{NAME}.deb",
    "dist/{NAME}.deb",
    "{DIR}/{NAME}.{EXT}",
    "{{NAME}}",
    "{DIR}/foo.deb",
  ]);
  const steps = [
    stepOf("tag", ["alice"], 1),
    stepOf(
      "build",
      ["bob"],
      1,
      [],
      [
        ["CREATE", name],
        ["MATCH", "*", "WITH", "PRODUCTS", "FROM", "tag"],
        ["DISALLOW", "*"],
      ],
    ),
  ];
  const given: Record<string, string> = {
    NAME: random.pick(["foo", "foo.deb", "f*"]),
    DIR: "dist",
    EXT: "deb",
  };
  if (random.chance(0.1)) delete given["NAME"];
  if (random.chance(0.3)) given["UNUSED"] = "x";
  return { ...sketchOf(chainOf(steps, papers, random.chance(0.3) ? [LOOK] : []), files), parameters: given };
}

const FAMILIES: readonly Family[] = [
  { name: "rules", cases: 150, draw: drawRules },
  { name: "thresholds", cases: 80, draw: drawThresholds },
  { name: "tampering", cases: 60, draw: drawTampering },
  { name: "sublayouts", cases: 30, draw: drawSublayouts },
  { name: "parameters", cases: 20, draw: drawParameters },
];

export function casesOf(seed: number): readonly Case[] {
  return FAMILIES.flatMap(({ name, cases, draw }) => {
    const random = new Random(seed ^ name.length);
    return Array.from({ length: cases }, (_, at) => ({ name: `${name} ${at}`, sketch: draw(random.fork()) }));
  });
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { keyIdPlain } from "../../../protocol/crypto/index.ts";
import { judgeLayout, parseDocument } from "../../../protocol/intoto/index.ts";
import { MAX_SUBLAYOUT_DEPTH } from "../../../protocol/limits.ts";
import { ended, judged, keyJson, layoutJson, link, metablock, NOW, pathOf, signer } from "./world.ts";
import type { Case, Signer } from "./world.ts";

const [A, B, C] = [signer("a"), signer("b"), signer("c")] as const;
const INNER = layoutJson([
  {
    name: "one",
    by: [B],
    products: [
      ["CREATE", "mid"],
      ["DISALLOW", "*"],
    ],
  },
  {
    name: "two",
    by: [C],
    materials: [
      ["MATCH", "mid", "WITH", "PRODUCTS", "FROM", "one"],
      ["DISALLOW", "*"],
    ],
  },
]);
const OUTER = layoutJson([
  { name: "s", by: [A] },
  {
    name: "t",
    by: [B],
    materials: [
      ["MATCH", "*", "WITH", "PRODUCTS", "FROM", "s"],
      ["DISALLOW", "*"],
    ],
  },
]);

function folderOf(step: string, { id }: { readonly id: string }): string {
  return `${step}.${id.slice(0, 8)}`;
}

const IN = folderOf("s", A);
const ONE = link(B, "one", { materials: { src: "1" }, products: { mid: "2" } });
const TWO = link(C, "two", { materials: { mid: "2" }, products: { out: "3" } });
const LAST = link(B, "t", { materials: { out: "3" } });
const LINKS: Readonly<Record<string, Uint8Array>> = {
  [pathOf("s", A)]: metablock(INNER, [A]),
  [`${IN}/${pathOf("one", B)}`]: ONE,
  [`${IN}/${pathOf("two", C)}`]: TWO,
  [pathOf("t", B)]: LAST,
};

async function outcome(links: Case["links"], more: Partial<Case> = {}): Promise<string> {
  return ended(await judged({ layout: OUTER, links: links ?? {}, ...more }));
}

test("a layout in the place of a link is verified with the functionary as its owner, and is one link: its first materials, its last products", async () => {
  const verdict = await judged({ layout: OUTER, links: LINKS });
  assert.equal(ended(verdict), "passed");
  assert.deepEqual(
    verdict.steps.map(({ step, links }) => [step, links.length]),
    [
      ["s", 1],
      ["s/one", 1],
      ["s/two", 1],
      ["t", 1],
    ],
  );
  const [agreed] = verdict.steps.map((report) => report.link);
  assert.deepEqual([...(agreed?.materials.keys() ?? [])], ["src"]);
  assert.deepEqual([...(agreed?.products.keys() ?? [])], ["out"]);
  assert.equal(
    await outcome({ ...LINKS, [pathOf("t", B)]: link(B, "t", { materials: { out: "4" } }) }),
    "failed layout/rule",
  );
});

test("what fails in it fails the layout, what is missing leaves it incomplete, and the message leads there", async () => {
  const broken = { ...LINKS, [`${IN}/${pathOf("two", C)}`]: link(C, "two", { materials: { mid: "9" } }) };
  const verdict = await judged({ layout: OUTER, links: broken });
  assert.equal(ended(verdict), "failed layout/rule");
  assert.match(
    verdict.problem?.message ?? "",
    /the sublayout of step "s" by .*step "s\/two", materials: DISALLOW/,
  );
  const { [`${IN}/${pathOf("two", C)}`]: _, ...missing } = LINKS;
  assert.equal(await outcome(missing), "incomplete layout/too-few-links");
  const late = metablock({ ...INNER, expires: "2026-01-01T00:00:00Z" }, [A]);
  assert.equal(await outcome({ ...LINKS, [pathOf("s", A)]: late }), "failed layout/expired");
  const dissent = { ...LINKS, [`${IN}/one.00000000.link`]: link(B, "one", { products: { mid: "5" } }) };
  assert.equal(await outcome(dissent), "contradicted layout/disagree");
});

test("it counts where a functionary signed it, and in the folder and file that its step and signer name", async () => {
  const stranger = { ...LINKS, [pathOf("s", A)]: metablock(INNER, [C]) };
  assert.equal(await outcome(stranger), "incomplete layout/too-few-links");
  const elsewhere = {
    [pathOf("s", A)]: metablock(INNER, [A]),
    [`other/${pathOf("one", B)}`]: ONE,
    [`${IN}/${pathOf("two", C)}`]: TWO,
    [pathOf("t", B)]: LAST,
  };
  assert.equal(await outcome(elsewhere), "incomplete layout/too-few-links");
  const { [pathOf("s", A)]: sub = new Uint8Array(), ...rest } = LINKS;
  assert.equal(
    await outcome({ ...rest, "x.layout": sub }),
    "incomplete layout/too-few-links",
    "no step says it",
  );
});

test("the folder may bear any id of the functionary's", async () => {
  for (const id of [A.id, keyIdPlain(A.key), "f".repeat(64)]) {
    const layout = {
      ...OUTER,
      keys: { [A.id]: keyJson(A), ["f".repeat(64)]: keyJson(A), [B.id]: keyJson(B) },
    };
    const folder = folderOf("s", { id });
    const links = {
      [pathOf("s", { id })]: metablock(INNER, [A]),
      [`${folder}/${pathOf("one", B)}`]: ONE,
      [`${folder}/${pathOf("two", C)}`]: TWO,
      [pathOf("t", B)]: LAST,
    };
    assert.equal(await outcome(links, { layout }), "passed", id);
  }
});

test("links of a feed, which has no folders, count in the sublayout too", async () => {
  const links = { [pathOf("s", A)]: metablock(INNER, [A]) };
  assert.equal(await outcome(links, { loose: [ONE, TWO, LAST] }), "passed");
});

test("parameters are the outermost layout's: none reach a sublayout", async () => {
  const inner = layoutJson([{ name: "one", by: [B], products: [["ALLOW", "{P}"]] }]);
  const links = { ...LINKS, [pathOf("s", A)]: metablock(inner, [A]) };
  assert.equal(await outcome(links, { parameters: { P: "x" } }), "failed layout/parameter");
});

test("a layout that is part of itself fails", async () => {
  const outer = layoutJson([{ name: "s", by: [A] }]);
  const same = metablock(outer, [A]);
  const layout = metablock(outer, [A]);
  const links = { [pathOf("s", A)]: same };
  const one = await judged({ layout, links, owners: [A.key] });
  assert.equal(ended(one), "failed layout/sublayout");
  assert.match(one.problem?.message ?? "", /is one that it is part of/);
  // Two that hold each other.
  const [x, y] = ["x", "y"].map((readme) => ({ ...outer, readme }));
  const xy = { [pathOf("s", A)]: metablock(y, [A]), [`${IN}/${pathOf("s", A)}`]: metablock(x, [A]) };
  assert.equal(
    ended(await judged({ layout: metablock(x, [A]), links: xy, owners: [A.key] })),
    "failed layout/sublayout",
  );
});

/** Layouts in each other, `depth` of them below the first, and a link in the last. */
function nested(depth: number, by: Signer): Case {
  const links: Record<string, Uint8Array> = {};
  let folder = "";
  for (let at = 1; at <= depth + 1; at++) {
    const inner = layoutJson([{ name: "s", by: [by] }], [], { readme: `layout ${at}` });
    links[folder + pathOf("s", by)] = at > depth ? link(by, "s") : metablock(inner, [by]);
    folder += `${folderOf("s", by)}/`;
  }
  return { layout: metablock(layoutJson([{ name: "s", by: [by] }]), [by]), links, owners: [by.key] };
}

test(`layouts in layouts ${MAX_SUBLAYOUT_DEPTH} deep pass; one more, and a hundred, do not`, async () => {
  assert.equal(ended(await judged(nested(MAX_SUBLAYOUT_DEPTH, A))), "passed");
  const more = await judged(nested(MAX_SUBLAYOUT_DEPTH + 1, A));
  assert.equal(ended(more), "failed layout/sublayout");
  assert.match(more.problem?.message ?? "", /layouts in layouts, more than 8 deep/);
  assert.equal(ended(await judged(nested(100, A))), "failed layout/sublayout");
});

test("layouts that multiply are given up", async () => {
  // Each of nine layouts may be the step of each other, in any order: 9 · 8 · 7 · …, twice each, if nobody counted.
  const steps = ["s", "t"].map((name) => ({ name, by: [A] }));
  const levels = Array.from({ length: 9 }, (_, at) =>
    parseDocument(metablock(layoutJson(steps, [], { readme: `${at}` }), [A])),
  );
  const documents = levels.flatMap((document) =>
    ["s", "t"].map((step) => ({ document, signers: [A.key], place: { label: step, step, folder: null } })),
  );
  const [layout] = documents;
  assert.ok(layout !== undefined);
  const question = { owners: { keys: [A.key], k: 1 }, parameters: new Map(), now: NOW, files: new Map() };
  const verdict = judgeLayout({ layout, documents, ...question }, () => ({ ran: false, why: "" }));
  assert.equal(ended(verdict), "failed layout/too-much");
  assert.match(verdict.problem?.message ?? "", /more than 1024 sublayouts/);
});

/** How a verification ends, by what is wrong: its outcome, its code, and words that lead to the place. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { LayoutVerdict } from "../../../protocol/intoto/index.ts";
import { judged, layoutJson, link, metablock, pathOf, signer } from "./world.ts";
import type { Case } from "./world.ts";

const [A, B] = [signer("a"), signer("b")] as const;
const LAYOUT = layoutJson([{ name: "build", by: [A, B] }]);
const LINKS = { [pathOf("build", A)]: link(A, "build", { products: { f: "x" } }) };
const SUBLAYOUT = metablock(layoutJson([{ name: "build", by: [A] }]), [A]);
const PATTERN = `?*${"a".repeat(2_000)}b`;
const NAMES = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`${"a".repeat(4_000)}${at}`, "x"]));

interface Row {
  readonly outcome: LayoutVerdict["outcome"];
  readonly code: string | null;
  readonly words: RegExp;
  readonly given: Case;
}

const ROWS: readonly Row[] = [
  { outcome: "passed", code: null, words: /^$/, given: { layout: LAYOUT, links: LINKS } },
  {
    outcome: "failed",
    code: "layout/bad-document",
    words: /^root.layout is a link, and no layout$/,
    given: { layout: link(A, "build") },
  },
  {
    outcome: "failed",
    code: "layout/bad-signature",
    words: /^root.layout: 0 of 1 owners' keys that are needed have signed the layout$/,
    given: { layout: metablock(LAYOUT, [A]), links: LINKS },
  },
  {
    outcome: "failed",
    code: "layout/expired",
    words: /^root.layout: the layout expired 2026-11-28T23:59:59.000Z$/,
    given: { layout: { ...LAYOUT, expires: "2026-11-28T23:59:59Z" }, links: LINKS },
  },
  {
    outcome: "failed",
    code: "layout/parameter",
    words: /^root.layout: the parameter P is "\*": letters, digits/,
    given: { layout: LAYOUT, links: LINKS, parameters: { P: "*" } },
  },
  {
    outcome: "incomplete",
    code: "layout/too-few-links",
    words: /^step "build": 0 of 1 functionaries needed have signed a link$/,
    given: { layout: LAYOUT },
  },
  {
    outcome: "contradicted",
    code: "layout/disagree",
    words: /^step "build": functionaries got different results: [0-9a-f]{8} against [0-9a-f]{8}$/,
    given: { layout: LAYOUT, links: { ...LINKS, [pathOf("build", B)]: link(B, "build") } },
  },
  {
    outcome: "failed",
    code: "layout/rule",
    words: /^step "build", products: DISALLOW \*: "f" may not be there$/,
    given: { layout: layoutJson([{ name: "build", by: [A], products: [["DISALLOW", "*"]] }]), links: LINKS },
  },
  {
    outcome: "failed",
    code: "layout/sublayout",
    words:
      /^build\.[0-9a-f]{8}\.link: the sublayout of step "build" by [0-9a-f]{8} is one that it is part of$/,
    given: { layout: SUBLAYOUT, links: { [pathOf("build", A)]: SUBLAYOUT }, owners: [A.key] },
  },
  {
    outcome: "incomplete",
    code: "layout/inspection",
    words: /^inspection "look" \("ls"\): nobody allows it$/,
    given: {
      layout: layoutJson([{ name: "build", by: [A] }], [{ name: "look", run: ["ls"] }]),
      links: LINKS,
    },
  },
  {
    outcome: "failed",
    code: "layout/too-much",
    words: /^root.layout: the patterns of its rules look at names more than 134217728 times/,
    given: {
      layout: layoutJson([{ name: "build", by: [A], products: [["ALLOW", PATTERN]] }]),
      links: { [pathOf("build", A)]: link(A, "build", { products: NAMES }) },
    },
  },
];

for (const { outcome, code, words, given } of ROWS) {
  test(`${code ?? "all is well"}: ${outcome}`, async () => {
    const verdict = await judged(given);
    assert.deepEqual([verdict.outcome, verdict.problem?.code ?? null], [outcome, code]);
    assert.match(verdict.problem?.message ?? "", words);
    assert.equal(verdict.summary === null, outcome !== "passed");
  });
}

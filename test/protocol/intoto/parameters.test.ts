import assert from "node:assert/strict";
import { test } from "node:test";
import { ended, judged, layoutJson, link, pathOf, signer } from "./world.ts";
import type { Case, InspectionSketch } from "./world.ts";
import type { Inspection, LayoutVerdict } from "../../../protocol/intoto/index.ts";

const A = signer("a");
const LINKS = { [pathOf("build", A)]: link(A, "build", { products: { "hello_1.0.deb": "x" } }) };

/** A layout whose only rule is `ALLOW pattern`, in front of `DISALLOW *`. */
function allowing(pattern: string, parameters?: Case["parameters"]): Promise<LayoutVerdict> {
  const products = [
    ["ALLOW", pattern],
    ["DISALLOW", "*"],
  ];
  return judged({
    layout: layoutJson([{ name: "build", by: [A], products }]),
    links: LINKS,
    ...(parameters === undefined ? {} : { parameters }),
  });
}

test("a parameter stands in a rule for its value", async () => {
  assert.equal(ended(await allowing("{NAME}_{V}.deb", { NAME: "hello", V: "1.0" })), "passed");
  assert.equal(ended(await allowing("{NAME}_*", { NAME: "other" })), "failed layout/rule");
});

test("a placeholder for which none is given is an error, also where no parameters are: a rule about nothing lets all by", async () => {
  for (const parameters of [undefined, { OTHER: "x" }]) {
    const verdict = await allowing("{NAME}*", parameters);
    assert.equal(ended(verdict), "failed layout/parameter");
    assert.match(verdict.problem?.message ?? "", /a rule of step "build".*\{NAME\}/);
  }
});

test("braces are doubled where parameters are given, and no other format of Python's is one", async () => {
  assert.equal(ended(await allowing("{{*", { N: "x" })), "failed layout/rule");
  for (const bad of [
    "{}",
    "{0}",
    "{N.x}",
    "{N[0]}",
    "{N!r}",
    "{N:>99999999}",
    "{",
    "}",
    "{N",
    "N}",
    "{ N}",
    "{{N}",
  ])
    assert.equal(ended(await allowing(bad, { N: "x" })), "failed layout/parameter", bad);
  // Without any they are braces.
  assert.equal(ended(await allowing("{")), "failed layout/rule");
});

test("a value is a plain word: no pattern, no second word, no placeholder, not empty, not long", async () => {
  for (const value of [
    "",
    "*",
    "a b",
    "a\nb",
    "$(id)",
    "`id`",
    ";id",
    "{N}",
    "a'b",
    'a"b',
    "[a]",
    "?",
    "ä",
    "x".repeat(257),
  ])
    assert.equal(ended(await allowing("{N}*", { N: value })), "failed layout/parameter", value);
  for (const name of ["", "A B", "A.B", "{", "x".repeat(65)])
    assert.equal(ended(await allowing("*", { [name]: "x" })), "failed layout/parameter", name);
  assert.equal(
    ended(await allowing("*", { N: "x".repeat(256), "A_b-9": "pkg:deb/debian/a_1.0~rc+b" })),
    "passed",
  );
});

test("commands get their parameters word by word: what is one word stays one", async () => {
  const asked: Inspection[] = [];
  const inspection: InspectionSketch = {
    name: "look",
    run: ["tool", "--suite={SUITE}", "{SUITE}", "{{}}"],
    materials: [["REQUIRE", "{SUITE}"]],
  };
  const verdict = await judged({
    layout: layoutJson([{ name: "build", by: [A], command: ["make", "{SUITE}"] }], [inspection]),
    links: LINKS,
    parameters: { SUITE: "bookworm" },
    inspected(one) {
      asked.push(one);
      return {
        ran: true,
        materials: new Map([["bookworm", new Map([["sha256", "aa"]])]]),
        products: new Map(),
      };
    },
  });
  assert.equal(ended(verdict), "passed");
  assert.deepEqual(
    asked.map(({ run }) => run),
    [["tool", "--suite=bookworm", "bookworm", "{}"]],
  );
  assert.deepEqual(verdict.notes.slice(0, 1), [
    'step "build" was done by another command than expected: "" instead of "make bookworm"',
  ]);
});

test("names, thresholds and who may sign hold no parameters", async () => {
  const layout = layoutJson([{ name: "{STEP}", by: [A] }]);
  const verdict = await judged({ layout, links: LINKS, parameters: { STEP: "build" } });
  assert.equal(ended(verdict), "incomplete layout/too-few-links");
});

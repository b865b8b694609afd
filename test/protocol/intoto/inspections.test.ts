import assert from "node:assert/strict";
import { test } from "node:test";
import { isIdle, verifyLayout } from "../../../protocol/intoto/index.ts";
import type { Inspected, Inspection, LayoutVerdict } from "../../../protocol/intoto/index.ts";
import { artifacts, ended, judged, layoutJson, link, pathOf, signer } from "./world.ts";
import type { InspectionSketch } from "./world.ts";

const A = signer("a");
const LINKS = { [pathOf("build", A)]: link(A, "build", { products: { "hello.deb": "good" } }) };
const RULES = [
  ["MATCH", "*.deb", "WITH", "PRODUCTS", "FROM", "build"],
  ["DISALLOW", "*.deb"],
];

function inspecting(
  inspections: readonly InspectionSketch[],
  inspected: (inspection: Inspection) => Inspected,
  files: Readonly<Record<string, string>> = {},
): Promise<LayoutVerdict> {
  const layout = layoutJson([{ name: "build", by: [A] }], inspections);
  return judged({ layout, links: LINKS, inspected, files });
}

function never(): never {
  throw new Error("it is asked for what runs nothing");
}

test("what runs nothing sees the files that are judged, and nobody is asked", async () => {
  for (const run of [[], ["true"], ["/bin/true"], ["/usr/bin/true"]]) {
    const one = { name: "look", run, materials: RULES, products: RULES };
    assert.equal(ended(await inspecting([one], never, { "hello.deb": "good", other: "x" })), "passed");
    assert.equal(ended(await inspecting([one], never, { "hello.deb": "bad" })), "failed layout/rule");
  }
  const other = { name: "i", expectedMaterials: [], expectedProducts: [] };
  for (const run of [["true", "x"], ["./true"], ["TRUE"], ["sh", "-c", "true"]])
    assert.ok(!isIdle({ ...other, run }), run.join(" "));
});

test("one that nobody runs leaves the layout incomplete; one that ended badly fails it", async () => {
  const one = { name: "untar", run: ["tar", "xzf", "foo.tar.gz"] };
  const not = await inspecting([one], () => ({ ran: false, why: "inspections are not allowed" }));
  assert.equal(ended(not), "incomplete layout/inspection");
  assert.match(
    not.problem?.message ?? "",
    /inspection "untar" \("tar xzf foo.tar.gz"\): inspections are not allowed/,
  );
  const bad = await inspecting([one], () => ({ ran: false, failed: true, why: "tar ended with 2" }));
  assert.equal(ended(bad), "failed layout/inspection");
});

test("rules of inspections see what came of it, and of others", async () => {
  const untar = {
    name: "untar",
    run: ["tar", "x"],
    materials: RULES,
    products: [
      ["MATCH", "*", "WITH", "MATERIALS", "FROM", "look"],
      ["DISALLOW", "*"],
    ],
  };
  const look = { name: "look", run: ["ls"], materials: [["ALLOW", "*"]] };
  const flows: Readonly<Record<string, Inspected>> = {
    untar: {
      ran: true,
      materials: artifacts({ "hello.deb": "good" }),
      products: artifacts({ "inner.txt": "1" }),
    },
    look: { ran: true, materials: artifacts({ "inner.txt": "1" }), products: artifacts({}) },
  };
  const asked: string[] = [];
  const verdict = await inspecting([untar, look], ({ name }) => {
    asked.push(name);
    return flows[name] ?? { ran: false, why: "" };
  });
  assert.equal(ended(verdict), "passed");
  assert.deepEqual(asked, ["untar", "look"]);
});

test("no inspection is asked for where a step's rule fails or a link is missing", async () => {
  const inspections = [{ name: "look", run: ["ls"] }];
  const rules = layoutJson([{ name: "build", by: [A], products: [["DISALLOW", "*"]] }], inspections);
  assert.equal(ended(await judged({ layout: rules, links: LINKS, inspected: never })), "failed layout/rule");
  const two = layoutJson(
    [
      { name: "build", by: [A] },
      { name: "more", by: [A] },
    ],
    inspections,
  );
  const missing = await judged({ layout: two, links: LINKS, inspected: never });
  assert.equal(ended(missing), "incomplete layout/too-few-links");
});

test("a link that is the layout's is asked nothing: a verdict, not an error", () => {
  const document = {
    form: "metablock",
    signedBytes: new Uint8Array(),
    signatures: [],
    content: {
      kind: "link",
      name: "x",
      materials: new Map(),
      products: new Map(),
      command: [],
      byproducts: null,
    },
  } as const;
  const place = { label: "x", step: null, folder: null };
  const steps = verifyLayout({
    layout: { document, signers: [], place },
    owners: { keys: [], k: 1 },
    parameters: new Map(),
    documents: [],
    now: 0,
    files: new Map(),
  });
  const { done, value } = steps.next();
  assert.equal(done, true);
  assert.equal("problem" in value ? value.problem?.code : null, "layout/bad-document");
});

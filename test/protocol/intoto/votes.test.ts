import assert from "node:assert/strict";
import { test } from "node:test";
import { keyIdPlain } from "../../../protocol/crypto/index.ts";
import type { LayoutVerdict } from "../../../protocol/intoto/index.ts";
import { ended, judged, keyJson, layoutJson, link, linkJson, metablock, pathOf, signer } from "./world.ts";

const [A, B, C, STRANGER] = [signer("a"), signer("b"), signer("c"), signer("stranger")] as const;
const GOOD = { products: { f: "good" } };
const BAD = { products: { f: "bad" } };

function taken({ steps }: LayoutVerdict): readonly string[] {
  return steps.flatMap(({ links }) => links.map((one) => `${one.place} ${one.taken}`));
}

test("a functionary has one vote, however often it says the same", async () => {
  const links = {
    [pathOf("s", A)]: link(A, "s", GOOD),
    "s.00000000.link": link(A, "s", { ...GOOD, command: ["again"] }),
  };
  const once = await judged({ layout: layoutJson([{ name: "s", by: [A, B], threshold: 2 }]), links });
  assert.equal(ended(once), "incomplete layout/too-few-links");
  assert.equal(ended(await judged({ layout: layoutJson([{ name: "s", by: [A] }]), links })), "passed");
});

test("a functionary that says two things contradicts itself, whatever the threshold", async () => {
  const links = { [pathOf("s", A)]: link(A, "s", GOOD), "s.00000000.link": link(A, "s", BAD) };
  const verdict = await judged({ layout: layoutJson([{ name: "s", by: [A] }]), links });
  assert.equal(ended(verdict), "contradicted layout/disagree");
});

test("a document that several functionaries signed is a vote of each", async () => {
  const layout = layoutJson([{ name: "s", by: [A, B, C], threshold: 2 }]);
  const links = { "s.00000000.link": link([A, B, STRANGER], "s", GOOD) };
  const verdict = await judged({ layout, links });
  assert.equal(ended(verdict), "passed");
  assert.equal(taken(verdict).length, 2);
});

test("who is no functionary of the step has no vote, no dissent either, and it is said", async () => {
  const layout = layoutJson([
    { name: "s", by: [A] },
    { name: "t", by: [B] },
  ]);
  const links = {
    [pathOf("s", A)]: link(A, "s", GOOD),
    [pathOf("s", B)]: link(B, "s", BAD),
    [pathOf("s", STRANGER)]: link(STRANGER, "s", BAD),
    [pathOf("t", B)]: link(B, "t", GOOD),
  };
  const verdict = await judged({ layout, links });
  assert.equal(ended(verdict), "passed");
  const [refused] = verdict.steps[0]?.links.filter((one) => one.taken === "refused") ?? [];
  assert.deepEqual(
    [refused?.place, refused?.why],
    [pathOf("s", B), "its signer is no functionary of this step"],
  );
});

test("a signature that does not hold is none, and the message says so", async () => {
  const forged = metablock({ ...linkJson("s", GOOD), command: ["x"] }, [A]);
  const text = new TextDecoder().decode(forged).replace('"x"', '"y"');
  const links = { [pathOf("s", A)]: new TextEncoder().encode(text) };
  const verdict = await judged({ layout: layoutJson([{ name: "s", by: [A] }]), links });
  assert.equal(ended(verdict), "incomplete layout/too-few-links");
  const { message = "" } = verdict.problem ?? {};
  assert.ok(message.includes(`${pathOf("s", A)} (no signature on it is by a key of the layout)`), message);
});

test("key ids are hints: a signature that names another key is tried with all", async () => {
  const links = { [pathOf("s", A)]: metablock(linkJson("s", GOOD), [A], [B.id]) };
  assert.equal(ended(await judged({ layout: layoutJson([{ name: "s", by: [A, B] }]), links })), "passed");
});

test("ids of a step that the layout has no key for are nobody's", async () => {
  const base = layoutJson([{ name: "s", by: [A], threshold: 2 }]) as { steps: object[] };
  const layout = { ...base, steps: [{ ...base.steps[0], pubkeys: [A.id, B.id, B.id] }] };
  const links = { [pathOf("s", A)]: link(A, "s", GOOD), [pathOf("s", B)]: link(B, "s", GOOD) };
  const verdict = await judged({ layout, links });
  assert.equal(ended(verdict), "incomplete layout/too-few-links");
  assert.match(verdict.problem?.message ?? "", /only 1 could/);
});

test("one key under many ids is one functionary", async () => {
  const ids = Array.from({ length: 500 }, (_, at) => at.toString(16).padStart(64, "0"));
  const base = layoutJson([{ name: "s", by: [A], threshold: 2 }]) as { steps: object[] };
  const layout = {
    ...base,
    keys: Object.fromEntries([...ids, keyIdPlain(A.key)].map((id) => [id, keyJson(A)])),
    steps: [{ ...base.steps[0], pubkeys: ids }],
  };
  const links = Object.fromEntries(ids.slice(0, 20).map((id) => [pathOf("s", { id }), link(A, "s", GOOD)]));
  const verdict = await judged({ layout, links });
  assert.match(verdict.problem?.message ?? "", /1 of 2 .*only 1 could/);
});

test("contradiction comes before what fails, and that before what is missing", async () => {
  const steps = [
    { name: "missing", by: [A] },
    { name: "s", by: [A, B] },
  ];
  const disagree = { [pathOf("s", A)]: link(A, "s", GOOD), [pathOf("s", B)]: link(B, "s", BAD) };
  const both = await judged({ layout: layoutJson(steps), links: disagree });
  assert.equal(ended(both), "contradicted layout/disagree");
  assert.equal(both.summary, null);
  assert.deepEqual(
    both.steps.map(({ step, link: agreed }) => [step, agreed]),
    [
      ["missing", null],
      ["s", null],
    ],
  );
});

test("links of a feed have no folder and count; the first material and the last product are the summary", async () => {
  const layout = layoutJson([
    { name: "s", by: [A] },
    { name: "t", by: [B] },
  ]);
  const verdict = await judged({
    layout,
    loose: [link(B, "t", GOOD), link(A, "s", { materials: { src: "1" }, products: { mid: "2" } })],
  });
  assert.equal(ended(verdict), "passed");
  assert.deepEqual([...(verdict.summary?.materials.keys() ?? [])], ["src"]);
  assert.deepEqual([...(verdict.summary?.products.keys() ?? [])], ["f"]);
});

/**
 * What in-toto's verifiers do (in-toto 1.3.1 and in-toto-golang 0.11.0, as observed), and what samebits does: a test for each row of that
 * table. protocol/spec/layouts.md has it for readers.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { keyIdPlain } from "../../../protocol/crypto/index.ts";
import {
  ended,
  judged,
  keyJson,
  layoutJson,
  link,
  linkJson,
  metablock,
  OWNER,
  pathOf,
  sha256Of,
  signer,
} from "./world.ts";
import type { StepSketch } from "./world.ts";

const [A, B, C] = [signer("a"), signer("b"), signer("c")] as const;
const GOOD = { products: { "hello.deb": "good" } };
const BAD = { products: { "hello.deb": "bad" } };

function rebuild(threshold: number, more: Partial<StepSketch> = {}): object {
  return layoutJson([{ name: "rebuild", by: [A, B, C], threshold, ...more }]);
}

test("2 of 3 agree, third absent, threshold 2 (py: pass, go: pass): passed", async () => {
  const verdict = await judged({
    layout: rebuild(2),
    links: {
      [pathOf("rebuild", A)]: link(A, "rebuild", GOOD),
      [pathOf("rebuild", B)]: link(B, "rebuild", GOOD),
    },
  });
  assert.equal(ended(verdict), "passed");
  assert.deepEqual(
    verdict.steps[0]?.links.map(({ taken }) => taken),
    ["counted", "counted"],
  );
});

test("2 agree + 1 authorised dissent (py: fail, go: fail): contradicted, and the message says who stands against whom", async () => {
  const verdict = await judged({
    layout: rebuild(2),
    links: {
      [pathOf("rebuild", A)]: link(A, "rebuild", GOOD),
      [pathOf("rebuild", B)]: link(B, "rebuild", GOOD),
      [pathOf("rebuild", C)]: link(C, "rebuild", BAD),
    },
  });
  assert.equal(ended(verdict), "contradicted layout/disagree");
  const [a, b, c] = [A, B, C].map(({ key }) => keyIdPlain(key).slice(0, 8));
  const { message = "" } = verdict.problem ?? {};
  assert.ok(
    [`${a}, ${b} against ${c}`, `${b}, ${a} against ${c}`].some((words) => message.includes(words)),
    message,
  );
  assert.deepEqual(
    verdict.steps[0]?.links.map(({ taken }) => taken),
    ["counted", "counted", "dissents"],
  );
});

test("threshold 1, two disagreeing links (py: pass, not compared; go: fail): contradicted", async () => {
  const links = {
    [pathOf("rebuild", A)]: link(A, "rebuild", GOOD),
    [pathOf("rebuild", B)]: link(B, "rebuild", BAD),
  };
  assert.equal(ended(await judged({ layout: rebuild(1), links })), "contradicted layout/disagree");
});

test("one key under KHA+plain keyid, threshold 2 (py: pass; go: fail): one vote", async () => {
  const plain = keyIdPlain(A.key);
  const base = rebuild(2) as { steps: object[] };
  const layout = {
    ...base,
    keys: { [A.id]: keyJson(A), [plain]: keyJson(A) },
    steps: [{ ...base.steps[0], pubkeys: [A.id, plain] }],
  };
  const verdict = await judged({
    layout,
    links: {
      [pathOf("rebuild", A)]: link(A, "rebuild", GOOD),
      [pathOf("rebuild", { id: plain })]: metablock(linkJson("rebuild", GOOD), [A], [plain]),
    },
  });
  assert.equal(ended(verdict), "incomplete layout/too-few-links");
  assert.match(verdict.problem?.message ?? "", /1 of 2 .*only 1 could, so it can never be met/);
});

test("link.name ≠ step name (py: pass, unchecked; go: pass): it is no vote, and why is said", async () => {
  const verdict = await judged({
    layout: rebuild(1),
    links: { [pathOf("rebuild", A)]: link(A, "package", GOOD) },
  });
  assert.equal(ended(verdict), "incomplete layout/too-few-links");
  assert.deepEqual(
    verdict.steps[0]?.links.map(({ taken, why }) => [taken, why]),
    [["refused", 'it is of the step "package", as its signed part says']],
  );
});

test("sha256+sha512 link vs sha256-only inspection/other link (py: fail, go: fail): what both have is compared", async () => {
  const both = { "hello.deb": { sha256: sha256Of("good"), sha512: "ab".repeat(64) } };
  const links = {
    [pathOf("rebuild", A)]: link(A, "rebuild", GOOD),
    [pathOf("rebuild", B)]: link(B, "rebuild", { products: both }),
  };
  const inspection = {
    name: "look",
    run: ["true"],
    materials: [
      ["MATCH", "*", "WITH", "PRODUCTS", "FROM", "rebuild"],
      ["DISALLOW", "*"],
    ],
  };
  const layout = layoutJson([{ name: "rebuild", by: [A, B], threshold: 2 }], [inspection]);
  assert.equal(ended(await judged({ layout, links, files: GOOD.products })), "passed");
  assert.equal(ended(await judged({ layout, links, files: BAD.products })), "failed layout/rule");
});

test("expired layout (py: fail, go: fail): failed", async () => {
  const layout = { ...rebuild(1), expires: "2026-01-01T00:00:00Z" };
  const links = { [pathOf("rebuild", A)]: link(A, "rebuild", GOOD) };
  assert.equal(ended(await judged({ layout, links })), "failed layout/expired");
});

test("no DISALLOW * (py: pass, go: pass): passed, with a note of how many artifacts no rule is about", async () => {
  const layout = rebuild(1, { products: [["CREATE", "*.dsc"]] });
  const verdict = await judged({
    layout,
    links: { [pathOf("rebuild", A)]: link(A, "rebuild", GOOD) },
  });
  assert.equal(ended(verdict), "passed");
  assert.deepEqual(verdict.notes, ['step "rebuild": no rule is about 1 of its products']);
});

test("`*` matches `/` (py: yes, go: yes)", async () => {
  const layout = rebuild(1, {
    products: [
      ["CREATE", "a*.c"],
      ["DISALLOW", "*"],
    ],
  });
  const links = { [pathOf("rebuild", A)]: link(A, "rebuild", { products: { "a/b/c.c": "x" } }) };
  assert.equal(ended(await judged({ layout, links })), "passed");
});

test("REQUIRE is literal (py: yes): a pattern is the name of a file", async () => {
  const links = { [pathOf("rebuild", A)]: link(A, "rebuild", { products: { "hello.deb": "x" } }) };
  const required = (name: string): object => rebuild(1, { products: [["REQUIRE", name]] });
  assert.equal(ended(await judged({ layout: required("*.deb"), links })), "failed layout/rule");
  assert.equal(ended(await judged({ layout: required("hello.deb"), links })), "passed");
});

test("CREATE of a path also in materials (py: fails)", async () => {
  const layout = rebuild(1, {
    products: [
      ["CREATE", "*"],
      ["DISALLOW", "*"],
    ],
  });
  const files = { "hello.deb": "x" };
  const links = { [pathOf("rebuild", A)]: link(A, "rebuild", { materials: files, products: files }) };
  assert.equal(ended(await judged({ layout, links })), "failed layout/rule");
});

test("k of the owners: all by default, as many as are asked for, never none", async () => {
  const second = signer("second owner");
  const links = { [pathOf("rebuild", A)]: link(A, "rebuild", GOOD) };
  const layout = metablock(rebuild(1), [OWNER]);
  const owners = [OWNER.key, second.key];
  assert.equal(ended(await judged({ layout, links, owners })), "failed layout/bad-signature");
  assert.equal(ended(await judged({ layout, links, owners, k: 1 })), "passed");
  assert.equal(ended(await judged({ layout, links, owners, k: 0 })), "failed layout/bad-signature");
  // One key twice is one owner.
  const twice = [OWNER.key, signer("owner").key];
  assert.equal(ended(await judged({ layout, links, owners: twice })), "failed layout/bad-signature");
  const none = metablock(rebuild(1), [second]);
  assert.equal(ended(await judged({ layout: none, links })), "failed layout/bad-signature");
});

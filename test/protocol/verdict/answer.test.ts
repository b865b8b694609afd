/** How a verdict leaves: JSON by its schema, exit codes, the first line, memory. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromUtf8, writeJson } from "../../../protocol/bytes/index.ts";
import { checkEvidence } from "../../../protocol/evidence/index.ts";
import {
  collectFound,
  describeVerdict,
  exitOfDecision,
  exitOfVerdict,
  rememberHeads,
  summarize,
  verdictJson,
  worstExit,
} from "../../../protocol/verdict/index.ts";
import type { Verdict } from "../../../protocol/verdict/index.ts";
import { assertFits } from "../../json-schemas.ts";
import { NETWORK, NOW } from "./cast.ts";
import { originOf } from "./feeds.ts";
import { Scene } from "./scene.ts";

const TWO = ["builder a", "builder b", 'rule require={ k = 2, of = ["a", "b"] }'] as const;

function verdictOf(...lines: readonly string[]): Promise<Verdict> {
  const scene = new Scene();
  for (const line of lines) scene.tell(line);
  return scene.verdict();
}

test("the JSON has the contract's members and obeys its schema", async () => {
  for (const lines of [
    [...TWO, "a gives F", "b gives F"],
    [...TWO, "a gives F", "b gives G"],
    [...TWO, "a gives F", "b gives F", "b forks"],
    [...TWO, "file target=none"],
    [...TWO, "asked 0 0 0"],
  ]) {
    const verdict = await verdictOf(...lines);
    const text = fromUtf8(writeJson(verdictJson(verdict, { path: "x.deb", state: "kept", elapsedMs: 12 })));
    assert.ok(!text.includes("\n"), "one line");
    const value: unknown = JSON.parse(text);
    assertFits(["verdict"], value, "verdictJson");
  }
});

test("a proof in the JSON is an evidence file", async () => {
  const verdict = await verdictOf(...TWO, "a gives F", "b gives G");
  const text = fromUtf8(writeJson(verdictJson(verdict, { path: null, state: "none", elapsedMs: 0 })));
  const { evidence } = JSON.parse(text) as { evidence: { kind: string; proof: unknown }[] };
  const [first] = evidence;
  assert.ok(first);
  assert.equal((await checkEvidence(new TextEncoder().encode(JSON.stringify(first.proof)))).kind, first.kind);
});

test("exit codes", async () => {
  const reproduced = await verdictOf(...TWO, "a gives F", "b gives F");
  const contradicted = await verdictOf(...TWO, "a gives F", "b gives G");
  const pending = await verdictOf(...TWO, "a gives F");
  const noRule = await verdictOf(...TWO, "file target=none");
  assert.deepEqual([reproduced, contradicted, pending, noRule].map(exitOfVerdict), [0, 1, 2, 3]);
  assert.deepEqual([reproduced, contradicted, pending, noRule].map(exitOfDecision), [0, 1, 2, 0]);
  assert.equal(worstExit([0, 2, 3, 1, 4]), 4);
  assert.equal(worstExit([0, 2, 3, 1]), 1);
  assert.equal(worstExit([0, 2, 3]), 3);
  assert.equal(worstExit([0, 2]), 2);
  assert.equal(worstExit([]), 0);
});

test("the first line counts", async () => {
  const reproduced = await verdictOf(...TWO, "a gives F", "b gives F");
  const contradicted = await verdictOf(...TWO, "a gives F", "b gives G");
  const pending = await verdictOf(...TWO, "a gives F");
  const noRule = await verdictOf(...TWO, "file purl=pkg:generic/tool@1 file=tool");
  assert.equal(
    summarize([reproduced, reproduced, pending, contradicted]),
    "samebits: 4 packages · 2 reproduced · 1 pending · 1 NOT THE SAME BITS",
  );
  assert.equal(summarize([noRule, reproduced]), "samebits: 2 files · 1 reproduced · 1 no rule (warned)");
});

test("colour is for the label alone, and strangers' words are harmless", async () => {
  const verdict = await verdictOf(...TWO, "a gives F", `b fails because=${"x\u200bx".repeat(200)}`);
  const plain = describeVerdict(verdict, { color: false });
  const coloured = describeVerdict(verdict, { color: true });
  assert.deepEqual(
    coloured.map((line) => line.replaceAll(/\p{Cc}\[\d+m/gu, "")),
    plain,
  );
  assert.ok(coloured[0]?.includes("\u001b[33mheld"));
  assert.ok(plain.every((line) => line.length < 260 && !/\p{C}/u.test(line)));
});

test("memory keeps the largest head of each feed", async () => {
  const scene = new Scene();
  for (const line of [...TWO, "a gives F", "a gives G", "b gives F"]) scene.tell(line);
  const found = await collectFound(scene.raw(), { policy: scene.policy(), network: NETWORK, strict: true });
  const memory = rememberHeads(new Map(), found, NOW);
  assert.equal(memory.get(originOf("a"))?.size, 2);
  assert.equal(memory.get(originOf("b"))?.size, 1);
  assert.equal(memory.get(originOf("b"))?.timeMs, NOW);
  const before = new Map([[originOf("a"), { size: 9, root: "ff", timeMs: 1 }]]);
  assert.deepEqual(rememberHeads(before, found, NOW).get(originOf("a")), { size: 9, root: "ff", timeMs: 1 });
  assert.deepEqual(rememberHeads(memory, found, NOW + 5), memory, "the same head is no news");
});

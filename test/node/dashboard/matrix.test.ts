/** Builders against files: the result that most have, and who has another, as the node counts it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cellIn, columnsOf, decidingStep, rowOf } from "../../../node/dashboard/matrix.ts";
import type { MatrixRow } from "../../../node/dashboard/matrix.ts";
import { readMatrix } from "../../../node/dashboard/picture.ts";
import type { MatrixTarget } from "../../../node/dashboard/picture.ts";
import { standingOf, stepsOf, Tally } from "../../../node/picture/count.ts";
import type { Said } from "../../../node/picture/types.ts";
import { ed25519Key, MAX_HTTP_ANSWER_BYTES, readJson, record } from "../../../protocol/index.ts";
import { builder, claim } from "../../e2e/claims.ts";
import { startTestNode } from "../test-node.ts";

const A = "a".repeat(64);
const B = "b".repeat(64);
const C = "c".repeat(64);
/** Keys o1, o2 and o3 are of one operator; strangers are s, t and u. */
const KEYS = ["o1", "o2", "o3", "w", "x", "y", "z"];
const STRANGERS = ["s", "t", "u"];
const speakerOf = (key: string): string | null => (STRANGERS.includes(key) ? null : (key[0] ?? null));

function said(builder: string, sha256: string | null, changes: Partial<Said> = {}): Said {
  return { builder, sha256, kind: "positive", step: "rebuild", retracted: false, ...changes };
}

/** What a node answers of these. */
function of(...all: readonly Said[]): MatrixTarget {
  return {
    purl: "pkg:deb/debian/hello@1",
    file: "hello.deb",
    key: "",
    agreement: standingOf(all, speakerOf).agreement,
    steps: stepsOf(all, speakerOf),
    cells: all.map(({ retracted, ...one }) => ({
      ...one,
      isRetracted: retracted,
      isCounted: speakerOf(one.builder) !== null,
    })),
  };
}

/** Of the step that makes the row what it is. */
function majorityOf(row: MatrixRow): string | null {
  return decidingStep(row)?.majority ?? null;
}

test("the outlier is another, the others are the same as most", () => {
  const row = rowOf(of(said("x", B), said("y", A), said("z", A), said("w", A)));
  assert.equal(row.state, "majority");
  assert.equal(majorityOf(row), A);
  assert.deepEqual(cellIn(row, "x"), { state: "other", letter: "B", sha256: B });
  assert.deepEqual(cellIn(row, "y"), { state: "same", letter: "A", sha256: A });
  assert.equal(cellIn(row, "nobody").state, "none");
});

test("where no result has more than half, nobody is shown as right", () => {
  const row = rowOf(of(said("x", A), said("y", A), said("z", B), said("w", B)));
  assert.deepEqual([row.state, majorityOf(row)], ["split", null]);
  assert.deepEqual(
    ["x", "y", "z", "w"].map((name) => cellIn(row, name).state),
    ["other", "other", "other", "other"],
  );
  const each = rowOf(of(said("x", A), said("y", B), said("z", C)));
  assert.equal(each.state, "different");
});

test("one builder alone is compared with nobody, and all the same is the same", () => {
  assert.equal(rowOf(of(said("x", A))).state, "single");
  assert.equal(rowOf(of(said("x", null, { kind: "failed" }))).state, null);
  const row = rowOf(of(said("x", A), said("y", A), said("z", null, { kind: "failed" })));
  assert.equal(row.state, "same");
  assert.equal(cellIn(row, "z").state, "failed");
});

test("one builder with two results is shown with the one that differs, and agrees with nobody", () => {
  const row = rowOf(of(said("x", A), said("x", B), said("y", A)));
  assert.equal(cellIn(row, "x").state, "other");
  assert.deepEqual([row.state, majorityOf(row), row.steps[0]?.torn], ["different", null, 1]);
  assert.deepEqual(
    row.steps[0]?.results.map(({ sha256, voters, builders }) => [sha256, voters, builders]),
    [
      [A, 1, ["x", "y"]],
      [B, 0, ["x"]],
    ],
  );
  assert.equal(rowOf(of(said("x", A), said("x", B))).state, "different");
});

test("who says only that it differs is no result", () => {
  const row = rowOf(of(said("x", A, { kind: "differs" }), said("y", A), said("z", A)));
  assert.equal(cellIn(row, "x").state, "told");
  assert.equal(row.steps[0]?.results.length, 1);
});

test("what was taken back is no result, and is shown as taken back", () => {
  const row = rowOf(of(said("x", B, { retracted: true }), said("y", A), said("z", A)));
  assert.equal(cellIn(row, "x").state, "back");
  assert.deepEqual([row.state, row.steps[0]?.results.length], ["same", 1]);
});

test("an operator's keys are one voice: three of one do not outvote two others", () => {
  const row = rowOf(of(said("o1", A), said("o2", A), said("o3", A), said("x", B), said("y", B)));
  assert.deepEqual([row.state, majorityOf(row)], ["majority", B]);
  assert.deepEqual([cellIn(row, "o1").state, cellIn(row, "x").state], ["other", "same"]);
  assert.deepEqual(
    row.steps[0]?.results.map(({ voters, builders }) => [voters, builders.length]),
    [
      [2, 2],
      [1, 3],
    ],
  );
});

test("steps are about different things: all agree in each of two", () => {
  const sign = { step: "sign" };
  const all = [said("x", A), said("y", A), said("x", B, sign), said("y", B, sign), said("z", B, sign)];
  const row = rowOf(of(...all));
  assert.equal(row.state, "same");
  assert.deepEqual(
    row.steps.map(({ step, voters, majority }) => [step, voters, majority]),
    [
      ["sign", 3, B],
      ["rebuild", 2, A],
    ],
  );
  assert.deepEqual(
    [...row.cells.values()].map(({ state }) => state),
    ["same", "same", "same"],
  );
  const apart = rowOf(of(...all, said("w", C)));
  assert.deepEqual([apart.state, decidingStep(apart)?.step], ["majority", "rebuild"]);
});

test("no number of strangers' keys changes what is shown: they stand apart, without a letter", () => {
  const two = [said("x", A), said("y", A)];
  const row = rowOf(of(...two, ...STRANGERS.map((key) => said(key, B))));
  assert.deepEqual([row.state, majorityOf(row)], ["same", A]);
  assert.deepEqual(row.steps, rowOf(of(...two)).steps);
  for (const key of STRANGERS) assert.deepEqual(cellIn(row, key), { state: "apart", letter: "", sha256: B });
  assert.equal(rowOf(of(...STRANGERS.map((key) => said(key, B)))).state, null);
});

const SAID: fc.Arbitrary<Said> = fc.record({
  builder: fc.constantFrom(...KEYS, ...STRANGERS),
  kind: fc.constantFrom("positive", "positive", "positive", "failed", "differs"),
  step: fc.constantFrom("rebuild", "rebuild", "sign"),
  sha256: fc.constantFrom(A, A, B, C),
  retracted: fc.constantFrom(false, false, true),
});

test("whatever is said: rows show what the node counts, and strangers change nothing of it", () => {
  fc.assert(
    fc.property(fc.array(SAID, { maxLength: 16 }), (all) => {
      const row = rowOf(of(...all));
      const { agreement, majority, voters } = standingOf(all, speakerOf);
      assert.equal(row.state, agreement);
      assert.deepEqual([row.steps[0]?.voters ?? 0, row.steps[0]?.majority ?? null], [voters, majority]);
      const tally = new Tally(speakerOf, KEYS);
      tally.add(all);
      for (const { key, same, different } of tally.result().builders) {
        const { state } = cellIn(row, key);
        if (different > 0) assert.equal(state, "other", key);
        if (same > 0) assert.ok(state === "same" || state === "told", `${key} ${state}`);
      }
      for (const step of row.steps) {
        const most = step.results.filter((result) => 2 * result.voters > step.voters);
        assert.equal(step.majority, most[0]?.sha256 ?? null);
        assert.ok(step.torn >= 0 && step.results.every(({ builders }) => builders.length > 0));
      }
      const known = rowOf(of(...all.filter(({ builder }) => !STRANGERS.includes(builder))));
      assert.deepEqual([known.state, known.steps], [row.state, row.steps]);
      for (const [key, cell] of row.cells)
        if (STRANGERS.includes(key)) assert.deepEqual([cell.state, cell.letter], ["apart", ""]);
        else assert.deepEqual(cell, cellIn(known, key));
    }),
  );
});

test("columns: who said most first; strangers behind all, and only some of many", () => {
  const rows = [
    rowOf(of(said("s", A), said("x", A), said("y", A))),
    rowOf(of(said("s", A), said("y", A))),
    rowOf(of(said("s", A))),
  ];
  assert.deepEqual(columnsOf(rows), { keys: ["y", "x", "s"], counted: 2 });
  const [cell] = of(said("s", B)).cells;
  assert.ok(cell);
  const cells = Array.from({ length: 50 }, (_, at) => ({ ...cell, builder: `stranger ${at}` }));
  const columns = columnsOf([...rows, rowOf({ ...of(), cells })]);
  assert.deepEqual([columns.keys.slice(0, 3), columns.counted], [["y", "x", "s"], 2]);
  assert.ok(columns.keys.length < 12);
});

test(
  "a real node's answer: strangers with nodes of their own overturn nothing",
  { timeout: 60_000 },
  async () => {
    const [alice, bob, ...strangers] = ["alice", "bob", "one stranger", "another"].map(builder);
    assert.ok(alice && bob);
    const builders = [alice, bob];
    const node = await startTestNode({
      api: { listen: "127.0.0.1:0", public: false, hosts: [] },
      follow: { all: true, origins: [], builders: builders.map(({ raw }) => ed25519Key(raw)) },
      policies: [
        {
          name: "policy.toml",
          sha256: "ab".repeat(32),
          text: "",
          builders: builders.map(({ hex }) => ({
            name: hex,
            operator: hex,
            roles: [],
            keys: [hex],
            feeds: [],
          })),
        },
      ],
    });
    await node.publish(builders.map((by) => claim(by, "hello", "honest")));
    for (const by of strangers) {
      const other = await startTestNode({ publishKey: by.pem, first: true, bootstrap: node.listen });
      await other.publish([claim(by, "hello", "evil")]);
    }
    for (;;) {
      const answer = new Uint8Array(await (await fetch(`${node.api}/v1/matrix`)).arrayBuffer());
      const page = readMatrix(record(readJson(answer, { maxBytes: MAX_HTTP_ANSWER_BYTES }), "answer"));
      const row = page.targets[0] === undefined ? null : rowOf(page.targets[0]);
      if (row === null || row.cells.size < 4) {
        await new Promise((go) => setTimeout(go, 100));
        continue;
      }
      assert.equal(row.state, "same");
      assert.deepEqual(
        [alice, bob, ...strangers].map(({ hex }) => cellIn(row, hex).state),
        ["same", "same", "apart", "apart"],
      );
      return;
    }
  },
);

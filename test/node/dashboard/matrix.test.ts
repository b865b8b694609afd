/** Builders against files: the result that most have, and who has another. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { cellIn, columnsOf, rowOf } from "../../../node/dashboard/matrix.ts";
import type { MatrixTarget, Said } from "../../../node/dashboard/picture.ts";

const A = "a".repeat(64);
const B = "b".repeat(64);
const C = "c".repeat(64);

function said(builder: string, sha256: string | null, kind = "positive"): Said {
  return { builder, sha256, kind, step: "rebuild", isRetracted: false };
}

function of(...cells: readonly Said[]): MatrixTarget {
  return { purl: "pkg:deb/debian/hello@1", file: "hello.deb", key: "", cells };
}

test("the outlier is another, the others are the same as most", () => {
  const row = rowOf(of(said("x", B), said("y", A), said("z", A), said("w", A)));
  assert.equal(row.state, "majority");
  assert.equal(row.majority, A);
  assert.deepEqual(cellIn(row, "x"), { state: "other", letter: "B", sha256: B });
  assert.deepEqual(cellIn(row, "y"), { state: "same", letter: "A", sha256: A });
  assert.equal(cellIn(row, "nobody").state, "none");
});

test("where no result has more than half, nobody is shown as right", () => {
  const row = rowOf(of(said("x", A), said("y", A), said("z", B), said("w", B)));
  assert.deepEqual([row.state, row.majority], ["split", null]);
  assert.deepEqual(
    ["x", "y", "z", "w"].map((name) => cellIn(row, name).state),
    ["other", "other", "other", "other"],
  );
  const each = rowOf(of(said("x", A), said("y", B), said("z", C)));
  assert.equal(each.state, "different");
});

test("one builder alone is compared with nobody, and all the same is the same", () => {
  assert.equal(rowOf(of(said("x", A))).state, "single");
  assert.equal(rowOf(of(said("x", null, "failed"))).state, "single");
  const row = rowOf(of(said("x", A), said("y", A), said("z", null, "failed")));
  assert.equal(row.state, "same");
  assert.equal(cellIn(row, "z").state, "failed");
});

test("one builder with two results is shown with the one that differs, and is no majority by itself", () => {
  const row = rowOf(of(said("x", A), said("x", B), said("y", A)));
  assert.equal(cellIn(row, "x").state, "other");
  assert.equal(row.majority, A);
  assert.equal(rowOf(of(said("x", A), said("x", B))).state === "same", false);
});

test("who says only that it differs is no result", () => {
  const row = rowOf(of(said("x", A, "differs"), said("y", A), said("z", A)));
  assert.equal(cellIn(row, "x").state, "told");
  assert.equal(row.results.length, 1);
});

test("what was taken back is no result, and is shown as taken back", () => {
  const row = rowOf(of({ ...said("x", B), isRetracted: true }, said("y", A), said("z", A)));
  assert.equal(cellIn(row, "x").state, "back");
  assert.deepEqual([row.state, row.results.length], ["same", 1]);
});

test("columns: who said most first", () => {
  const rows = [rowOf(of(said("x", A), said("y", A))), rowOf(of(said("y", A)))];
  assert.deepEqual(columnsOf(rows), ["y", "x"]);
});

/** Which heads are of one history, however many joins a bundle has. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Histories } from "../../../protocol/verdict/histories.ts";
import type { NamedHead } from "../../../protocol/verdict/histories.ts";

const SOON_MS = 10_000;
const MANY = 100_000;

function headOf(size: number): NamedHead {
  return { origin: "samebits/test/a", size, root: new Uint8Array(32).fill(size) };
}

test("one join a hundred thousand times is one, and takes no longer", () => {
  const [small, large] = [headOf(1), headOf(2)];
  const before = performance.now();
  const histories = new Histories(Array.from({ length: MANY }, () => ({ small, large })));
  assert.ok(histories.areOfOne(small, large));
  assert.ok(!histories.areOfOne(small, headOf(3)));
  assert.ok(performance.now() - before < SOON_MS);
});

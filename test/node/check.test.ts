import assert from "node:assert/strict";
import { test } from "node:test";
import { openChecker } from "../../node/check.ts";
import {
  CHECK_WORKER_FROM,
  ed25519Key,
  MAX_CHECK_ITEMS,
  publicFromSeed,
  signDomain,
  utf8,
} from "../../protocol/index.ts";
import type { SignatureItem } from "../../protocol/index.ts";

const seed = new Uint8Array(32).fill(3);
const key = ed25519Key(publicFromSeed(seed));

/** Signatures of which those at `bad` do not hold. */
function items(count: number, bad: ReadonlySet<number>): SignatureItem[] {
  return Array.from({ length: count }, (_, i) => {
    const message = utf8(`DSSEv1 ${i}`);
    const signature = signDomain(seed, message);
    if (bad.has(i)) signature[5] = (signature[5] ?? 0) ^ 1;
    return { key, message, signature };
  });
}

for (const count of [0, 1, 33, CHECK_WORKER_FROM, CHECK_WORKER_FROM + 100]) {
  test(`check: says of each of ${count} signatures whether it holds`, async () => {
    const checker = openChecker();
    const bad = new Set([0, 32, count - 1]);
    const good = await checker.check(items(count, bad));
    assert.deepEqual(
      good,
      Array.from({ length: count }, (_, i) => !bad.has(i)),
    );
    await checker.close();
  });
}

test("check: calls made together are each answered with their own", async () => {
  const checker = openChecker();
  const bads = [new Set([1]), new Set([2]), new Set([3])];
  const answers = await Promise.all(bads.map((bad) => checker.check(items(CHECK_WORKER_FROM, bad))));
  answers.forEach((good, n) => assert.deepEqual(good.indexOf(false), n + 1));
  await checker.close();
});

test("check: who waits when the worker is closed is told so", async () => {
  const checker = openChecker();
  const waiting = checker.check(items(4 * CHECK_WORKER_FROM, new Set()));
  const refused = assert.rejects(waiting, { code: "check/failed" });
  await checker.close();
  await refused;
  assert.deepEqual(
    await checker.check(items(CHECK_WORKER_FROM, new Set([1]))).then((good) => good.indexOf(false)),
    1,
  );
  await checker.close();
});

test("check: the most that the engine hands over at once goes to the worker", () => {
  assert.ok(CHECK_WORKER_FROM <= MAX_CHECK_ITEMS);
});

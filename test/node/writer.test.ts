import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStore } from "../../node/store/memory.ts";
import { Writer } from "../../node/writer.ts";
import type { StoreOp } from "../../protocol/index.ts";

const key = (n: number): Uint8Array => Uint8Array.of(97, n);
const put = (n: number): StoreOp => ({ op: "put", key: key(n), value: key(n) });

test("writer: says which keys were there before a write, also where several go into one batch", async () => {
  const inner = memoryStore();
  const batches: number[] = [];
  const writer = new Writer({
    ...inner,
    apply: async (ops, durable) => {
      batches.push(ops.length);
      await inner.apply(ops, durable);
    },
  });
  assert.deepEqual(await writer.write([put(1), put(2)], false, [key(1)]), [false]);
  const answers = await Promise.all([
    writer.write([put(1), put(3)], false, [key(3), key(1)]),
    writer.write([put(4)], false),
    writer.write([put(3), put(5)], true, [key(5), key(3)]),
    writer.write([put(5)], false, [key(5)]),
  ]);
  assert.deepEqual(answers, [[false, true], [], [false, true], [true]]);
  assert.deepEqual(batches, [2, 6]);
});

test("writer: a store that cannot be read fails the write that asks, and writes nothing of it", async () => {
  const inner = memoryStore();
  const failing = new Writer({ ...inner, has: () => Promise.reject(new Error("no disk")) });
  await assert.rejects(failing.write([put(1)], false, [key(1)]), /no disk/);
  await failing.write([put(2)], false);
  const { rows } = await failing.read({ from: key(0), to: key(9), limit: 9 });
  assert.deepEqual(
    rows.map((row) => row.key),
    [key(2)],
  );
});

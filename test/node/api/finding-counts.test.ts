/** How many findings there are, whoever asks while it is being counted. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as later } from "node:timers/promises";
import { findingCounts } from "../../../node/api/finding-counts.ts";
import type { ApiNode } from "../../../node/api/api-node.ts";
import { findingKey } from "../../../protocol/peer/rows.ts";
import { compareBytes, utf8 } from "../../../protocol/index.ts";
import { Traffic } from "../../../node/traffic.ts";

const rowOf = (number: number): { readonly key: Uint8Array; readonly value: Uint8Array } => {
  const id = number.toString(16).padStart(64, "0");
  const finding = { kind: "fork", id, keys: [], target: null, purl: null, file: null, step: null, time: 0 };
  return { key: findingKey(number), value: utf8(JSON.stringify({ ...finding, difference: false })) };
};

/** A node with so many findings; its store fails once where `failing` says so. */
function nodeWith(count: { findings: number; failing?: boolean }): Pick<ApiNode, "read" | "traffic"> {
  return {
    traffic: new Traffic(),
    async read({ from, to }) {
      await later();
      if (count.failing === true) {
        count.failing = false;
        throw new Error("the disk");
      }
      const rows = Array.from({ length: count.findings }, (_, i) => rowOf(i + 1));
      const inside = rows.filter(({ key }) => compareBytes(from, key) <= 0 && compareBytes(key, to) < 0);
      return { rows: inside, more: false };
    },
  };
}

test("findings are counted once, however many ask at the same time", async () => {
  const count = { findings: 3 };
  const node = nodeWith(count);
  for (const all of [3, 5]) {
    count.findings = all;
    const answers = await Promise.all([1, 2, 3].map(() => findingCounts(node)));
    for (const { found, open } of answers)
      assert.deepEqual([found.get("fork"), open.get("fork")], [all, all]);
    assert.equal((await findingCounts(node)).found.get("fork"), all);
  }
});

test("a store that failed while they were counted keeps nobody from counting later", async () => {
  const node = nodeWith({ findings: 3, failing: true });
  await assert.rejects(findingCounts(node), /the disk/);
  assert.equal((await findingCounts(node)).found.get("fork"), 3);
});

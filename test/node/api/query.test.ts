/** What a node hands on of what peers told it: what is no text stays out, and spoils nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readQuery } from "../../../node/api/query.ts";
import { findView } from "../../../node/api/views.ts";
import { utf8 } from "../../../protocol/index.ts";
import type { FoundEntry, HeadJoin } from "../../../protocol/index.ts";

test("a checkpoint of a stranger that is no text is left out, and the rest of the answer comes", () => {
  const junk = Uint8Array.of(0xff, 0xfe);
  const note = utf8("note\n");
  const entry = (checkpoint: Uint8Array): FoundEntry => ({
    entry: Uint8Array.of(1),
    signer: new Uint8Array(32),
    index: 0,
    path: [],
    checkpoint,
  });
  const join = (small: Uint8Array, large: Uint8Array): HeadJoin => ({ small, large, proof: [] });
  const result = {
    found: [entry(junk), entry(note)],
    heads: [],
    cosigned: [junk, note],
    joins: [join(junk, note), join(note, junk), join(note, note)],
    evidence: [],
    peers: { asked: 1, replied: 1 },
    dht: { asked: 0, replied: 0 },
    ended: true,
  };
  const view = findView(result);
  assert.deepEqual(
    ["found", "cosigned", "joins"].map((name) => (view[name] as readonly unknown[]).length),
    [1, 1, 1],
  );
});

test("times are asked for in UTC, at most four", () => {
  const read = (since: readonly string[]): readonly number[] | undefined =>
    readQuery(utf8(JSON.stringify({ sha256: ["ab".repeat(32)], since }))).question.since;
  assert.deepEqual(read(["1970-01-01T00:01:00Z", "2026-10-01T00:00:00Z"]), [60, 1_790_812_800]);
  const first = "1970-01-01T00:00:00Z";
  assert.throws(() => read(Array.from({ length: 5 }, () => first)), { code: "shape/out-of-range" });
  assert.throws(() => read(["yesterday"]), /since\[0\]: /);
});

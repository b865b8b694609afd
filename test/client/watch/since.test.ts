import assert from "node:assert/strict";
import { test } from "node:test";
import { readSince } from "../../../client/cli/since.ts";

const NOW = Date.UTC(2026, 10, 30);

test("--since is a number or a time; what only looks like one is refused", () => {
  assert.deepEqual(readSince(undefined, NOW), { afterNumber: 0, fromTime: NOW });
  assert.deepEqual(readSince("17", NOW), { afterNumber: 17, fromTime: 0 });
  for (const [text, time] of [
    ["2026-11-12", Date.UTC(2026, 10, 12)],
    ["2026-11-12T10:00:00Z", Date.UTC(2026, 10, 12, 10)],
    ["2026-11-12T10:00:00.5Z", Date.UTC(2026, 10, 12, 10, 0, 0, 500)],
    ["2026-11-12T10:00+02:00", Date.UTC(2026, 10, 12, 8)],
  ] as const)
    assert.deepEqual(readSince(text, NOW), { afterNumber: 0, fromTime: time }, text);
  for (const text of ["-1", "1.5", "last monday 3", "12 November 2026", "2026-13-01", "", "2026-11-12 "])
    assert.throws(() => readSince(text, NOW), { code: "usage/bad-option" }, text);
});

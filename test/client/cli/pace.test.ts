/** How far a node is, in words, and on a terminal while it catches up. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { durationInWords } from "../../../client/cli/duration.ts";
import { auditInWords, paceInWords, showPace } from "../../../client/cli/pace.ts";
import { openPrinter } from "../../../client/cli/print.ts";
import type { SyncView } from "../../../protocol/index.ts";

const NOTHING: SyncView = { feeds: 0, missing: 0, rate: 0, seconds: 0 };

test("in words: what is missing, how fast it comes, what is left", () => {
  const sync = { feeds: 3, missing: 51_200, rate: 4_800, seconds: 11 };
  assert.equal(paceInWords(sync), "51200 entries of 3 feeds, 4800/s, 11 s left");
  assert.equal(
    paceInWords({ feeds: 1, missing: 1, rate: 0, seconds: null }),
    "1 entry of 1 feed, none came of late",
  );
  assert.deepEqual([59_999, 60_000, 7_200_000, 172_800_000].map(durationInWords), [
    "59 s",
    "1 min",
    "2 h",
    "2 days",
  ]);
});

test("in words: what the audit has looked at, what is left of it and for how long", () => {
  assert.equal(auditInWords({ audited: 1, left: 0, seconds: 0 }), "1 entry");
  assert.equal(
    auditInWords({ audited: 6_144, left: 58_856, seconds: 5_886 }),
    "6144 entries, 58856 to go, 98 min left",
  );
});

test("the line is there while entries come, and gone when all are here, when nothing comes, when the node is", async () => {
  const moving = { feeds: 1, missing: 10, rate: 5, seconds: 2 };
  const said: (SyncView | Error)[] = [
    NOTHING,
    moving,
    NOTHING,
    moving,
    { ...moving, rate: 0, seconds: null },
  ];
  said.push(moving, new Error("it stops"), moving);
  const stop = new AbortController();
  const seen: string[] = [];
  const printer = {
    ...openPrinter({}),
    progress: (text: () => string): (() => void) => {
      seen.push(text());
      return () => void seen.push("gone");
    },
  };
  await showPace(
    printer,
    async () => {
      const next = said.shift();
      if (said.length === 0) stop.abort();
      if (next === undefined || next instanceof Error) throw next ?? new Error("asked too often");
      return next;
    },
    stop.signal,
    1,
  );
  const line = "samebits: 10 entries of 1 feed, 5/s, 2 s left";
  assert.deepEqual(seen, [line, "gone", line, "gone", line, "gone", line, "gone"]);
});

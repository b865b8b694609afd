/** Lines in a journal about a node that catches up. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { silent } from "../../node/log.ts";
import { logPace } from "../../node/pace-log.ts";
import type { SyncView } from "../../protocol/index.ts";

test("a line a minute while entries come, one when all are here, none otherwise", async () => {
  const moving = { feeds: 1, missing: 10, rate: 5, seconds: 2 };
  const nothing = { feeds: 0, missing: 0, rate: 0, seconds: 0 };
  const stuck = { feeds: 1, missing: 10, rate: 0, seconds: null };
  const told: (SyncView | null)[] = [nothing, moving, stuck, null, moving, nothing, nothing];
  const lines: string[] = [];
  let now = 0;
  let timer: { readonly at: number; readonly run: () => void } | null = null;
  const clock = {
    now: () => now,
    at: (at: number, run: () => void): (() => void) => {
      timer = { at, run };
      return () => (timer = null);
    },
  };
  const log = {
    ...silent,
    info: (fields: object, text: string) => lines.push(`${text} ${JSON.stringify(fields)}`),
  };
  const end = logPace(
    async () => {
      const next = told.shift() ?? null;
      if (next === null) throw new Error("the node stops");
      return next;
    },
    clock,
    log,
  );
  while (told.length > 0) {
    const { at, run }: { readonly at: number; readonly run: () => void } = timer ?? assert.fail("no timer");
    assert.ok(at >= now + 60_000);
    now = at;
    run();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const line = 'catching up {"feeds":1,"missing":10,"rate":5,"left_s":2}';
  assert.deepEqual(lines, [line, line, "caught up {}"]);
  end();
  assert.equal(timer, null);
});

/** Lines in a journal about a node that catches up. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { silent } from "../../node/log.ts";
import { logPace } from "../../node/pace-log.ts";
import type { SyncView } from "../../protocol/index.ts";
import { inTurn, OneTimer } from "./one-timer.ts";

test("a line a minute while entries come, one when all are here, none otherwise", async () => {
  const moving = { feeds: 1, missing: 10, rate: 5, seconds: 2 };
  const nothing = { feeds: 0, missing: 0, rate: 0, seconds: 0 };
  const stuck = { feeds: 1, missing: 10, rate: 0, seconds: null };
  const told: (SyncView | null)[] = [nothing, moving, stuck, null, moving, nothing, nothing];
  const lines: string[] = [];
  const clock = new OneTimer();
  const log = {
    ...silent,
    info: (fields: object, text: string) => lines.push(`${text} ${JSON.stringify(fields)}`),
  };
  const end = logPace(inTurn(told), clock, log);
  while (told.length > 0) assert.ok((await clock.pass()) >= 60_000);
  const line = 'catching up {"event":"catching-up","feeds":1,"missing":10,"rate":5,"left_s":2}';
  assert.deepEqual(lines, [line, line, 'caught up {"event":"caught-up"}']);
  end();
  assert.equal(clock.isSet, false);
});

/** Lines in a journal about followed feeds for which there is no room. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { logFull } from "../../node/full-log.ts";
import { silent } from "../../node/log.ts";
import type { FeedClass, FeedStateName, HeadView } from "../../protocol/index.ts";
import { inTurn, OneTimer } from "./one-timer.ts";

function view(origin: string, state: FeedStateName, kind: FeedClass = "followed"): HeadView {
  const nothing = new Uint8Array(0);
  return {
    origin,
    checkpoint: nothing,
    size: 9,
    held: 5,
    timed: null,
    cosigned: [],
    state,
    indexed: 5,
    class: kind,
  };
}

test("each followed feed without room is told of once, and once more when it has room; strangers' never", async () => {
  const told: (readonly HeadView[] | null)[] = [
    [view("a", "open"), view("b", "full"), view("c", "full", "unknown")],
    [view("a", "full"), view("b", "full")],
    null,
    [view("a", "syncing"), view("b", "full")],
    [view("a", "full"), view("b", "full")],
  ];
  const lines: string[] = [];
  const clock = new OneTimer();
  const line =
    (level: string) =>
    (fields: object, text: string): void =>
      void lines.push(`${level} ${JSON.stringify(fields)} ${text.split(":")[0]}`);
  const end = logFull(inTurn(told), clock, { ...silent, warn: line("warn"), info: line("info") });
  while (told.length > 0) assert.equal(await clock.pass(), 60_000);
  const full = "there is no room for more of a followed feed";
  assert.deepEqual(lines, [
    `warn {"event":"feed-full","feed":"b","held":5} ${full}`,
    `warn {"event":"feed-full","feed":"a","held":5} ${full}`,
    'info {"event":"feed-has-room","feed":"a"} there is room again',
    `warn {"event":"feed-full","feed":"a","held":5} ${full}`,
  ]);
  end();
  assert.equal(clock.isSet, false);
});

/** Time lines that are ahead of every clock, as a node of an older version, or a stranger's, may hand them out. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { lookAtTimes } from "../../client/cli/doctor/reach.ts";
import { loadConfig } from "../../client/config.ts";
import { runningNode } from "../../client/source/index.ts";
import type { RunningNode } from "../../client/source/index.ts";
import { looksAt } from "../../client/watch/index.ts";
import type { ApiNode } from "../../node/api/index.ts";
import type { Node } from "../../node/index.ts";
import { cosignatureMessage, headBody, signDomain, verifyHead, withOwnTime } from "../../protocol/index.ts";
import type { BookedAlert } from "../../protocol/index.ts";
import { alice, serve, startPageNode } from "../node/api/page-rig.ts";
import { newFolder } from "../node/folder.ts";

const LAST_MS = 1_000 * (2 ** 53 - 1);
const HOUR = 3_600_000;

let node: Node;

before(async () => {
  node = await startPageNode();
});

/** Its feed as one that it follows, with that time, and what it has counted. */
async function changed(time: number | null, ahead = 0): Promise<Partial<ApiNode>> {
  const status = await node.status();
  const [feed] = status.feeds;
  assert.ok(feed);
  const head = verifyHead(feed.checkpoint);
  const note = (seconds: number): Uint8Array =>
    withOwnTime(head, seconds, signDomain(alice.seed, cosignatureMessage(seconds, headBody(head))));
  const timed = time === null ? null : note(Math.floor(time / 1_000));
  const feeds = [{ ...feed, class: "followed" as const, timed }];
  const counters = new Map([...status.counters, ["time-ahead", ahead] as const]);
  return {
    status: () => Promise.resolve({ ...status, feeds, counters }),
    query: async (...question) => ({ ...(await node.query(...question)), heads: feeds }),
  };
}

async function running(changes: Partial<ApiNode>): Promise<RunningNode> {
  const data = await newFolder();
  const found = await runningNode(
    await loadConfig({ data, network: "test", api: await serve(node, changes) }),
  );
  return found ?? assert.fail("no node");
}

test("doctor: a time that no calendar has is told of as any other ahead of the clock", async () => {
  const [finding] = await lookAtTimes(await running(await changed(LAST_MS)), Date.now());
  assert.equal(finding?.result, "fail");
  assert.match(finding.text, /signed 9007199254740991 s since 1970, after the year 9999 already/);
});

test("doctor: a clock that is behind shows in the lines that the node had to ignore", async () => {
  const now = Date.now();
  const cases = [
    [now - HOUR, 7, "ok", /fits the newest time/],
    [now - 24 * HOUR, 0, "warn", /the clock is ahead/],
    [now - 24 * HOUR, 7, "fail", /it is behind.*timedatectl/],
    [null, 7, "fail", /it is behind.*timedatectl/],
  ] as const;
  for (const [time, ahead, result, words] of cases) {
    const [finding] = await lookAtTimes(await running(await changed(time, ahead)), now);
    assert.equal(finding?.result, result, finding?.text);
    assert.match(finding.text, words);
  }
  assert.deepEqual(await lookAtTimes(await running(await changed(null)), now), []);
});

test("watch: a feed is not heard again by a line that is ahead of the clock", async () => {
  const alert: BookedAlert = {
    id: "00".repeat(32),
    kind: "stale",
    findings: ["00".repeat(32)],
    number: 1,
    signers: [alice.hex],
    target: null,
    step: null,
    since: Date.now() - HOUR,
    time: Date.now() - HOUR,
    difference: false,
    voices: [],
    endedAt: null,
    acknowledged: null,
    told: null,
  };
  for (const [time, count] of [
    [LAST_MS, 0],
    [Date.now() + HOUR, 0],
    [Date.now(), 1],
  ] as const) {
    const { api } = await running(await changed(time));
    const looks = looksAt(api, (error) => assert.fail(String(error)));
    assert.equal((await looks.news([alert], null)).length, count);
  }
});

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startApi } from "../../../node/api/index.ts";
import type { ApiNode } from "../../../node/api/index.ts";
import { NodeError } from "../../../node/index.ts";
import type { Node } from "../../../node/index.ts";
import { silent } from "../../../node/log.ts";
import { cosignatureLine, withSignatureLine } from "../../../protocol/index.ts";
import { atEnd } from "../../at-end.ts";
import { builder, claim } from "../../e2e/claims.ts";
import { octets, startPeer, until } from "../mesh/peers.ts";
import { startTestNode } from "../test-node.ts";

const alice = builder("alice");
let node: Node;

before(async () => {
  node = await startTestNode({ publishKey: alice.pem, first: true });
});

async function serve(
  changes: Partial<ApiNode> = {},
  door: Partial<Parameters<typeof startApi>[1]> = {},
): Promise<string> {
  const options = { socket: null, token: "", apiPublic: false, hosts: [], log: silent };
  const api = await startApi({ ...node, ...changes }, { ...options, listen: "127.0.0.1:0", ...door });
  atEnd(() => api.close());
  return api.url ?? "";
}

/** The value of one line of the metrics; null where there is no such line. */
function valueOf(metrics: string, line: string): number | null {
  const found = metrics.split("\n").find((each) => each.startsWith(`${line} `));
  return found === undefined ? null : Number(found.slice(line.length + 1));
}

test("healthz: a node that can do its work is well, one that cannot says why", async () => {
  assert.equal((await fetch(`${await serve()}/healthz`)).status, 200);
  const trouble = new NodeError("store/failed", "cannot write the store: no space left");
  const sick = await fetch(`${await serve({ trouble: () => trouble })}/healthz`);
  assert.equal(sick.status, 503);
  const { code, detail } = (await sick.json()) as Record<string, unknown>;
  assert.deepEqual([code, detail], [trouble.code, trouble.message]);
});

test("healthz: strangers are told what is wrong, and not where on the machine", async () => {
  const path = "/home/alice/.local/share/samebits/own-head";
  const trouble = new NodeError("data/unusable", `cannot write ${path}: Error: ENOSPC, open '${path}.new'`);
  const sick = {
    trouble: () => trouble,
    addCheckpoint: () => Promise.reject(trouble),
    status: () => Promise.reject(trouble),
  };
  const beyond = new URL(await serve(sick, { listen: "0.0.0.0:0" }));
  const told = { headers: { "content-type": "text/plain" }, method: "POST", body: "" };
  for (const [route, asked] of [
    ["/healthz", {}],
    ["/healthz/live", {}],
    [`/feeds/${"00".repeat(32)}/checkpoint`, {}],
    ["/witness/add-checkpoint", told],
  ] as const) {
    const answer = await fetch(`http://127.0.0.1:${beyond.port}${route}`, asked);
    const text = await answer.text();
    assert.deepEqual([answer.status, (JSON.parse(text) as { code: string }).code], [503, "data/unusable"]);
    assert.doesNotMatch(text, /alice|own-head|ENOSPC/, route);
  }
  for (const options of [{}, { listen: "0.0.0.0:0", apiPublic: true }]) {
    const { port } = new URL(await serve(sick, options));
    const text = await (await fetch(`http://127.0.0.1:${port}/healthz`)).text();
    assert.ok(text.includes(path), "who may see the rest sees this too");
  }
});

test("healthz: a node whose engine does not answer is not well", async () => {
  const dead = (): Promise<never> => Promise.reject(new NodeError("node/closed", "the node is stopping"));
  assert.equal((await fetch(`${await serve({ status: dead })}/healthz`)).status, 503);
});

test("healthz: what keeps a node from a part of its work is told; alive it is all the same", async () => {
  const status = await node.status();
  const own = (state: "lost" | "frozen"): Promise<typeof status> =>
    Promise.resolve({
      ...status,
      own: { origin: "samebits/test/x", state, size: 1, reason: "its store is gone" },
    });
  const disk = { store: 1, free: 2 ** 40, files: 1_000 };
  for (const [changes, code, live] of [
    [{ disk: () => Promise.resolve({ ...disk, free: 1_000_000 }) }, "data/no-room", 200],
    [{ disk: () => Promise.resolve({ ...disk, files: 0 }) }, "data/no-room", 200],
    [{ status: () => own("lost") }, "node/feed-closed", 200],
    [{ status: () => new Promise<never>(() => undefined) }, "node/slow", 503],
  ] as const) {
    const url = await serve(changes);
    const answer = await fetch(`${url}/healthz`);
    assert.equal(answer.status, 503, code);
    assert.equal(((await answer.json()) as Record<string, unknown>)["code"], code);
    assert.equal((await fetch(`${url}/healthz/live`)).status, live, code);
  }
  // A feed that was ended on purpose keeps nobody from anything.
  assert.equal((await fetch(`${await serve({ status: () => own("frozen") })}/healthz`)).status, 200);
});

test("healthz: an event loop that is held up is no healthy node's", async () => {
  const url = await serve({
    async status() {
      const end = performance.now() + 2_100;
      while (performance.now() < end);
      return node.status();
    },
  });
  const answer = await fetch(`${url}/healthz/live`);
  assert.equal(((await answer.json()) as Record<string, unknown>)["code"], "node/slow");
});

test("metrics: peers, feeds, entries, findings, what was counted by code, and the process", async () => {
  const url = await serve();
  const read = async (): Promise<string> => (await fetch(`${url}/metrics`)).text();
  await node.publish([claim(alice, "hello", "these bits"), claim(alice, "hello", "those bits")]);
  await until("the finding", async () => (await node.status()).findings === 1);
  const other = await startPeer([], { bootstrap: node.listen, light: true, listen: [] });
  await until("company", () => other.joined.has(node.peerId));
  await assert.rejects(other.mesh.ask(node.peerId, "tiles", octets("junk"), 5_000));
  await until("the time of the head", async () => valueOf(await read(), "samebits_feeds_complete") === 1);
  const metrics = await read();
  for (const [line, value] of [
    ['samebits_connections{direction="out"}', 0],
    ['samebits_feeds{class="own",state="open"}', 1],
    ["samebits_feed_entries", 2],
    ["samebits_feed_entries_wanted", 2],
    ["samebits_own_feed_entries", 2],
    ["samebits_own_feed_open", 1],
    ["samebits_claims", 2],
    ["samebits_records", 0],
    ["samebits_findings_total", 1],
    ["samebits_healthy", 1],
    ['samebits_events_total{code="refused wire/undecodable"}', 1],
    ['samebits_questions_total{asker="others",stream="tiles"}', 1],
    ['samebits_question_bytes_total{asker="others",stream="tiles",part="question"}', 4],
    ['samebits_question_bytes_total{asker="others",stream="tiles",part="answer"}', 0],
  ] as const) {
    assert.equal(valueOf(metrics, line), value, line);
  }
  assert.ok((valueOf(metrics, "process_resident_memory_bytes") ?? 0) > 0);
  assert.match(metrics, /^# TYPE samebits_events_total counter$/m);
  const sick = await fetch(
    `${await serve({ trouble: () => new NodeError("store/failed", "full") })}/metrics`,
  );
  assert.equal(valueOf(await sick.text(), "samebits_healthy"), 0);
});

test("metrics: a head of the future is of unknown age, not a fresh one", async () => {
  const status = await node.status();
  const [feed] = status.feeds;
  assert.ok(feed);
  const now = Math.floor(Date.now() / 1_000);
  const timed = [now, now + 200, now + 400, 9_000_000_000_000_000].map((seconds) =>
    withSignatureLine(
      feed.checkpoint,
      cosignatureLine({ name: feed.origin, raw: alice.raw }, seconds, new Uint8Array(64)),
    ),
  );
  const feeds = timed.map((note, at) => ({
    ...feed,
    origin: at === 0 ? feed.origin : `other ${at}`,
    timed: note,
  }));
  const read = async (some: typeof feeds): Promise<string> => {
    const url = await serve({ status: () => Promise.resolve({ ...status, feeds: some }) });
    return (await fetch(`${url}/metrics`)).text();
  };
  const ages = await read(feeds);
  const line = (age: string): string => `samebits_feeds_by_head_age{class="own",age="${age}"}`;
  assert.deepEqual([valueOf(ages, line("1h")), valueOf(ages, line("unknown"))], [2, 2]);
  const own = "samebits_own_feed_head_age_seconds";
  assert.equal(valueOf(await read(timed.slice(3).map((note) => ({ ...feed, timed: note }))), own), null);
  assert.ok((valueOf(await read(feeds.slice(0, 1)), own) ?? Infinity) < 60);
});

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { before, test } from "node:test";
import { startApi } from "../../../node/api/index.ts";
import type { ApiNode } from "../../../node/api/index.ts";
import type { Node } from "../../../node/index.ts";
import { silent } from "../../../node/log.ts";
import { ed25519Key, MAX_FINDINGS_BYTES } from "../../../protocol/index.ts";
import type { Finding } from "../../../protocol/index.ts";
import { atEnd } from "../../at-end.ts";
import { builder, claim } from "../../e2e/claims.ts";
import { assertAnswered, assertFits } from "../../json-schemas.ts";
import { testFinding } from "../finding.ts";
import { until } from "../mesh/peers.ts";
import { startTestNode } from "../test-node.ts";

const alice = builder("alice");
const EVIDENCE_BYTES = 100_000;
const PAGE = { limit: 200, onlyProven: false };
const follow = { all: false, origins: [], builders: [ed25519Key(alice.raw)] };
let node: Node;

before(async () => {
  node = await startTestNode({ publishKey: alice.pem, first: true, follow });
});

const finding = (number: number): Finding =>
  testFinding(number, { evidence: new Uint8Array(EVIDENCE_BYTES) });

async function serve(changes: Partial<ApiNode>): Promise<string> {
  const options = { socket: null, token: "", apiPublic: false, hosts: [], log: silent };
  const api = await startApi({ ...node, ...changes }, { ...options, listen: "127.0.0.1:0" });
  atEnd(() => api.close());
  return api.url ?? "";
}

/** Numbers of the findings in a text of events, in order. */
const numbersIn = (text: string): number[] =>
  [...text.matchAll(/^id: ([0-9]+)$/gm)].map(([, number]) => Number(number));

test("events: a reader that does not read is not read for, and misses nothing when it does", async () => {
  let made = 0;
  const many = async function* (): AsyncGenerator<Finding> {
    while (made < 1_000) yield finding(++made);
  };
  const url = await serve({ events: many });
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).pause();
  socket.write("GET /v1/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  // It stops when the system's buffers are full: some MB, wherever these are large.
  let before = -1;
  await until("nothing more to be made", async () => {
    const settled = made > 0 && made === before;
    before = made;
    await new Promise((resolve) => setTimeout(resolve, 300));
    return settled && made === before;
  });
  assert.ok(made < 500, `${made} findings of ${EVIDENCE_BYTES} octets were made for nobody`);
  let text = "";
  socket.on("data", (part) => (text += part.toString("latin1").replace(/[A-Za-z0-9+/=]{1000,}/g, "")));
  await once(socket.resume(), "end");
  assert.deepEqual(
    numbersIn(text),
    Array.from({ length: 1_000 }, (_, i) => i + 1),
  );
});

test("events: a stream that fails ends, and its place is free", async () => {
  const failing = async function* (since: number): AsyncGenerator<Finding> {
    yield finding(since + 1);
    throw new Error("the store failed");
  };
  const url = await serve({ events: failing });
  for (let i = 0; i < 100; i++) {
    const answer = await fetch(`${url}/v1/events`, { headers: { "last-event-id": String(i) } });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("content-type"), "text/event-stream");
    assert.deepEqual(numbersIn(await answer.text()), [i + 1]);
  }
});

test("events: findings and evidence come in pages by number", async () => {
  for (const name of ["one", "two", "three"]) {
    await node.publish([claim(alice, name, "these bits"), claim(alice, name, "those bits")]);
  }
  await until("three findings", async () => (await node.findings(0, PAGE)).findings.length === 3);
  const url = await serve({});
  const get = async (path: string): Promise<string> => {
    const answer = await fetch(`${url}${path}`);
    const text = await answer.text();
    const type = answer.headers.get("content-type") ?? "";
    assertAnswered("GET", path, { status: answer.status, type, text });
    return text;
  };
  const numbers = (text: string): number[] =>
    [...text.matchAll(/"number":([0-9]+)/g)].map(([, number]) => Number(number));
  const all = numbers(await get("/v1/findings"));
  assert.equal(all.length, 3);
  assert.deepEqual(numbers(await get(`/v1/findings?since=${all[0]}`)), all.slice(1));
  assert.deepEqual(numbers(await get(`/v1/evidence?since=${all[1]}`)), all.slice(2));
  for (const route of ["/v1/findings", "/v1/evidence"])
    assert.match(await get(route), new RegExp(`"next":${all[2]},"more":false}$`));
  assert.equal((await fetch(`${url}/v1/findings?since=-1`)).status, 400);
});

test("events: one page holds only so much evidence", async () => {
  const big = await startTestNode({ publishKey: alice.pem, first: true, follow });
  // Two envelopes of 53 KB each, in base64, are evidence of 144 KB: some 29 make a page.
  const wide = 40;
  for (let i = 0; i < wide; i++) {
    const filler = `${i} `.padEnd(40_000, "x");
    await big.publish([
      claim(alice, `p${i}`, "these bits", filler),
      claim(alice, `p${i}`, "those bits", filler),
    ]);
  }
  await until("all findings", async () => (await big.status()).findings === wide);
  const { findings: page, next } = await big.findings(0, PAGE);
  const octets = page.reduce((sum, { evidence }) => sum + (evidence?.length ?? 0), 0);
  assert.ok(page.length < wide, `${page.length} findings in one page`);
  assert.ok(octets >= MAX_FINDINGS_BYTES && octets < 2 * MAX_FINDINGS_BYTES, `${octets} octets`);
  assert.equal(next, page.at(-1)?.number);
  const rest = await big.findings(next, PAGE);
  assert.equal(page.length + rest.findings.length, wide);
  assert.equal(rest.more, false);
});

test("events: a clock that is set back delays no status, and a node has run no shorter for it", async (t) => {
  const url = await serve({});
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(60_000)]);
  const answer = await fetch(`${url}/v1/events?status=1&since=1000000`, { signal });
  const { now } = Date;
  let text = "";
  for await (const part of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += part;
    const ups = [...text.matchAll(/"uptime_ms":([0-9]+)/g)].map(([, ms]) => Number(ms));
    if (ups.length === 1 && Date.now === now) t.mock.method(Date, "now", () => now() - 3_600_000);
    if (ups.length < 3) continue;
    stop.abort();
    assert.ok(ups[0] !== undefined && ups[0] < 60_000, `up for ${ups.join(", ")} ms`);
    assert.deepEqual(
      ups,
      ups.toSorted((a, b) => a - b),
    );
    return;
  }
  assert.fail("the stream ended");
});

test("events: who wants the node's status gets it at once, between the findings", async () => {
  const url = await serve({});
  const stop = new AbortController();
  const answer = await fetch(`${url}/v1/events?status=1&since=1000000`, { signal: stop.signal });
  let text = "";
  for await (const part of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += part;
    if (text.includes("event: status") && text.endsWith("\n\n")) break;
  }
  stop.abort();
  const [, data = ""] = /event: status\ndata: (.*)\n/.exec(text) ?? [];
  assert.doesNotMatch(text, /^id:/m);
  assertFits(["status"], JSON.parse(data), "a status event");
  const without = await fetch(`${url}/v1/events?status=0&since=1000000`, {
    signal: AbortSignal.timeout(500),
  });
  const read = without.text().catch(() => "ended");
  assert.equal(await read, "ended");
});

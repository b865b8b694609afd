import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { once } from "node:events";
import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { before, test } from "node:test";
import { NodeError } from "../../../node/index.ts";
import type { Node } from "../../../node/index.ts";
import {
  MAX_EVENT_STREAMS,
  MAX_HTTP_BODY_BYTES,
  originHash,
  toBase64,
  toHex,
} from "../../../protocol/index.ts";
import { builder, claim } from "../../e2e/claims.ts";
import { assertAnswered } from "../../json-schemas.ts";
import { newFolder } from "../folder.ts";
import { startTestNode } from "../test-node.ts";

interface Answer {
  readonly status: number;
  readonly code: string | null;
  readonly body: string;
  readonly headers: NodeJS.Dict<string | string[]>;
}

let node: Node;
let folder = "";
let token = "";

before(async () => {
  folder = await newFolder();
  const api = { listen: "127.0.0.1:0", public: false, hosts: ["node.example"] };
  node = await startTestNode({ dataDir: folder, api });
  token = (await readFile(join(folder, "token"), "utf8")).trim();
});

/** One request by Node's own client, which sets whatever header it is told to. */
function ask(
  path: string,
  headers: Record<string, string> = {},
  body?: string,
  method?: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const url = new URL(path, node.api ?? "");
    const how = { method: method ?? (body === undefined ? "GET" : "POST"), headers };
    const sent = request(url, how, (answer) => {
      let text = "";
      answer.on("data", (part) => (text += String(part)));
      answer.on("end", () => {
        const code = /"code":"([^"]+)"/.exec(text)?.[1] ?? null;
        const status = answer.statusCode ?? 0;
        try {
          const type = answer.headers["content-type"] ?? "";
          assertAnswered(how.method, path, { status, type, text });
          resolve({ status, code, body: text, headers: answer.headers });
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

const JSON_TYPE = { "content-type": "application/json" };

async function refuses(status: number, code: string, ...question: Parameters<typeof ask>): Promise<void> {
  const answer = await ask(...question);
  assert.deepEqual([answer.status, answer.code], [status, code], answer.body);
  assert.equal(answer.headers["content-type"], "application/problem+json");
  assert.equal(answer.headers["access-control-allow-origin"], undefined);
}

test("api: a host that is neither loopback nor configured gets 421 (a rebound name)", async () => {
  await refuses(421, "http/wrong-host", "/v1/status", { host: "evil.example" });
  await refuses(421, "http/wrong-host", "/v1/status", { host: "127.0.0.1.evil.example" });
  assert.equal((await ask("/v1/status", { host: "node.example:7717" })).status, 200);
  assert.equal((await ask("/v1/status", { host: "localhost" })).status, 200);
});

test("api: other sites' pages get 403, and nobody gets CORS headers", async () => {
  await refuses(403, "http/cross-site", "/v1/status", { origin: "https://evil.example" });
  await refuses(403, "http/cross-site", "/v1/status", { origin: "null" });
  await refuses(403, "http/cross-site", "/v1/status", { "sec-fetch-site": "cross-site" });
  const own = await ask("/v1/status", { origin: node.api ?? "", "sec-fetch-site": "same-origin" });
  assert.equal(own.status, 200);
  assert.equal(own.headers["access-control-allow-origin"], undefined);
});

test("api: POST needs application/json, a body within the limit, and JSON of the right shape", async () => {
  await refuses(415, "http/wrong-content-type", "/v1/query", { "content-type": "text/plain" }, "{}");
  const big = " ".repeat(MAX_HTTP_BODY_BYTES + 1);
  await refuses(413, "http/body-too-big", "/v1/query", JSON_TYPE, big);
  await refuses(413, "http/body-too-big", "/v1/query", { ...JSON_TYPE, "transfer-encoding": "chunked" }, big);
  await refuses(400, "json/bad-syntax", "/v1/query", JSON_TYPE, "{");
  await refuses(400, "json/duplicate-key", "/v1/query", JSON_TYPE, '{"sha256":[],"sha256":[]}');
  await refuses(400, "shape/unknown-member", "/v1/query", JSON_TYPE, '{"__proto__":{}}');
  await refuses(400, "shape/wrong-type", "/v1/query", JSON_TYPE, '{"targets":{}}');
  await refuses(400, "bytes/bad-hex", "/v1/query", JSON_TYPE, '{"sha256":["xyz"]}');
  const empty = await ask("/v1/query", JSON_TYPE, "{}");
  assert.equal(empty.status, 200, empty.body);
});

test("api: what changes something needs the token", async () => {
  const body = JSON.stringify({ envelopes: [toBase64(claim(builder("alice"), "hello", "bits"))] });
  await refuses(401, "http/no-token", "/v1/attestations", JSON_TYPE, body);
  const wrong = { ...JSON_TYPE, authorization: `Bearer ${"0".repeat(64)}` };
  await refuses(401, "http/no-token", "/v1/attestations", wrong, body);
  await refuses(401, "http/no-token", `/v1/findings/${"ab".repeat(32)}/ack`, JSON_TYPE, '{"note":"seen"}');
  const right = { ...JSON_TYPE, authorization: `Bearer ${token}` };
  const first = await ask("/v1/attestations", right, body);
  assert.equal(first.status, 200, first.body);
  assert.match(first.body, /"index":0,"known":false/);
  assert.match((await ask("/v1/attestations", right, body)).body, /"index":0,"known":true/);
  await refuses(400, "attestation/unknown-form", "/v1/attestations", right, '{"envelopes":["e30="]}');
  await refuses(404, "peer/no-such-finding", `/v1/findings/${"ab".repeat(32)}/ack`, right, '{"note":"seen"}');
});

test("api: every route answers", async () => {
  for (const path of [
    "/v1/status",
    "/v1/peers",
    "/v1/feeds",
    "/v1/findings",
    "/v1/evidence",
    "/v1/openapi.json",
    "/metrics",
  ]) {
    assert.equal((await ask(path)).status, 200, path);
  }
  assert.equal((await ask("/healthz")).body, "ok\n");
  await refuses(404, "http/no-such-route", "/v2");
  await refuses(404, "http/no-such-route", "/v1/status", {}, undefined, "DELETE");
  await refuses(400, "http/bad-query", "/v1/targets");
});

test("api: a feed is served as C2SP tlog-tiles", async () => {
  const hash = toHex(originHash(node.origin ?? ""));
  const checkpoint = await ask(`/feeds/${hash}/checkpoint`);
  assert.equal(checkpoint.status, 200);
  assert.ok(checkpoint.body.startsWith(`${node.origin}\n1\n`));
  assert.equal((await ask(`/feeds/${hash}/tile/entries/000.p/1`)).status, 200);
  assert.equal((await ask(`/feeds/${hash}/tile/0/000.p/1`)).status, 200);
  await refuses(404, "http/no-such-tile", `/feeds/${hash}/tile/0/000.p/2`);
  await refuses(400, "tile/bad-path", `/feeds/${hash}/tile/0/000.p/0`);
  await refuses(404, "http/no-such-feed", `/feeds/${"00".repeat(32)}/checkpoint`);
});

test("api: beyond loopback only feeds, witness and healthz are served", async () => {
  const api = { listen: "0.0.0.0:0", public: false, hosts: [] };
  const open = await startTestNode({ api });
  const port = new URL(open.api ?? "").port;
  const get = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`);
  assert.equal((await get("/healthz")).status, 200);
  const refused = await get("/v1/status");
  const { code } = (await refused.json()) as { code: string };
  assert.deepEqual([refused.status, code], [403, "http/local-only"]);
  assert.equal((await get(`/feeds/${"00".repeat(32)}/checkpoint`)).status, 404);
});

test("api: one event stream too many is refused, and one that ends makes room", async () => {
  const url = new URL("/v1/events", node.api ?? "");
  const streams = await Promise.all(
    Array.from({ length: MAX_EVENT_STREAMS }, () => {
      const sent = request(url, { agent: false });
      const opened = once(sent, "response").then(() => sent);
      sent.end();
      return opened;
    }),
  );
  await refuses(429, "http/too-many-streams", "/v1/events");
  const [first, ...others] = streams;
  first?.destroy();
  const until = Date.now() + 10_000;
  for (;;) {
    const sent = request(url, { agent: false });
    sent.end();
    const [answer] = (await once(sent, "response")) as [IncomingMessage];
    sent.destroy();
    if (answer.statusCode === 200) break;
    assert.ok(Date.now() < until, "the place that came free is taken again");
  }
  for (const stream of others) stream.destroy();
});

test("api: an address that is taken, or is none, is said as such", async () => {
  const taken = new URL(node.api ?? "").host;
  for (const [listen, words] of [
    [taken, /is in use/],
    ["127.0.0.1:99999", /HOST:PORT/],
    ["no-port", /HOST:PORT/],
  ] as const) {
    await assert.rejects(startTestNode({ api: { listen, public: false, hosts: [] } }), (error) => {
      assert.ok(error instanceof NodeError);
      assert.equal(error.code, "config/bad-address");
      assert.match(error.message, words);
      assert.ok(error.message.includes(listen));
      return true;
    });
  }
});

/** A node's event stream: read piece by piece, opened again where it broke, bounded. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openApi, parseAddress } from "../../../client/source/index.ts";
import type { Finding } from "../../../protocol/index.ts";
import { serveHttp } from "../../servers.ts";

const view = (number: number): object => ({
  samebits: 1,
  number,
  kind: "silent",
  id: "00",
  keys: ["aa"],
  purl: null,
  file: null,
  step: null,
  time: "2026-01-01T00:00:00.000Z",
  difference: false,
  evidence: null,
});
const event = (data: unknown): string => `id: 1\nevent: finding\ndata: ${JSON.stringify(data)}\n\n`;

/** The first `count` findings of the stream. */
async function first(url: string, count: number): Promise<readonly number[]> {
  const stop = new AbortController();
  const api = openApi(parseAddress(url), { trusted: false, dataDir: "/nowhere", network: "test" });
  const seen: Finding[] = [];
  for await (const finding of api.findings(0, stop.signal)) {
    seen.push(finding);
    if (seen.length === count) break;
  }
  stop.abort();
  return seen.map(({ number }) => number);
}

test("findings: events cut anywhere, comments between them, and a stream that ends and goes on", async () => {
  const paths: string[] = [];
  const url = await serveHttp((request, response) => {
    paths.push(request.url ?? "");
    response.writeHead(200, { "content-type": "text/event-stream" });
    if (paths.length > 1) {
      response.end(event(view(4)));
      return;
    }
    const text = `: hello\n\n${event(view(2))}: still here\n\nevent: other\ndata: {}\n\n${event(view(3))}`;
    response.write(text.slice(0, 50));
    setImmediate(() => response.end(text.slice(50)));
  });
  assert.deepEqual(await first(url, 3), [2, 3, 4]);
  assert.deepEqual(paths, ["/v1/events?since=0", "/v1/events?since=3"]);
});

test("findings: what is no finding ends the stream with a code", async () => {
  const { evidence: _, ...without } = view(1) as Record<string, unknown>;
  const bad = [
    without,
    { ...view(1), kind: "nonsense" },
    { ...view(1), time: "soon" },
    { ...view(1), keys: ["zz"] },
    { ...view(1), number: -1 },
    7,
  ];
  for (const data of bad) {
    const url = await serveHttp((_request, response) => void response.writeHead(200).end(event(data)));
    await assert.rejects(first(url, 1), { code: "api/bad-answer" });
  }
  const long = await serveHttp(
    (_request, response) => void response.writeHead(200).end(`data: ${"x".repeat(600_000)}`),
  );
  await assert.rejects(first(long, 1), { code: "api/bad-answer" });
});

test("findings: a node that refuses, or is not there, is an error the first time", async () => {
  const refusing = await serveHttp((_request, response) => void response.writeHead(429).end());
  await assert.rejects(first(refusing, 1), { code: "api/refused" });
  await assert.rejects(first("http://127.0.0.1:1", 1), { code: "api/unreachable" });
});

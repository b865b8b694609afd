/** The interface under requests made out of its own description, good, changed and hostile: it answers every one, in its own words, and goes on. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import fc from "fast-check";
import type { Node } from "../../../node/index.ts";
import { originHash, toBase64, toHex } from "../../../protocol/index.ts";
import { builder, claim } from "../../e2e/claims.ts";
import { assertAnswered, assertFits, SPEC } from "../../json-schemas.ts";
import { newFolder } from "../folder.ts";
import { startTestNode } from "../test-node.ts";
import { anyRequest, NASTY, ROUTES } from "./any-request.ts";
import type { Described, Known } from "./any-request.ts";
import { octetsOf, send } from "./raw-client.ts";
import type { RawAnswer, RawRequest } from "./raw-client.ts";

/** Requests a route. */
const RUNS = 60;
/** What a node may answer with 503 although it is well: its witness knows no head yet, or has no time. */
const IN_TROUBLE = /^(?:witness\/|http\/not-read-yet)/;
const PROBLEM = "application/problem+json";

let node: Node;
let port = 0;
let known: Known = { token: "", values: [] };
/** Every code that `protocol/spec/errors.md` lists. */
let codes: ReadonlySet<string> = new Set();

before(async () => {
  const dataDir = await newFolder();
  node = await startTestNode({ dataDir, api: { listen: "127.0.0.1:0", public: false, hosts: [] } });
  port = Number(new URL(node.api ?? "").port);
  const token = (await readFile(join(dataDir, "token"), "utf8")).trim();
  const alice = builder("alice");
  const entries = ["hello", "bash", "zstd"].map((name) => claim(alice, name, "bits"));
  const body = JSON.stringify({ envelopes: entries.map(toBase64) });
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  const answer = await fetch(`${node.api ?? ""}/v1/attestations`, { method: "POST", headers, body });
  assert.equal(answer.status, 200);
  const hash = toHex(originHash(node.origin ?? ""));
  known = { token, values: [hash, "0", "1", "hello", "entries/000.p/1", "0/000.p/3", "ab".repeat(32)] };
  const errors = await readFile(join(SPEC, "errors.md"), "utf8");
  codes = new Set([...errors.matchAll(/^\| `([a-z0-9-]+\/[a-z0-9-]+)`/gm)].map(([, code = ""]) => code));
});

/** Asks, and holds the answer against what the interface promises of every answer. */
async function ask(request: RawRequest): Promise<RawAnswer> {
  const isStream = request.target.startsWith("/v1/events");
  const answer = await send(port, octetsOf(request), (text) => isStream && text.includes("findings follow"));
  const what = `${request.method} ${request.target}`;
  assert.ok(answer !== null, `${what}: an answer`);
  const { status, headers, body } = answer;
  const type = headers.get("content-type") ?? "";
  if (status >= 400) assertProblem(request, answer, what);
  assert.ok(status < 500 || status === 503, `${what}: ${status}`);
  assert.equal(headers.get("access-control-allow-origin"), undefined, "no CORS");
  const isWhole = request.method === "GET" || request.method === "POST";
  if (status === 200 && isWhole)
    assertAnswered(request.method, plain(request.target), { status, type, text: body.toString() });
  return answer;
}

function assertProblem({ method }: RawRequest, { status, headers, body }: RawAnswer, what: string): void {
  assert.equal(headers.get("content-type"), PROBLEM, `${what}: ${status}`);
  if (method === "HEAD") return;
  const problem = JSON.parse(body.toString()) as { code: string; status: number };
  assertFits(["problem"], problem, what);
  assert.equal(problem.status, status);
  assert.ok(codes.has(problem.code), `${what}: ${problem.code} stands in errors.md`);
  if (status === 503) assert.match(problem.code, IN_TROUBLE, what);
}

/** A target as the description's paths are compared with. */
function plain(target: string): string {
  return target.split("?", 1)[0] ?? "";
}

for (const route of ROUTES) {
  test(`fuzz: ${route.method} ${route.path} answers whatever comes, and never fails`, async () => {
    const answered = new Set<number>();
    await fc.assert(
      fc.asyncProperty(anyRequest(route, known), async (request) => {
        answered.add((await ask(request)).status);
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
    assert.ok(answered.size > 1, `answers of several kinds: ${[...answered].join(" ")}`);
    // What is built for the dashboard may be absent.
    if (route.method === "GET" && !route.path.includes("{") && route.path !== "/verify.html")
      assert.ok(answered.has(200), "good questions are among them");
    assert.equal((await fetch(`${node.api ?? ""}/healthz`)).status, 200, "it is well");
  });
}

/** A route as somebody asks it who does it right, but for what `changes` says. */
function asked(route: Described, ...changes: readonly (readonly [string, string])[]): RawRequest {
  const body = route.takes === null ? null : new TextEncoder().encode("{}");
  return {
    method: route.method,
    target: route.path.replaceAll(/\{\w+\}/g, "ab".repeat(32)),
    headers: [
      ...(changes.some(([name]) => name === "Host") ? [] : [["Host", "localhost"] as const]),
      ["Connection", "close"],
      ...(body === null ? [] : [["Content-Type", route.takes?.type ?? ""] as const]),
      ...(body === null ? [] : [["Content-Length", String(body.length)] as const]),
      ...(route.needsToken ? [["Authorization", `Bearer ${known.token}`] as const] : []),
      ...changes,
    ],
    body,
  };
}

function codeOf({ body }: RawAnswer): unknown {
  return (JSON.parse(body.toString()) as { code: string }).code;
}

test("every route refuses a rebound name, another site's page, and where it changes something whoever has no token", async () => {
  for (const route of ROUTES) {
    const what = `${route.method} ${route.path}`;
    for (const host of ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:7717", "0.0.0.0"]) {
      const answer = await ask(asked(route, ["Host", host]));
      assert.deepEqual([answer.status, codeOf(answer)], [421, "http/wrong-host"], `${what} ${host}`);
    }
    for (const [name, value] of [
      ["Origin", "https://evil.example"],
      ["Origin", "null"],
      ["Origin", "http://localhost.evil.example"],
      ["Sec-Fetch-Site", "cross-site"],
    ] as const) {
      const answer = await ask(asked(route, [name, value]));
      assert.deepEqual([answer.status, codeOf(answer)], [403, "http/cross-site"], `${what} ${name}`);
    }
    if (!route.needsToken) continue;
    const without = asked(route);
    const headers = without.headers.filter(([name]) => name !== "Authorization");
    for (const given of [
      [],
      [["Authorization", known.token]],
      [["Authorization", `Bearer ${known.token}0`]],
    ] as const) {
      const answer = await ask({ ...without, headers: [...headers, ...given] });
      assert.deepEqual([answer.status, codeOf(answer)], [401, "http/no-token"], what);
    }
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
      const forms = without.headers.map(
        ([name, value]) => [name, name === "Content-Type" ? type : value] as const,
      );
      assert.equal((await ask({ ...without, headers: forms })).status, 415, `${what}: a form`);
    }
  }
});

test("a Host of which no URL can be made is none, whatever route is asked", async () => {
  const numbers = ["256.1.1.1", "127.999.1.1", "1.2.3.4.5", "a.0x", "1.2.3.256:1234"];
  for (const host of numbers)
    for (const route of ROUTES) {
      const answer = await ask(asked(route, ["Host", host]));
      assert.deepEqual([answer.status, codeOf(answer)], [400, "http/bad-request"], `${route.path} ${host}`);
    }
});

test("a target that names another host is of that host, whatever Host says", async () => {
  const answer = await ask({
    method: "GET",
    target: "http://evil.example/v1/status",
    headers: [
      ["Host", "localhost"],
      ["Connection", "close"],
    ],
    body: null,
  });
  assert.deepEqual([answer.status, codeOf(answer)], [421, "http/wrong-host"]);
});

test("what is no request is answered by a problem, and takes no place", async () => {
  const close = "\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  const post =
    "POST /v1/query HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n";
  const cases: readonly (readonly [string, number, string])[] = [
    ["junk\r\n\r\n", 400, "http/bad-request"],
    ["\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003", 400, "http/bad-request"],
    [`BREW /v1/status HTTP/1.1${close}`, 400, "http/bad-request"],
    [`GET /v1/status HTTP/9.9${close}`, 400, "http/bad-request"],
    ["GET /v1/status HTTP/1.1\r\nConnection: close\r\n\r\n", 400, "http/bad-request"],
    ["GET /v1/status HTTP/1.0\r\n\r\n", 400, "http/bad-request"],
    [`GET * HTTP/1.1${close}`, 400, "http/bad-request"],
    [`OPTIONS * HTTP/1.1${close}`, 400, "http/bad-request"],
    [`GET /v1/status\u00ff HTTP/1.1${close}`, 400, "http/bad-request"],
    [`GET /v1\\status HTTP/1.1${close}`, 400, "http/bad-request"],
    [`GET //evil.example/v1/status HTTP/1.1${close}`, 404, "http/no-such-route"],
    [`GET /${"a".repeat(20_000)} HTTP/1.1${close}`, 431, "http/bad-request"],
    [`GET /v1/status HTTP/1.1\r\nX: ${"a".repeat(20_000)}${close}`, 431, "http/bad-request"],
    [`GET /v1/status HTTP/1.1\r\nExpect: magic${close}`, 417, "http/bad-request"],
    [`CONNECT localhost:80 HTTP/1.1${close}`, 404, "http/no-such-route"],
    [`TRACE /v1/status HTTP/1.1${close}`, 404, "http/no-such-route"],
    [`${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, 400, "http/bad-request"],
    [`${post}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n`, 400, "http/bad-request"],
    [`${post}Content-Length: 3\r\nContent-Length: 4\r\n\r\n{}  `, 400, "http/bad-request"],
    [`${post}Content-Length: -1\r\n\r\n`, 400, "http/bad-request"],
  ];
  for (const [text, status, code] of cases) {
    const answer = await send(port, Buffer.from(text, "latin1"));
    const what = JSON.stringify(text.slice(0, 80));
    assert.ok(answer !== null, what);
    assertProblem({ method: "GET", target: "", headers: [], body: null }, answer, what);
    assert.deepEqual([answer.status, codeOf(answer)], [status, code], what);
  }
  for (let i = 0; i < 100; i++)
    assert.equal((await fetch(`${node.api ?? ""}/v1/events`, { method: "HEAD" })).status, 200);
});

test("whatever somebody named is told in JSON alone, and asking for it changes nothing", async () => {
  for (const name of NASTY) {
    const q = encodeURIComponent(name.toWellFormed());
    const answer = await fetch(`${node.api ?? ""}/v1/targets?q=${q}`);
    const text = await answer.text();
    assert.ok(
      answer.status === 200 || answer.status === 400,
      `${JSON.stringify(name)}: ${answer.status} ${text}`,
    );
    assert.match(answer.headers.get("content-type") ?? "", /^application\/(?:problem\+)?json/);
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
    // eslint-disable-next-line no-control-regex
    assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f]/, "control characters are escaped");
  }
});

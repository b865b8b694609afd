import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { join } from "node:path";
import { before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startApi } from "../../../node/api/index.ts";
import type { Api, ApiNode } from "../../../node/api/index.ts";
import { openToken } from "../../../node/api/token.ts";
import { NodeError } from "../../../node/index.ts";
import type { Node } from "../../../node/index.ts";
import { silent } from "../../../node/log.ts";
import type { LogFields } from "../../../node/log.ts";
import { MAX_HTTP_QUERIES } from "../../../protocol/index.ts";
import { atEnd } from "../../at-end.ts";
import { newFolder } from "../folder.ts";
import { until } from "../mesh/peers.ts";
import { startTestNode } from "../test-node.ts";

let node: Node;
let folder = "";

before(async () => {
  folder = await newFolder();
  node = await startTestNode({ dataDir: folder });
});

async function start(
  changes: Partial<Parameters<typeof startApi>[1]>,
  answers: ApiNode = node,
): Promise<Api> {
  const options = { listen: null, socket: null, token: "secret", apiPublic: false, hosts: [], log: silent };
  const api = await startApi(answers, { ...options, ...changes });
  atEnd(() => api.close());
  return api;
}

/** Sends octets as they are, as no client would, and reads until the other end closes. */
async function raw(url: string | null, ...lines: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(url ?? "");
  const socket = connect(Number(port), hostname.replace(/^\[|\]$/g, ""));
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  let text = "";
  for await (const part of socket.setEncoding("utf8")) text += String(part);
  return text;
}

const statusOf = (answer: string): number => Number(/^HTTP\/1\.[01] ([0-9]{3})/.exec(answer)?.[1]);

test("doors: socket and token are for this user alone, whatever its umask", async () => {
  const before = process.umask(0);
  try {
    const socket = join(folder, "open.sock");
    await start({ socket });
    assert.equal((await stat(socket)).mode & 0o777, 0o600);
    const token = await openToken(folder);
    assert.match(token, /^[0-9a-f]{64}$/);
    assert.equal((await stat(join(folder, "token"))).mode & 0o777, 0o600);
    assert.equal(await openToken(folder), token);
  } finally {
    process.umask(before);
  }
});

test("doors: a token that others can read is closed again, one that is none is refused", async () => {
  const other = await newFolder();
  const token = await openToken(other);
  await chmod(join(other, "token"), 0o644);
  assert.equal(await openToken(other), token);
  assert.equal((await stat(join(other, "token"))).mode & 0o777, 0o600);
  await writeFile(join(other, "token"), "guess me\n");
  await assert.rejects(openToken(other), { code: "data/unusable" });
});

test("doors: a socket that a killed node left is replaced", async () => {
  const socket = join(await newFolder(), "api.sock");
  await writeFile(socket, "");
  await start({ socket });
  const asked = connect(socket);
  asked.write("GET /healthz HTTP/1.0\r\nHost: any\r\n\r\n");
  let text = "";
  for await (const part of asked.setEncoding("utf8")) text += String(part);
  assert.equal(statusOf(text), 200);
});

test("doors: where the second cannot open, the first does not stay open", async () => {
  const long = join(await newFolder(), "x".repeat(120));
  const first = await start({ listen: "127.0.0.1:0" });
  const { port } = new URL(first.url ?? "");
  await first.close();
  await assert.rejects(start({ listen: `127.0.0.1:${port}`, socket: long }), {
    code: "config/bad-address",
    message: /at most 107 octets; choose another --data/,
  });
  const again = await start({ listen: `127.0.0.1:${port}` });
  assert.equal(new URL(again.url ?? "").port, port);
});

test("doors: no spelling of a path goes round the guards", async () => {
  const local = await start({ listen: "127.0.0.1:0" });
  const beyond = await start({ listen: "0.0.0.0:0" });
  const outside = `http://127.0.0.1:${new URL(beyond.url ?? "").port}`;
  for (const path of [
    "/feeds/../v1/status",
    "/feeds/%2e%2e/v1/status",
    "/feeds/..%2fv1/status",
    "/healthz/../v1/status",
    "//v1/status",
    "http://127.0.0.1/v1/status",
  ]) {
    const answer = await raw(outside, `GET ${path} HTTP/1.1`, "Host: localhost", "Connection: close");
    assert.ok([400, 403, 404].includes(statusOf(answer)), `${path}: ${answer}`);
  }
  for (const path of ["/v1/attestations", "/v1/%61ttestations", "/v1/./attestations", "/v1/attestations?x"]) {
    const answer = await raw(
      local.url,
      `POST ${path} HTTP/1.1`,
      "Host: localhost",
      "Content-Type: application/json",
      "Content-Length: 2",
      "Connection: close",
      "",
      "{}",
    );
    assert.equal(statusOf(answer), 401, `${path}: ${answer}`);
  }
});

test("doors: without a Host, or with another's in the request line, nobody is answered", async () => {
  const local = await start({ listen: "127.0.0.1:0" });
  assert.equal(statusOf(await raw(local.url, "GET /v1/status HTTP/1.0")), 400);
  assert.equal(statusOf(await raw(local.url, "GET /v1/status HTTP/1.1", "Connection: close")), 400);
  const other = ["GET http://evil.example/v1/status HTTP/1.1", "Host: evil.example", "Connection: close"];
  assert.equal(statusOf(await raw(local.url, ...other)), 421);
});

test("doors: --api-public serves everything beyond loopback, and what changes something still needs the token", async () => {
  const open = await start({ listen: "0.0.0.0:0", apiPublic: true, hosts: ["node.example"] });
  const outside = `http://127.0.0.1:${new URL(open.url ?? "").port}`;
  const head = ["Host: node.example:7717", "Connection: close"];
  assert.equal(statusOf(await raw(outside, "GET /v1/status HTTP/1.1", ...head)), 200);
  const post = ["Content-Type: application/json", "Content-Length: 2", "", "{}"];
  assert.equal(statusOf(await raw(outside, "POST /v1/attestations HTTP/1.1", ...head, ...post)), 401);
  assert.equal(
    statusOf(await raw(outside, "GET /v1/status HTTP/1.1", "Host: other", "Connection: close")),
    421,
  );
});

test("doors: a name that was given in capitals is the one that clients send in lower case, and in capitals", async () => {
  const open = await start({ listen: "0.0.0.0:0", apiPublic: true, hosts: ["Node.Corp"] });
  const outside = `http://127.0.0.1:${new URL(open.url ?? "").port}`;
  for (const host of ["node.corp", "Node.Corp:7717", "NODE.CORP"])
    assert.equal(
      statusOf(await raw(outside, "GET /v1/status HTTP/1.1", `Host: ${host}`, "Connection: close")),
      200,
    );
});

test("doors: more queries than are answered at once are refused", async () => {
  const stuck = Promise.withResolvers<never>();
  stuck.promise.catch(() => {});
  let asked = 0;
  const busy: ApiNode = { ...node, query: () => (asked++, stuck.promise) };
  const api = await start({ listen: "127.0.0.1:0" }, busy);
  const query = (): Promise<string> =>
    raw(
      api.url,
      "POST /v1/query HTTP/1.1",
      "Host: localhost",
      "Content-Type: application/json",
      "Content-Length: 2",
      "Connection: close",
      "",
      "{}",
    );
  const answers = Array.from({ length: MAX_HTTP_QUERIES }, query);
  await until("all of them", () => asked === MAX_HTTP_QUERIES);
  const refused = await query();
  assert.equal(statusOf(refused), 429);
  assert.ok(refused.includes('"http/too-many-queries"'));
  stuck.reject(new Error("enough"));
  for (const answer of await Promise.all(answers)) assert.equal(statusOf(answer), 500);
});

test("doors: what is refused before it comes to the routes does not overtake what was asked before it", async () => {
  const statuses = async (...lines: readonly string[]): Promise<readonly number[]> => {
    const asked = Promise.withResolvers<void>();
    const slow: ApiNode = {
      ...node,
      query: async (...question) => (await asked.promise, node.query(...question)),
    };
    const api = await start({ listen: "127.0.0.1:0" }, slow);
    const post = ["POST /v1/query HTTP/1.1", "Host: localhost", "Content-Type: application/json"];
    const answers = raw(api.url, ...post, "Content-Length: 2", "", `{}${lines.join("\r\n")}`);
    setTimeout(asked.resolve, 200);
    return [...(await answers).matchAll(/HTTP\/1\.1 ([0-9]{3})/g)].map(([, status]) => Number(status));
  };
  const head = ["Host: localhost"];
  assert.deepEqual(await statuses("GET / HTTP/1.1", ...head, "Expect: x"), [200, 417]);
  assert.deepEqual(await statuses("CONNECT localhost:80 HTTP/1.1", ...head), [200, 404]);
  assert.deepEqual(await statuses("junk"), [200, 400]);
  const half = ["POST /v1/query HTTP/1.1", ...head, "Content-Type: application/json"];
  assert.deepEqual(await statuses(...half, "Transfer-Encoding: chunked", "", "zz"), [200, 400]);
  const next = [
    "GET /healthz HTTP/1.1",
    ...head,
    "",
    "GET /v1/nothing HTTP/1.1",
    ...head,
    "Connection: close",
  ];
  assert.deepEqual(await statuses(...next), [200, 200, 404]);
});

test("doors: an answer that is long goes out whole before what follows it is refused", async () => {
  const detail = "x".repeat(8_000_000);
  const lost: ApiNode = { ...node, status: () => Promise.reject(new NodeError("store/failed", detail)) };
  const api = await start({ listen: "127.0.0.1:0" }, lost);
  const ask = "GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const answer = await raw(api.url, `${ask}${ask}CONNECT localhost:80 HTTP/1.1\r\nHost: localhost`);
  assert.equal(answer.split(detail).length, 3);
  assert.match(answer, /HTTP\/1\.1 404 /);
});

test("doors: who hangs up within a body, or whose Host is none, is no fault of ours", async () => {
  const lines: string[] = [];
  const log = { ...silent, error: (fields: LogFields) => void lines.push(String(fields["error"])) };
  const api = await start({ listen: "127.0.0.1:0", log });
  const { hostname, port } = new URL(api.url ?? "");
  for (const [path, type] of [
    ["/witness/add-checkpoint", "text/plain"],
    ["/v1/query", "application/json"],
    ["/v1/attestations", "application/json"],
  ]) {
    for (const hangUp of ["destroy", "resetAndDestroy", "end"] as const) {
      const socket = connect(Number(port), hostname);
      const head = ["Host: localhost", `Content-Type: ${type}`, "Authorization: Bearer secret"];
      socket.write([`POST ${path} HTTP/1.1`, ...head, "Content-Length: 100", "", "abc"].join("\r\n"));
      await sleep(100);
      socket[hangUp]();
    }
  }
  assert.equal(
    statusOf(await raw(api.url, "GET /healthz HTTP/1.1", "Host: 256.1.1.1", "Connection: close")),
    400,
  );
  await sleep(100);
  assert.deepEqual(lines, []);
});

test("doors: closing ends what is under way", async () => {
  const api = await start({ listen: "127.0.0.1:0" });
  const { hostname, port } = new URL(api.url ?? "");
  const socket: Socket = connect(Number(port), hostname);
  socket.write("GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await once(socket, "data");
  const closed = once(socket.resume(), "close");
  await api.close();
  await closed;
  assert.equal(await readFile(join(folder, "token"), "utf8").then((text) => text.length), 65);
});

import assert from "node:assert/strict";
import { connect, createServer } from "node:net";
import type { Socket } from "node:net";
import { test } from "node:test";
import { fromUtf8 } from "../../../protocol/index.ts";
import { openApi, parseAddress } from "../../../client/source/index.ts";
import { exchange, writeRequest } from "../../../client/source/exchange.ts";
import { listen } from "../../servers.ts";

async function serve(answer: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => answer(socket));
  });
  return listen(server);
}

const limits = { maxBytes: 100_000, timeoutMs: 5_000 };
const asking = writeRequest("GET", "/", { host: "x" }, "");

/** Status and body of an answer of these octets, sent in pieces of `size`. */
async function answered(text: string, size: number = text.length): Promise<string> {
  const port = await serve((socket) => {
    for (let at = 0; at < text.length; at += size) socket.write(text.slice(at, at + size));
    socket.end();
  });
  const { status, body } = await exchange(connect({ host: "127.0.0.1", port }), asking, limits);
  return `${status} ${fromUtf8(body)}`;
}

test("exchange: bodies of a length, in chunks, or up to the end, however they are cut", async () => {
  const answers = [
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
    "HTTP/1.0 200\r\n\r\nhello",
  ];
  for (const answer of answers) {
    assert.equal(await answered(answer), "200 hello");
    assert.equal(await answered(answer, 1), "200 hello");
  }
});

test("exchange: what is cut short, or is no HTTP, is an error", async () => {
  const cut = [
    "",
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
    `HTTP/1.1 200 OK\r\nx: ${"y".repeat(20_000)}\r\n\r\nhello`,
  ];
  for (const answer of cut) await assert.rejects(answered(answer), /closed/, answer.slice(0, 60));
  const bad = [
    "SSH-2.0-x\r\n\r\n",
    "HTTP/1.1 999 OK\r\n\r\n",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\nx",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-1\r\nx\r\n",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffffff\r\nx\r\n",
  ];
  for (const answer of bad) await assert.rejects(answered(answer), { code: "api/bad-answer" }, answer);
  await assert.rejects(answered("HTTP/1.1 200 OK\r\ncontent-length: 05\r\n\r\nhello"), {
    code: "bytes/bad-decimal",
  });
  await assert.rejects(answered(`HTTP/1.1 200 OK\r\n\r\n${"x".repeat(200_000)}`), { code: "api/bad-answer" });
});

test("exchange: who never answers is hung up on", async () => {
  const port = await serve(() => undefined);
  const patience = { ...limits, timeoutMs: 30 };
  await assert.rejects(exchange(connect({ host: "127.0.0.1", port }), asking, patience), /no answer in time/);
});

test("writeRequest: a header can't smuggle in another one", () => {
  assert.throws(() => writeRequest("GET", "/", { host: "a\r\nx: y" }, ""), { code: "api/bad-answer" });
});

test("get: a problem is told with the node's words, without what could move a cursor", async () => {
  const port = await serve((socket) => socket.end("HTTP/1.1 500 no\r\n\r\n\u001b[2Jbroken"));
  const options = { trusted: false, dataDir: "/nowhere", network: "test" };
  const api = openApi(parseAddress(`http://127.0.0.1:${port}`), options);
  await assert.rejects(api.get("/v1/status"), (error: Error) => /\?\[2Jbroken/.test(error.message));
});

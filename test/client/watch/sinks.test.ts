/** Sinks against real servers and programs: what takes alerts, and what does not. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { NotTaken, execSink, readRetryAfter, webhookSink } from "../../../client/watch/sinks/index.ts";
import { pauseAfter } from "../../../client/watch/pause.ts";
import { post } from "../../../client/watch/sinks/post.ts";
import { newFolder } from "../../node/folder.ts";
import { startReceiver } from "./receiver.ts";
import { aTold } from "./told.ts";

const { signal } = new AbortController();
const SECRET = new TextEncoder().encode("a secret of 24 octets...");
const open = (url: URL, secret: Uint8Array | null = null): ReturnType<typeof webhookSink> =>
  webhookSink({ url, secret, allowPrivate: false });

const notTaken =
  (words: RegExp, askedMs: number | null = null) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof NotTaken);
    assert.equal(error.code, "watch/not-taken");
    assert.match(error.message, words);
    assert.equal(error.askedMs, askedMs);
    return true;
  };

test("webhook: the alert is posted as it is, and signed over time and body", async () => {
  const { url, received } = await startReceiver();
  const told = aTold();
  await open(url, SECRET).deliver(told, signal);
  await open(url).deliver(told, signal);
  const [signed, bare] = received;
  assert.deepEqual([signed?.body, bare?.body, signed?.path], [told.line, told.line, "/hook"]);
  const { headers = {} } = signed ?? {};
  const time = String(headers["samebits-timestamp"]);
  assert.ok(Math.abs(Date.now() / 1_000 - Number(time)) < 60);
  const expected = createHmac("sha256", SECRET).update(`${time}.${told.line}`).digest("hex");
  assert.equal(headers["samebits-signature"], `v1=${expected}`);
  assert.equal(headers["samebits-delivery"], told.delivery);
  assert.equal(headers["content-type"], "application/json");
  assert.equal(bare?.headers["samebits-signature"], undefined);
});

test("webhook: an error, a redirect and a server that is not there are no taking; what it asks to wait is heard", async () => {
  const busy = await startReceiver(
    (_, response) => void response.writeHead(503, { "retry-after": "7" }).end(),
  );
  await assert.rejects(open(busy.url).deliver(aTold(), signal), notTaken(/answers 503/, 7_000));
  const other = await startReceiver();
  const away = await startReceiver(
    (_, response) => void response.writeHead(307, { location: other.url.href }).end(),
  );
  await assert.rejects(
    open(away.url).deliver(aTold(), signal),
    notTaken(/a redirect, which is not followed/),
  );
  assert.equal(other.received.length, 0);
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  await assert.rejects(
    open(new URL(`http://127.0.0.1:${port}/`)).deliver(aTold(), signal),
    notTaken(/ECONNREFUSED/),
  );
});

test("webhook: an answer without end is not read, and one that never comes ends with the signal", async () => {
  let written = 0;
  const endless = await startReceiver((_, response) => {
    response.writeHead(200);
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536))) written += 65_536;
      if (!response.destroyed) response.once("drain", more);
    };
    more();
  });
  await open(endless.url).deliver(aTold(), signal);
  assert.ok(written < 50_000_000, `${written} octets`);
  const hanging = await startReceiver(() => undefined);
  const began = Date.now();
  await assert.rejects(open(hanging.url).deliver(aTold(), AbortSignal.timeout(300)));
  assert.ok(Date.now() - began < 8_000);
});

test("webhook: a name that leads into a private network is refused, an address and localhost that are written are not", async () => {
  const { url, received } = await startReceiver();
  const what = { headers: {}, body: "{}", allowPrivate: false };
  // Every system resolves a name below localhost to itself, or not at all; a machine's own name leads there too.
  const { hostname } = await import("node:os");
  const named = new URL(url);
  named.hostname = hostname();
  await assert.rejects(post({ ...what, url: named }, signal), (error: { code?: string }) => {
    assert.equal(error.code, "watch/private-address");
    return true;
  });
  const local = new URL(url);
  local.hostname = "localhost";
  await post({ ...what, url: local }, signal);
  await post({ ...what, url: named, allowPrivate: true }, signal).catch((error: unknown) => {
    // The machine's name may lead to another address than the one that is listened at.
    assert.equal((error as { code?: string }).code, "watch/not-taken");
  });
  assert.ok(received.length >= 1);
});

test("retry: a pause grows to a minute, never all at once, and a server may ask for an hour at most", () => {
  assert.deepEqual(
    [1, 2, 3, 99].map((n) => pauseAfter(n, null, 1)),
    [500, 1_000, 2_000, 60_000],
  );
  assert.deepEqual(
    [1, 99].map((n) => pauseAfter(n, null, 0)),
    [250, 30_000],
  );
  assert.deepEqual(
    [pauseAfter(1, 7_000, 0), pauseAfter(99, 1, 0), pauseAfter(1, 1e12, 0)],
    [7_000, 30_000, 3_600_000],
  );
  const now = Date.UTC(2026, 10, 29);
  assert.deepEqual(
    ["120", "Sun, 29 Nov 2026 00:01:00 GMT", "Sat, 28 Nov 2026 00:00:00 GMT", "soon", undefined].map(
      (value) => readRetryAfter(value, now),
    ),
    [120_000, 60_000, 0, null, null],
  );
});

test("exec: the program gets its words as they are, no shell, and the alert on its standard input", async () => {
  const folder = await newFolder();
  const script = join(folder, "take.sh");
  await writeFile(script, '#!/bin/sh\ncat > "$1"\nprintf %s "$2" > "$1.word"\n', { mode: 0o755 });
  const out = join(folder, "out");
  const told = aTold();
  await execSink([script, out, "$(id);*"]).deliver(told, signal);
  assert.equal(await readFile(out, "utf8"), `${told.line}\n`);
  assert.equal(await readFile(`${out}.word`, "utf8"), "$(id);*");
});

test("exec: what fails, what is not there and what never ends has not taken it; what it says is bounded", async () => {
  const run = (argv: readonly string[], timeoutMs?: number): Promise<void> =>
    execSink(argv, timeoutMs).deliver(aTold({ line: "x".repeat(300_000) }), signal);
  await assert.rejects(run(["/bin/false"]), notTaken(/ended with 1/));
  await assert.rejects(run(["/no/such/program"]), notTaken(/ENOENT/));
  await assert.rejects(run(["/bin/sh/nothing"]), notTaken(/ENOTDIR/));
  await assert.rejects(run(["/bin/sh", "-c", "yes sorry | head -c 3000000; exit 3"]), (error: Error) => {
    assert.match(error.message, /ended with 3: sorry/);
    assert.ok(error.message.length < 400);
    return true;
  });
  const began = Date.now();
  await assert.rejects(run(["/bin/sh", "-c", "sleep 60; true"], 300), notTaken(/SIGKILL/));
  assert.ok(Date.now() - began < 20_000);
});

test("exec: what it left running elsewhere, with its output open, holds up no other alert", async () => {
  const began = Date.now();
  await execSink(["/bin/sh", "-c", "setsid sleep 30 & exit 0"], 300).deliver(aTold(), signal);
  const stop = new AbortController();
  const held = execSink(["/bin/sh", "-c", "setsid sleep 30 & exit 3"]).deliver(aTold(), stop.signal);
  setTimeout(() => stop.abort(), 300);
  await assert.rejects(held, notTaken(/ended with/));
  assert.ok(Date.now() - began < 15_000);
});

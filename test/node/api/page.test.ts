/** The dashboard's page: its headers, its files, and what it says without JavaScript. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import type { Node } from "../../../node/index.ts";
import { MAX_DASHBOARD_FILES } from "../../../protocol/index.ts";
import { assertAnswered } from "../../json-schemas.ts";
import { timedNote } from "../../client/cli/stage.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { alice, assertNested, builtFolder, page, serve, SHELL, startPageNode } from "./page-rig.ts";

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

let node: Node;

before(async () => {
  node = await startPageNode();
});

test("page: without the dashboard's files the main facts are a page of their own, with the exact headers", async () => {
  const url = await serve(node);
  const answer = await fetch(`${url}/`);
  const text = await answer.text();
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("content-type"), "text/html; charset=utf-8");
  assert.equal(answer.headers.get("content-security-policy"), POLICY);
  assert.equal(answer.headers.get("referrer-policy"), "no-referrer");
  assert.equal(answer.headers.get("cross-origin-opener-policy"), "same-origin");
  assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
  assert.equal(answer.headers.get("cache-control"), "no-cache");
  assert.match(text, /^<!doctype html>\s*<html lang="en">/);
  assert.match(text, /<main id="facts">/);
  assert.match(text, new RegExp(node.peerId));
  assert.match(text, /1 of 1/);
  assert.match(text, /Alice &lt;b&gt;/);
  assert.match(text, /Nobody is connected/);
  assert.match(text, /npm run setup/);
  assert.doesNotMatch(text, /<script|<style|style=| on[a-z]+=/);
  assertNested(text);
  for (const path of ["/verify.html", "/assets/x.js"]) {
    const gone = await fetch(url + path);
    assert.deepEqual(
      [gone.status, ((await gone.json()) as { code: string }).code],
      [404, "http/no-such-route"],
    );
  }
});

test("page: HEAD and If-None-Match cost no body", async () => {
  const url = await serve(node, {}, await builtFolder({ "assets/app-1.js": "1;" }));
  const head = await fetch(`${url}/`, { method: "HEAD" });
  assert.deepEqual([head.status, await head.text()], [200, ""]);
  const asset = await fetch(`${url}/assets/app-1.js`);
  assert.equal(asset.headers.get("cache-control"), "public, max-age=31536000, immutable");
  assert.equal(asset.headers.get("content-type"), "text/javascript; charset=utf-8");
  const etag = asset.headers.get("etag") ?? "";
  assert.equal(etag, `"${createHash("sha256").update("1;").digest("base64url")}"`);
  const same = await fetch(`${url}/assets/app-1.js`, { headers: { "if-none-match": `"x", W/${etag}` } });
  assert.deepEqual([same.status, await same.text()], [304, ""]);
  const other = await fetch(`${url}/assets/app-1.js`, { headers: { "if-none-match": '"x"' } });
  assert.deepEqual([other.status, await other.text()], [200, "1;"]);
});

test("page: the facts stand in the built page, and only files that were there at the start are served", async () => {
  const folder = await builtFolder({
    "index.html": SHELL,
    "assets/app-1.js": "1;",
    "assets/app-1.exe": "no kind of a page's",
    "assets/.hidden.js": "no",
    "secret.txt": "no",
  });
  const url = await serve(node, {}, folder);
  const text = await (await fetch(`${url}/`)).text();
  assert.match(text, /<div id="app"><main id="facts">/);
  assert.equal(text.split("<main").length, 2);
  await writeFile(join(folder, "assets/late.js"), "2;");
  for (const name of [
    "app-1.exe",
    ".hidden.js",
    "late.js",
    "..%2fsecret.txt",
    "%2e%2e/secret.txt",
    "app-1.js/",
  ])
    assert.equal((await fetch(`${url}/assets/${name}`)).status, 404, name);
  assert.equal((await fetch(`${url}/assets/app-1.js`)).status, 200);
});

test("page: more files than a dashboard has are none", async () => {
  const many = Array.from({ length: MAX_DASHBOARD_FILES + 1 }, (_, i) => [`assets/f${i}.js`, "1;"]);
  const url = await serve(node, {}, await builtFolder(Object.fromEntries(many) as Record<string, string>));
  assert.equal((await fetch(`${url}/assets/f0.js`)).status, 404);
});

test("page: of the page that is one file its own scripts and styles alone may be used", async () => {
  const [script, style] = ["let a = '</b>';\n", "b{color:red}"];
  const folder = await builtFolder({
    "verify.html": `<html><style>${style}</style><script type="module">${script}</script></html>`,
  });
  const answer = await fetch(`${await serve(node, {}, folder)}/verify.html`);
  const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  assert.equal(
    answer.headers.get("content-security-policy"),
    POLICY.replace("script-src 'self'", `script-src ${hash(script)}`).replace(
      "style-src 'self'",
      `style-src ${hash(style)}`,
    ),
  );
  assert.equal(answer.headers.get("cache-control"), "no-cache");
});

test("page: it is for this machine alone unless the node is told otherwise", async () => {
  const port = new URL(await serve(node, {}, "/nowhere", "0.0.0.0")).port;
  for (const path of ["/", "/verify.html", "/assets/x.js", "/v1/policies"]) {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    assert.deepEqual(
      [answer.status, ((await answer.json()) as { code: string }).code],
      [403, "http/local-only"],
    );
  }
});

test("policies: what the node was started with", async () => {
  const answer = await fetch(`${await serve(node)}/v1/policies`);
  const text = await answer.text();
  assertAnswered("GET", "/v1/policies", {
    status: answer.status,
    type: answer.headers.get("content-type") ?? "",
    text,
  });
  const { policies } = JSON.parse(text) as { policies: { builders: { name: string; keys: string[] }[] }[] };
  assert.deepEqual(policies[0]?.builders[0]?.keys, [alice.hex]);
});

test("page: a feed whose key has signed a time that no calendar has is shown, and its time is told as ahead", async () => {
  const status = await node.status();
  const note = timedNote(new MemoryFeed(1).append("x"), 1_000 * 2 ** 43);
  const feeds = status.feeds.map((feed) => ({ ...feed, timed: note }));
  const text = await page(node, { status: () => Promise.resolve({ ...status, feeds }) });
  assert.match(text, /8796093022208 s since 1970, after the year 9999, ahead of the clock here/);
});

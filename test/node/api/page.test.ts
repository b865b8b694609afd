/** The dashboard's page: its headers, its files, and what it says without JavaScript. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { startApi } from "../../../node/api/index.ts";
import type { ApiNode } from "../../../node/api/index.ts";
import type { Node } from "../../../node/index.ts";
import { silent } from "../../../node/log.ts";
import {
  MAX_ALERTS_SHOWN,
  MAX_DASHBOARD_FILES,
  MAX_EVIDENCE_BYTES,
  MAX_FINDINGS_BYTES,
  utf8,
} from "../../../protocol/index.ts";
import type { Finding, FindingKind } from "../../../protocol/index.ts";
import { atEnd } from "../../at-end.ts";
import { builder, claim } from "../../e2e/claims.ts";
import { assertAnswered } from "../../json-schemas.ts";
import { newFolder } from "../folder.ts";
import { startTestNode } from "../test-node.ts";

const alice = builder("alice");
const bob = builder("bob");
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const SHELL =
  '<!doctype html><html lang="en"><title>t</title><body><div id="app"><!--facts--></div></body></html>';

let node: Node;

before(async () => {
  const builders = [
    { name: "Alice <b>", operator: "alice", roles: [], keys: [alice.hex], feeds: [] as string[] },
  ];
  node = await startTestNode({
    publishKey: alice.pem,
    first: true,
    policies: [{ name: "policy.toml", sha256: "ab".repeat(32), text: "version = 1\n", builders }],
  });
  await node.publish([claim(alice, "hello", "these bits")]);
});

async function serve(
  changes: Partial<ApiNode> = {},
  pages = "/nowhere",
  listen = "127.0.0.1",
): Promise<string> {
  const options = { socket: null, token: "", apiPublic: false, hosts: [], log: silent, pages };
  const api = await startApi({ ...node, ...changes }, { ...options, listen: `${listen}:0` });
  atEnd(() => api.close());
  return api.url ?? "";
}

async function page(changes: Partial<ApiNode> = {}, pages?: string): Promise<string> {
  const answer = await fetch(`${await serve(changes, pages)}/`);
  const text = await answer.text();
  assertAnswered("GET", "/", { status: answer.status, type: answer.headers.get("content-type") ?? "", text });
  assertNested(text);
  return text;
}

/** Every element that is opened is closed, in order. */
function assertNested(text: string): void {
  const open: string[] = [];
  for (const [, slash, name = "", rest = ""] of text.matchAll(/<(\/?)([a-z][a-z0-9]*)\b([^>]*)>/g)) {
    if (slash === "/") assert.equal(open.pop(), name, text);
    else if (name !== "meta" && !rest.endsWith("/")) open.push(name);
  }
  assert.deepEqual(open, [], text);
}

async function builtFolder(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await newFolder();
  await mkdir(join(folder, "assets"));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

function finding(number: number, changes: Partial<Finding> = {}): Finding {
  return {
    number,
    kind: "contradiction",
    id: number.toString(16).padStart(64, "0"),
    keys: [alice.raw, bob.raw],
    target: null,
    purl: "pkg:deb/debian/hello@1.0-1?arch=amd64",
    file: "hello_1.0-1_amd64.deb",
    step: "rebuild",
    evidence: utf8("{}"),
    time: Date.UTC(2026, 0, 1),
    difference: false,
    ...changes,
  };
}

function withFindings(all: readonly Finding[]): Partial<ApiNode> {
  return {
    status: async () => ({ ...(await node.status()), findings: all.length }),
    findings: async (since, { limit }) => {
      const findings = all.filter(({ number }) => number > since).slice(0, limit);
      return { findings, next: findings.at(-1)?.number ?? since, more: false };
    },
  };
}

test("page: without the dashboard's files the main facts are a page of their own, with the exact headers", async () => {
  const url = await serve();
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
  const url = await serve({}, await builtFolder({ "assets/app-1.js": "1;" }));
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
  const url = await serve({}, folder);
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
  const url = await serve({}, await builtFolder(Object.fromEntries(many) as Record<string, string>));
  assert.equal((await fetch(`${url}/assets/f0.js`)).status, 404);
});

test("page: of the page that is one file its own scripts and styles alone may be used", async () => {
  const [script, style] = ["let a = '</b>';\n", "b{color:red}"];
  const folder = await builtFolder({
    "verify.html": `<html><style>${style}</style><script type="module">${script}</script></html>`,
  });
  const answer = await fetch(`${await serve({}, folder)}/verify.html`);
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

test("page: what strangers name is text, and what nobody sees of it is written out", async () => {
  const evil = finding(1, {
    file: `"><img src=x onerror=alert(1)>\u202egpj.$&$'`,
    purl: "pkg:deb/debian/<script>alert(1)</script>@1?x='y'",
  });
  const text = await page(withFindings([evil]), await builtFolder({ "index.html": SHELL }));
  assert.doesNotMatch(text, /<img|<script|\u202e/);
  assert.match(text, /&quot;&gt;&lt;img src=x onerror=alert\(1\)&gt;U\+202Egpj\.\$&amp;\$&#39;/);
  assert.match(text, /&lt;script&gt;/);
});

test("page: each kind of finding is told in plain words, with its evidence where it has any", async () => {
  const kinds: readonly FindingKind[] = [
    "contradiction",
    "self-contradiction",
    "fork",
    "bad-leaf",
    "withheld",
    "silent",
  ];
  const all = kinds.map((kind, i) =>
    finding(i + 1, { kind, evidence: kind === "silent" ? null : utf8("{}"), difference: kind === "fork" }),
  );
  const text = await page(withFindings(all));
  for (const words of [
    /Alice &lt;b&gt;<\/bdi><\/strong> and <code>[0-9a-f]{16}…<\/code> got different bits/,
    /signed two different results/,
    /has two histories/,
    /holds a broken entry of its own/,
    /shows entries that nobody hands out/,
    /Nothing is heard of the feed/,
    /samebits evidence check FILE/,
    /href="\/v1\/evidence\?since=0"/,
  ])
    assert.match(text, words);
  assert.equal(text.split("the evidence</a>").length - 1, 5);
  assert.equal(text.split("different inputs or build environments").length - 1, 1);
});

test("page: the newest open alerts stand first, and those that somebody has seen to are gone", async () => {
  const all = Array.from({ length: 150 }, (_, i) => finding(i + 1));
  const seen = all.at(-1)?.id ?? "";
  const text = await page({
    ...withFindings(all),
    read: async (range) =>
      Buffer.from(range.from).toString("hex").endsWith(seen)
        ? { rows: [{ key: range.from, value: utf8("seen") }], more: false }
        : node.read(range),
  });
  const numbers = [...text.matchAll(/number ([0-9]+), found/g)].map(([, number]) => Number(number));
  assert.deepEqual(
    numbers,
    Array.from({ length: MAX_ALERTS_SHOWN }, (_, i) => 149 - i),
  );
  assert.match(text, /All 150 findings/);
});

test("page: evidence as large as it may be hides no newer finding", async () => {
  const evidence = new Uint8Array(MAX_EVIDENCE_BYTES);
  const all = Array.from({ length: 60 }, (_, i) => finding(i + 1, { evidence }));
  const text = await page({
    ...withFindings(all),
    findings: async (since, { limit }) => {
      // As a node cuts them.
      const most = Math.ceil(MAX_FINDINGS_BYTES / MAX_EVIDENCE_BYTES);
      const findings = all.filter(({ number }) => number > since).slice(0, Math.min(limit, most));
      return { findings, next: findings.at(-1)?.number ?? since, more: true };
    },
  });
  const numbers = [...text.matchAll(/number ([0-9]+), found/g)].map(([, number]) => Number(number));
  assert.deepEqual(
    numbers,
    Array.from({ length: MAX_ALERTS_SHOWN }, (_, i) => 60 - i),
  );
});

test("page: it is for this machine alone unless the node is told otherwise", async () => {
  const port = new URL(await serve({}, "/nowhere", "0.0.0.0")).port;
  for (const path of ["/", "/verify.html", "/assets/x.js", "/v1/policies"]) {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    assert.deepEqual(
      [answer.status, ((await answer.json()) as { code: string }).code],
      [403, "http/local-only"],
    );
  }
});

test("policies: what the node was started with", async () => {
  const answer = await fetch(`${await serve()}/v1/policies`);
  const text = await answer.text();
  assertAnswered("GET", "/v1/policies", {
    status: answer.status,
    type: answer.headers.get("content-type") ?? "",
    text,
  });
  const { policies } = JSON.parse(text) as { policies: { builders: { name: string; keys: string[] }[] }[] };
  assert.deepEqual(policies[0]?.builders[0]?.keys, [alice.hex]);
});

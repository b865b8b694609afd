/** Alerts on the page that needs no JavaScript. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { ApiNode } from "../../../node/api/index.ts";
import type { Node } from "../../../node/index.ts";
import {
  ed25519Key,
  MAX_ALERTS_SHOWN,
  MAX_EVIDENCE_BYTES,
  MAX_FINDINGS_BYTES,
  parseAttestation,
  proveContradiction,
  utf8,
  verifyWith,
  writeEvidence,
} from "../../../protocol/index.ts";
import type { Finding, FindingKind } from "../../../protocol/index.ts";
import { claim, packageTarget } from "../../e2e/claims.ts";
import { alice, bob, builtFolder, page, SHELL, startPageNode } from "./page-rig.ts";

let node: Node;

before(async () => {
  node = await startPageNode();
});

function finding(number: number, changes: Partial<Finding> = {}): Finding {
  return {
    number,
    kind: "contradiction",
    id: number.toString(16).padStart(64, "0"),
    keys: [alice.raw, bob.raw],
    target: packageTarget("hello").key,
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

test("page: what strangers name is text, and what nobody sees of it is written out", async () => {
  const evil = finding(1, {
    file: `"><img src=x onerror=alert(1)>\u202egpj.$&$'`,
    purl: "pkg:deb/debian/<script>alert(1)</script>@1?x='y'",
  });
  const text = await page(node, withFindings([evil]), await builtFolder({ "index.html": SHELL }));
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
  const text = await page(node, withFindings(all));
  for (const words of [
    /<h3><bdi>alice and key [0-9a-f]{8}… got different bits for hello_1\.0-1_amd64\.deb<\/bdi>/,
    /signed two different results/,
    /has two histories/,
    /holds a broken entry of its own/,
    /shows entries that nobody hands out/,
    /Nothing is heard of the feed/,
    /samebits alert show [0-9a-f]{64} --evidence &gt; evidence\.json &amp;&amp; samebits evidence check evidence\.json/,
    /samebits doctor/,
    /href="\/v1\/evidence\?since=0"/,
  ])
    assert.match(text, words);
  assert.equal(text.split("The evidence</a>").length - 1, 5);
  assert.equal(text.split("different inputs or build environments").length - 1, 1);
});

test("page: who got what, and what that means, is told by the proof", async () => {
  const [one, other] = await Promise.all(
    ["these bits", "those bits"].map(async (content, i) => {
      const by = i === 0 ? alice : bob;
      const verified = await verifyWith(parseAttestation(claim(by, "hello", content)), ed25519Key(by.raw));
      return verified ?? assert.fail("it is signed");
    }),
  );
  const { key } = packageTarget("hello");
  const proof = proveContradiction(one ?? assert.fail(), other ?? assert.fail(), key, []) ?? assert.fail();
  const text = await page(node, withFindings([finding(1, { evidence: writeEvidence(proof) })]));
  assert.match(text, /alice got [0-9a-f]{8}…\./);
  assert.match(text, /key [0-9a-f]{8}… got [0-9a-f]{8}…\./);
  assert.match(text, /compare the files with diffoscope/);
  const unproven = await page(node, withFindings([finding(1)]));
  assert.doesNotMatch(unproven, /diffoscope|at most one result/i);
});

test("page: the newest open alerts stand first, and those that somebody has seen to are gone", async () => {
  const all = Array.from({ length: 150 }, (_, i) => finding(i + 1));
  const seen = all.at(-1)?.id ?? "";
  const text = await page(node, {
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
  const text = await page(node, {
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

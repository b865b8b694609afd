import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { concat, fromUtf8, utf8 } from "../../../protocol/bytes/index.ts";
import { ProtocolError } from "../../../protocol/errors.ts";
import { collectFound, judge, readBundleFile, writeBundleFile } from "../../../protocol/verdict/index.ts";
import { digest, HELLO, legacyLink, NETWORK, NOW, signer } from "./cast.ts";
import { Scene } from "./scene.ts";

const MADE = { network: NETWORK, time: NOW };

function told(): Scene {
  const scene = new Scene();
  for (const line of [
    "builder a",
    "builder b",
    "builder c",
    "witness w1",
    "witness w2",
    'rule require={ k = 2, of = "role:rebuilder" } on_contradiction="majority"',
    "a gives F",
    "a fails",
    "b gives F loose",
    "c gives G",
    "c gives H",
    "c contradicts-itself",
    "stranger gives F",
    "a feed complete",
    "w1 saw a size=1",
    "w2 saw a",
  ]) {
    scene.tell(line);
  }
  return scene;
}

test("a bundle gives the verdict that its maker got, but never a complete view", async () => {
  const scene = told();
  const policy = scene.policy();
  const raw = scene.raw();
  const bytes = writeBundleFile(raw, MADE);
  const bundle = readBundleFile(bytes);
  assert.deepEqual(bundle.made, MADE);
  assert.deepEqual(bundle.entries, raw.entries);
  assert.deepEqual(bundle.envelopes, raw.envelopes);
  assert.deepEqual(bundle.evidence, raw.evidence);
  assert.deepEqual(bundle.joins, raw.joins);
  assert.equal(bundle.joins?.length, 1);
  assert.deepEqual(
    bundle.heads,
    raw.heads.map((head) => ({ ...head, complete: false })),
  );
  const rest = {
    settled: "all",
    asked: { local: 0, mirrors: 0, peers: 0, dht: 0 },
    memory: new Map(),
  } as const;
  const [online, offline] = await Promise.all(
    [raw, bundle].map(async (findings) => {
      const collected = await collectFound(findings, { policy, network: NETWORK, strict: true });
      return judge(scene.artifact(), { ...collected, ...rest }, policy, NOW);
    }),
  );
  assert.ok(online && offline);
  assert.equal(online.verdict, "reproduced");
  assert.deepEqual(
    offline.votes,
    online.votes.map((vote) => ({ ...vote, view: "partial" })),
  );
  assert.deepEqual(writeBundleFile(bundle, MADE), bytes, "written again, the same octets");
});

test("bundles and files of envelopes can be concatenated", () => {
  const raw = told().raw();
  const bytes = writeBundleFile(raw, MADE);
  const link = legacyLink(HELLO.file, digest("F"), [signer("a")]).bytes;
  const both = readBundleFile(concat(bytes, link, utf8("\n\n"), bytes));
  assert.deepEqual(both.entries, [...raw.entries, ...raw.entries]);
  assert.deepEqual(both.envelopes, [...raw.envelopes, link, ...raw.envelopes]);
});

test("one envelope alone, indented as in-toto writes it", () => {
  const link = legacyLink(HELLO.file, digest("F"), [signer("a")]).bytes;
  const indented = utf8(JSON.stringify(JSON.parse(fromUtf8(link)), null, 2));
  assert.deepEqual(readBundleFile(indented).envelopes, [indented]);
});

const LINES: readonly (readonly [what: string, text: string, code: string])[] = [
  ["no JSON", "hello\n", "json/bad-syntax"],
  ["another kind", '{"type":"poem"}\n', "verdict/bad-bundle"],
  ["no type", "{}\n", "shape/missing"],
  [
    "another version",
    '{"samebits":2,"type":"bundle","network":"n","time":"2026-01-01T00:00:00Z"}',
    "shape/out-of-range",
  ],
  ["an unknown member", '{"type":"checkpoint","note":"x","extra":1}', "shape/unknown-member"],
  ["a checkpoint that isn't there", '{"type":"head","checkpoint":0,"timed":null}', "verdict/bad-bundle"],
  [
    "a path of a hundred",
    `{"type":"checkpoint","note":"x"}\n{"type":"entry","checkpoint":0,"index":0,"path":[${'"",'.repeat(99)}""],"signer":"","envelope":""}`,
    "shape/out-of-range",
  ],
  [
    "an index below 0",
    '{"type":"checkpoint","note":"x"}\n{"type":"entry","checkpoint":0,"index":-1,"path":[],"signer":"","envelope":""}',
    "shape/out-of-range",
  ],
  ["bad base64", '{"type":"envelope","envelope":"AA"}', "bytes/bad-base64"],
  ["a line of a megabyte", `{"type":"checkpoint","note":"${"x".repeat(1 << 20)}"}`, "bytes/too-big"],
  ["a name twice", '{"type":"envelope","type":"envelope"}', "json/duplicate-key"],
];

for (const [what, text, code] of LINES) {
  test(`no bundle: ${what}`, () => {
    assert.throws(() => readBundleFile(utf8(text)), { code });
  });
}

test("no octet of a bundle can be changed unnoticed where it matters", async () => {
  const scene = told();
  const policy = scene.policy();
  const bytes = writeBundleFile(scene.raw(), MADE);
  const strict = { policy, network: NETWORK, strict: true };
  const whole = await collectFound(readBundleFile(bytes), strict);
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, bits) => {
      const copy = bytes.slice();
      copy[at] = (copy[at] ?? 0) ^ bits;
      try {
        const found = await collectFound(readBundleFile(copy), strict);
        // The rest is hints: the maker's words, key ids, time lines, a line feed that splits nothing.
        assert.deepEqual(
          found.entries.map(({ verified }) => verified.id),
          whole.entries.map(({ verified }) => verified.id),
        );
      } catch (error) {
        assert.ok(error instanceof ProtocolError, String(error));
      }
    }),
    { numRuns: 400 },
  );
});

test("witnesses' lines and the proofs between heads go with a bundle, and one that does not hold rejects it", async () => {
  const scene = new Scene();
  for (const line of [
    "builder a",
    "witness w1",
    "witness w2",
    'rule require={ k = 1, of = "a" } witnesses={ k = 2 }',
    "a gives F",
    "a gives G as=pkg:deb/ubuntu/hello@2.10-3?arch=amd64",
    "w1 saw a size=1",
    "w2 saw a",
  ]) {
    scene.tell(line);
  }
  const policy = scene.policy();
  const collect = (octets: Uint8Array): ReturnType<typeof collectFound> =>
    collectFound(readBundleFile(octets), { policy, network: NETWORK, strict: true });
  const bytes = writeBundleFile(scene.raw(), MADE);
  const verdict = judge(scene.artifact(), { ...(await collect(bytes)), ...scene.rest() }, policy, NOW);
  assert.deepEqual(verdict.votes[0]?.witnesses, { saw: ["w1", "w2"], count: 2, needed: 2 });
  assert.equal(verdict.verdict, "reproduced");
  const { joins = [], heads } = scene.raw();
  const [join] = joins;
  assert.ok(join !== undefined);
  const wrong = { ...join, proof: join.proof.map((hash) => hash.map((octet) => octet ^ 1)) };
  await assert.rejects(collect(writeBundleFile({ ...scene.raw(), joins: [wrong] }, MADE)), {
    code: "tree/root-mismatch",
  });
  const other = new Scene();
  for (const line of ["builder b", "b gives F", 'rule require={ k = 1, of = "b" }']) other.tell(line);
  const [elsewhere] = other.raw().heads;
  const across = { ...join, large: elsewhere?.checkpoint ?? join.large };
  await assert.rejects(collect(writeBundleFile({ ...scene.raw(), joins: [across] }, MADE)), {
    code: "checkpoint/bad-origin",
  });
  // A witness's line with one octet changed: of a file that the user named, all must hold.
  const last = heads.at(-1)?.checkpoint ?? new Uint8Array(0);
  const text = fromUtf8(last);
  const line = text.trimEnd().split("\n").at(-1) ?? "";
  const forged = utf8(text.replace(line, `${line.slice(0, -8)}AAAA${line.slice(-4)}`));
  const bad = {
    ...scene.raw(),
    heads: [...heads.slice(0, -1), { checkpoint: forged, timed: null, complete: false }],
  };
  await assert.rejects(collect(writeBundleFile(bad, MADE)), { code: "cosignature/bad-signature" });
});

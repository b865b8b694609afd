import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import {
  proveContradiction,
  proveFork,
  toSpkiPem,
  writeEvidence,
  writeTlogProof,
} from "../../../protocol/index.ts";
import type { Evidence } from "../../../protocol/index.ts";
import { ends } from "../../protocol/lifecycle/endings.ts";
import { runCommand } from "./run.ts";
import {
  envelopes,
  feedBundle,
  file,
  keyOf,
  member,
  MemoryFeed,
  OTHER,
  policyText,
  SAME,
  timedNote,
  TOOL,
} from "./stage.ts";

const VECTORS = join(import.meta.dirname, "../../vectors");
const [one, two] = [member(1), member(2)];
const feed = new MemoryFeed(1).append(keyOf(one).link(TOOL, SAME), keyOf(one).link(TOOL, OTHER));

function some(evidence: Evidence | null): Uint8Array {
  assert.ok(evidence !== null);
  return new Uint8Array([...writeEvidence(evidence), 0x0a]);
}

const fork = some(proveFork(feed.head(1), new MemoryFeed(1).append("x").head(), null, null));
const disagreement = some(
  proveContradiction(
    keyOf(one).verified(keyOf(one).link(TOOL, SAME)),
    keyOf(two).verified(keyOf(two).link(TOOL, OTHER)),
    TOOL.key,
    [],
  ),
);

test("show: an envelope says what it claims, and who signed it only where a key is at hand", async () => {
  const path = await file("a.jsonl", envelopes(keyOf(one).link(TOOL, SAME)));
  const key = await file("one.pub", toSpkiPem(keyOf(one).key));
  const unknown = await runCommand(["show", path]);
  assert.equal(unknown.code, 0);
  assert.match(unknown.out, /rebuild: built · pkg:generic\/tool@1\.0/);
  assert.match(unknown.out, /Not proven: who signed it: no key was given/);
  const known = await runCommand(["show", path, "--key", key, "--json"]);
  assert.deepEqual(known.objects[0]?.["proven"], ["one.pub signed exactly this."]);
  const policy = await file("policy.toml", policyText([one, two], [], 2));
  const builder = await runCommand(["show", path, "--policy", policy]);
  assert.match(builder.out, /Proven: b1 signed exactly this\./);
});

test("show: a real link of rebuilderd, by the keys that signed it, and changed", async () => {
  const stem = join(VECTORS, "rebuilderd/filesystem-2025.10.12-1-any");
  const key = ["--key", join(VECTORS, "keys/reproducible-archlinux.pub")];
  const good = await runCommand(["show", `${stem}.in-toto.link`, ...key]);
  assert.match(good.out, /^legacy in-toto link/);
  assert.match(good.out, /Proven: reproducible-archlinux\.pub signed exactly this/);
  const bad = await runCommand(["show", `${stem}.INVALID.in-toto.link`, ...key]);
  assert.match(bad.out, /Not proven: who signed it: the one key at hand made none of its signatures/);
});

test("show: failures, retractions and several envelopes in one file", async () => {
  const claim = keyOf(one).link(TOOL, SAME);
  const taken = keyOf(one).retraction(TOOL, [keyOf(one).verified(claim).id]);
  const path = await file("all.jsonl", envelopes(claim, keyOf(two).failed(TOOL, "no space"), taken));
  const { code, out } = await runCommand(["show", path]);
  assert.equal(code, 0);
  assert.match(out, /^file of envelopes/);
  assert.match(out, /gave no file · pkg:generic\/tool@1\.0\n.*"no space"/);
  assert.match(out, /takes back what it said of pkg:generic\/tool@1\.0\n.*claim [0-9a-f]{64}/);
});

test("show: a statement that a feed has ended, by its own key and by another", async () => {
  const heir = new MemoryFeed(2).origin;
  const own = ends(keyOf(one), feed.origin, { successor: heir, size: 2 });
  const { code, out } = await runCommand(["show", await file("own.jsonl", envelopes(own))]);
  assert.equal(code, 0);
  assert.ok(out.includes(`the feed ${feed.origin} has ended: "moved", 2026-01-01T00:00:00Z`), out);
  assert.ok(out.includes(`${heir} goes on in its stead`), out);
  assert.match(out, /Proven: the feed's own key says that it has ended\./);
  assert.match(out, /Not proven: that it counts: it must be listed/);
  assert.match(out, /Not proven: that the other feed is to be trusted/);
  const forged = await file("forged.jsonl", envelopes(ends(keyOf(two), feed.origin)));
  const shown = await runCommand(["show", forged]);
  assert.doesNotMatch(shown.out, /Proven: the feed's own key/);
  assert.match(shown.out, /Not proven: that the feed has ended: its own key did not sign this/);
});

test("show: a bundle, a head, a proof, a checkpoint of another log", async () => {
  const bundle = await file("x.bundle", feedBundle([{ feed, time: Date.UTC(2026, 0, 1) }]));
  const shown = await runCommand(["show", bundle]);
  assert.match(shown.out, /Proven: 2 entries stand in these feeds/);
  const head = await runCommand(["show", await file("checkpoint", timedNote(feed, Date.UTC(2026, 0, 1)))]);
  assert.match(head.out, /Proven: the feed's own key signed this tree of 2 entries/);
  assert.match(head.out, /2026-01-01T00:00:00Z/);
  const ahead = await runCommand(["show", await file("ahead", timedNote(feed, 1_000 * 2 ** 43))]);
  assert.equal(ahead.code, 0, ahead.err);
  assert.match(ahead.out, /its newest head at 8796093022208 s since 1970, after the year 9999/);
  const proof = writeTlogProof({
    index: 1,
    extra: feed.entries[1] ?? null,
    path: feed.inclusion(1),
    checkpoint: feed.note(),
  });
  const proven = await runCommand(["show", await file("x.tlog-proof", proof)]);
  assert.match(proven.out, /Proven: the entry in its extra line \(\d+ octets\) is number 1 of the feed/);
  const other = await runCommand(["show", join(VECTORS, "tlog/cosignature/c2sp-example-checkpoint.txt")]);
  assert.match(other.out, /^checkpoint of the log/);
  assert.match(other.out, /Not proven: who signed it/);
});

test("show: evidence, and what is none of ours", async () => {
  const shown = await runCommand(["show", await file("fork.json", fork)]);
  assert.match(shown.out, /^FORK/);
  assert.match(shown.out, /Proven: the feed's key signed two different trees/);
  for (const junk of [
    "",
    "hello",
    "{}",
    "[1]",
    "\u0000",
    '{"payload":1}',
    '{"samebits":1,"type":"evidence","kind":"x"}',
  ]) {
    const { code, out, err } = await runCommand(["show", await file("junk", junk)]);
    assert.deepEqual([code, out], [4, ""], junk);
    assert.notEqual(err, "");
  }
  assert.equal((await runCommand(["show", "/no/such/file"])).code, 66);
  assert.equal((await runCommand(["show"])).code, 64);
});

test("show: real lists of Bitcoin's guix builders, who agree with whom, and that nothing counts them", async () => {
  const list = (release: string, builder: string): string =>
    join(VECTORS, "guix-sigs", release, builder, "noncodesigned.SHA256SUMS");
  const builders = ["fanquake", "hebasto", "0xb10c"];
  const { code, out, objects } = await runCommand([
    "show",
    ...builders.map((name) => list("27.0-dissent", name)),
    "--json",
  ]);
  assert.equal(code, 0, out);
  assert.deepEqual(
    objects.map(({ kind }) => kind),
    ["sums", "sums", "sums"],
  );
  const [first = [], second = [], dissent = []] = objects.map(({ facts }) => facts as string[]);
  assert.equal(first[0], `${list("27.0-dissent", "fanquake")}: a list of 23 sums under 23 names`);
  assert.deepEqual(second.slice(1), [`agrees with ${list("27.0-dissent", "fanquake")} on 23 names`]);
  assert.equal(dissent.length, 3);
  for (const [i, name] of ["fanquake", "hebasto"].entries()) {
    const words = `differs from ${list("27.0-dissent", name)} on 21 of 23 names: bitcoin-`;
    assert.ok(dissent[i + 1]?.startsWith(words), dissent[i + 1]);
  }
  for (const { proven, not_proven: doubts } of objects) {
    assert.deepEqual(proven, []);
    assert.match(JSON.stringify(doubts), /who made it.*no verdict counts it/);
  }

  const twice = await runCommand(["show", list("23.0rc1", "fanquake"), list("23.0rc1", "laanwj")]);
  assert.equal(twice.code, 0);
  assert.match(
    twice.out,
    /bitcoin-23\.0rc1-osx-unsigned\.dmg has 2 digests: 2 files of one name, no contradiction/,
  );
  assert.doesNotMatch(twice.out, /differs/);

  const broken = await file("SUMS", `${"ab".repeat(32)}  a.bin\nnot a line\n`);
  const refused = await runCommand(["show", broken]);
  assert.equal(refused.code, 4);
  assert.match(refused.err, /line 2.*\(sums\/bad-line\)/);
});

test("show: a changed octet of a head or a bundle is 4, or shows as no proof", async () => {
  const note = feed.note();
  for (let at = 0; at < note.length; at++) {
    const changed = note.slice();
    changed[at] = (changed[at] ?? 0) ^ 2;
    const { code, out } = await runCommand(["show", await file("checkpoint", changed)]);
    assert.equal(code === 4 || !/^Proven/m.test(out), true, `octet ${at}`);
  }
});

test("evidence check: 0 where the proof holds, 4 where what is signed was changed", async () => {
  for (const [kind, bytes] of [
    ["fork", fork],
    ["disagreement", disagreement],
  ] as const) {
    const good = await runCommand(["evidence", "check", await file("proof.json", bytes), "--json"]);
    assert.deepEqual([good.code, good.objects[0]?.["holds"], good.objects[0]?.["kind"]], [0, true, kind]);
    for (let at = 0; at < bytes.length - 1; at += 29) {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      const { code, objects } = await runCommand([
        "evidence",
        "check",
        await file("proof.json", changed),
        "--json",
      ]);
      // Key ids in envelopes are hints, which nobody signs: they may change, what is proven may not.
      if (code === 0) assert.equal(objects[0]?.["id"], good.objects[0]?.["id"], `${kind}, octet ${at}`);
      else assert.deepEqual([code, objects], [4, []], `${kind}, octet ${at}`);
    }
  }
  assert.equal((await runCommand(["evidence", "check", "/no/such/file"])).code, 66);
  assert.equal((await runCommand(["evidence", "check"])).code, 64);
});

test("policy: check, explain and schema", async () => {
  const path = await file("policy.toml", policyText([one, two], [], 2));
  const check = await runCommand(["policy", "check", path, "--json"]);
  assert.deepEqual(
    [check.code, check.objects[0]?.["builders"], check.objects[0]?.["rules"]],
    [0, 2, ["tools"]],
  );
  const bad = await runCommand(["policy", "check", await file("policy.toml", "version = 2\n")]);
  assert.equal(bad.code, 3);
  assert.match(bad.err, /policy\.toml:1:\d+/);
  const all = await runCommand(["policy", "explain", "--policy", path]);
  assert.match(all.out, /^2 builders:/);
  const rule = await runCommand(["policy", "explain", "pkg:generic/tool@1.0", "--policy", path]);
  assert.deepEqual([rule.code, rule.out.includes("2 of the 2 with the role rebuilder")], [0, true]);
  const none = await runCommand(["policy", "explain", "pkg:deb/debian/hello@1?arch=all", "--policy", path]);
  assert.deepEqual([none.code, none.out.includes("No rule is for")], [3, true]);
  const deb = join(VECTORS, "rebuilderd/librust-as-slice-dev_0.2.1-1+b2_amd64.deb");
  assert.equal((await runCommand(["policy", "explain", deb, "--policy", path])).code, 3);
  assert.equal((await runCommand(["policy", "check"])).code, 3);
  assert.equal((await runCommand(["policy", "check", "/no/such/file"])).code, 66);
  const schema = await runCommand(["policy", "schema"]);
  const spec = join(import.meta.dirname, "../../../protocol/spec/policy.schema.json");
  assert.deepEqual([schema.code, schema.out], [0, await readFile(spec, "utf8")]);
});

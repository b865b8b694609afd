/** What the page checks by itself: statements with their proofs, findings with theirs, and the verdict on a dropped file. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { alertsOf, openAlerts, tellAlert } from "../../../node/dashboard/alert-words.ts";
import type { Told } from "../../../node/dashboard/alert-words.ts";
import { checkFinding } from "../../../node/dashboard/finding.ts";
import type { Finding, Side } from "../../../node/dashboard/finding.ts";
import { hashFile } from "../../../node/dashboard/hash-file.ts";
import { candidatesIn, judgeFile, keysAsked } from "../../../node/dashboard/judging.ts";
import { checkStatement } from "../../../node/dashboard/statement.ts";
import {
  buildLink,
  cosignatureMessage,
  headBody,
  parseAttestation,
  parseTarget,
  proveContradiction,
  publicKeyOf,
  readPolicy,
  sealEnvelope,
  sha256,
  signDomain,
  toHex,
  utf8,
  verifyHead,
  verifyWith,
  withOwnTime,
  writeEvidence,
} from "../../../protocol/index.ts";
import type { RawEntry, RawFindings } from "../../../protocol/index.ts";
import { BUILDERS, built, NAMES, POLICY, target } from "../../browser/stage.ts";
import { startTestNode } from "../test-node.ts";

const policy = readPolicy(POLICY, "policy.toml");
const NOW = Date.parse("2026-11-29T12:00:00Z");
const NETWORK = "test";

async function feedOf(...entries: readonly Uint8Array[]): Promise<RawFindings> {
  const node = await startTestNode({ publishKey: BUILDERS[0]?.pem ?? "", first: true });
  await node.publish(entries);
  const question = { targets: [target("hello").key], digests: [], builders: BUILDERS.map(({ raw }) => raw) };
  for (;;) {
    const { found, heads } = await node.query(question, { network: false, deadlineMs: 1_000 });
    if (found.length < entries.length || heads.every(({ timed }) => timed === null)) continue;
    return {
      entries: found,
      envelopes: [],
      heads: heads.map(({ checkpoint, timed }) => ({ checkpoint, timed, complete: false })),
      evidence: [],
    };
  }
}

function changed(octets: Uint8Array, at: number): Uint8Array {
  const copy = octets.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

const good = await feedOf(...[0, 1, 2].map((by) => built(by, "hello", "these bits")));
const [entry] = good.entries;
assert.ok(entry);

test("a statement that holds: signature, place, time, and what it says", async () => {
  const statement = await checkStatement(entry, good.heads, NETWORK);
  assert.equal(statement.signature.holds, true);
  assert.equal(statement.inclusion.holds, true);
  assert.ok(statement.seen !== null && Date.now() - statement.seen < 600_000);
  assert.match(statement.text, /"subject"/);
  assert.deepEqual(
    statement.claims.map(({ sha256: digest }) => digest && toHex(digest)),
    [toHex(sha256(utf8("these bits")))],
  );
});

test("a time line ahead of the clock says of no statement when it was seen", async () => {
  const [by] = BUILDERS;
  assert.ok(by);
  const seconds = 2 ** 43;
  const heads = good.heads.map(({ checkpoint }) => {
    const head = verifyHead(checkpoint);
    const signature = signDomain(by.seed, cosignatureMessage(seconds, headBody(head)));
    return { checkpoint, timed: withOwnTime(head, seconds, signature), complete: false };
  });
  assert.equal((await checkStatement(entry, heads, NETWORK)).seen, null);
});

test("a statement of which one bit was changed, wherever, does not hold and says nothing", async () => {
  const signer = changed(entry.signer, 4);
  const cases: readonly (readonly [string, RawEntry, boolean, boolean])[] = [
    ["another signer", { ...entry, signer }, false, true],
    ["another index", { ...entry, index: entry.index + 1 }, true, false],
    ["another path", { ...entry, path: [...entry.path, sha256(utf8("x"))] }, true, false],
    ["another envelope", { ...entry, entry: built(3, "hello", "other bits") }, false, false],
    [
      "another head",
      { ...entry, checkpoint: changed(entry.checkpoint, entry.checkpoint.length - 6) },
      true,
      false,
    ],
  ];
  for (const [name, raw, isSigned, isPlaced] of cases) {
    const { signature, inclusion, claims, place } = await checkStatement(raw, good.heads, NETWORK);
    assert.equal(signature.holds, isSigned, `${name}: ${signature.words}`);
    assert.equal(inclusion.holds, isPlaced, `${name}: ${inclusion.words}`);
    assert.equal(claims.length > 0, isSigned, name);
    assert.equal(place !== null, isPlaced, name);
  }
});

test("only addresses of the web that are diffoscope's become links", async () => {
  const [by] = BUILDERS;
  assert.ok(by);
  const about = target("hello");
  const statement = buildLink([{ target: about, file: about.file, sha256: sha256(utf8("x")) }], {
    step: "rebuild",
    command: [
      "https://rebuild.example/diffoscope/hello.html",
      "javascript:alert('diffoscope')",
      "https://other.example/",
    ],
    materials: [],
    how: "built",
    time: null,
    environment: null,
  });
  const envelope = sealEnvelope(statement, (bytes) => signDomain(by.seed, bytes), null);
  const { reports } = await checkStatement({ ...entry, entry: envelope }, [], NETWORK);
  assert.deepEqual(reports, ["https://rebuild.example/diffoscope/hello.html"]);
});

const circumstances = { policy, network: NETWORK, strict: false, peers: 0, ended: true, now: NOW };

test("a dropped file: reproduced, and of a tampered one that it is not the same bits", async () => {
  const file = { name: target("hello").file, sha256: sha256(utf8("these bits")) };
  const [about] = candidatesIn(good, file);
  assert.equal(about?.keyHex, target("hello").keyHex);
  assert.ok(about);
  const same = await judgeFile(file, about, good, circumstances);
  assert.deepEqual([same.verdict.verdict, same.verdict.agreeing, same.statements], ["reproduced", 3, 3]);
  const tampered = { ...file, sha256: sha256(utf8("those bits")) };
  assert.equal(candidatesIn(good, tampered)[0]?.keyHex, about.keyHex);
  const other = await judgeFile(tampered, about, good, circumstances);
  assert.deepEqual([other.verdict.verdict, other.verdict.decision], ["contradicted", "refuse"]);
});

test("what a node makes up takes no part in the verdict, and is counted", async () => {
  const file = { name: target("hello").file, sha256: sha256(utf8("those bits")) };
  const forged = good.entries.map((one) => ({ ...one, entry: changed(one.entry, 40) }));
  const lie = { ...good, entries: forged };
  const { verdict, junk, statements } = await judgeFile(file, target("hello"), lie, circumstances);
  assert.equal(verdict.verdict, "pending");
  assert.equal(statements, 0);
  assert.ok(junk.size > 0);
});

test("those whom the policy hears are asked, nobody for a package without a rule", () => {
  assert.deepEqual(
    keysAsked(policy, target("hello")),
    BUILDERS.map(({ hex }) => hex),
  );
  assert.deepEqual(keysAsked(policy, parseTarget("pkg:npm/left-pad@1.0.0", "left-pad-1.0.0.tgz")), []);
});

async function verified(by: number, content: string) {
  const signer = BUILDERS[by];
  assert.ok(signer);
  const one = await verifyWith(parseAttestation(built(by, "hello", content)), publicKeyOf(signer.raw));
  assert.ok(one);
  return one;
}

async function contradicting(): Promise<Finding> {
  const proof = proveContradiction(
    await verified(0, "these"),
    await verified(4, "those"),
    target("hello").key,
    [],
  );
  assert.ok(proof);
  const keys = [0, 4].map((by) => BUILDERS[by]?.hex ?? "");
  const { purl, file } = target("hello");
  const evidence = writeEvidence(proof);
  return {
    number: 1,
    kind: "contradiction",
    id: "1",
    keys,
    purl,
    file,
    step: "rebuild",
    time: NOW,
    difference: false,
    evidence,
    acknowledged: null,
  };
}

test("a proof that holds shows both sides; a changed one, and one of another matter, prove nothing", async () => {
  const finding = await contradicting();
  const proof = await checkFinding(finding);
  assert.ok(proof.kind === "holds");
  assert.deepEqual(proof.sides.map(({ key }) => key).toSorted(), finding.keys.toSorted());
  assert.ok(finding.evidence);
  const bad = await checkFinding({ ...finding, evidence: changed(finding.evidence, 300) });
  assert.equal(bad.kind, "bad");
  const framed = await checkFinding({ ...finding, keys: [BUILDERS[2]?.hex ?? ""] });
  assert.equal(framed.kind, "bad");
  assert.equal((await checkFinding({ ...finding, evidence: null })).kind, "none");
});

test("an alert in words: who stands alone, by the policy's names, and how much it weighs", async () => {
  const finding = await contradicting();
  const policies = [{ name: "policy.toml", sha256: policy.sha256, text: POLICY, builders: [] }];
  const [alert] = alertsOf([
    finding,
    { ...finding, number: 2, id: "2", keys: [finding.keys[0] ?? "", BUILDERS[3]?.hex ?? ""] },
  ]);
  assert.ok(alert);
  assert.equal(alert.findings.length, 2);
  assert.equal(alert.findings[0].number, 2);
  const before = tellAlert(alert, { row: null, sides: [] }, policies, NOW);
  assert.match(before.headline, new RegExp(NAMES[4]));
  assert.deepEqual(before.sentences, []);
  const cells = BUILDERS.map(({ hex }, by) => ({
    builder: hex,
    sha256: (by === 4 ? "b" : "a").repeat(64),
    kind: "positive",
    step: "rebuild",
    isRetracted: false,
    isCounted: true,
  }));
  const { purl, file, keyHex: key } = target("hello");
  const tell = (some: typeof cells, sides: readonly Side[] = []): Told =>
    tellAlert(
      alert,
      { row: { purl, file, key, agreement: "majority", steps: [], cells: some }, sides },
      policies,
      NOW,
    );
  const told = tell(cells);
  assert.equal(told.severity, "critical");
  assert.match(told.headline, /river-builds got other bits .* 4 builders that agree/);
  const [outlier] = cells.slice(4);
  assert.ok(outlier);
  const strangers = [1, 2, 3].map((n) => ({ ...outlier, builder: `0${n}`.repeat(32), isCounted: false }));
  assert.deepEqual(
    tell([...cells, ...strangers]),
    told,
    "strangers who say what the outlier says weigh nothing",
  );
  const proven = strangers.map(({ builder, sha256: digest }) => ({
    key: builder,
    sha256: digest,
    how: "built",
    time: null,
  }));
  assert.deepEqual(tell([...cells, ...strangers], proven), told, "nor does the proof that they said so");
  assert.equal(openAlerts([{ ...finding, acknowledged: "looked at" }]).length, 0);
  assert.deepEqual(alertsOf([{ ...finding, kind: "something new" }]), []);
});

test("a file is hashed in pieces, with its progress, and stops when it is told to", async () => {
  const octets = new Uint8Array(5 * 1024 * 1024 + 3).fill(7);
  const done: number[] = [];
  const digest = await hashFile(new Blob([octets]), (at) => done.push(at), new AbortController().signal);
  assert.equal(toHex(digest), toHex(sha256(octets)));
  assert.equal(done.at(-1), octets.length);
  assert.ok(done.length > 1);
  assert.equal(
    toHex(await hashFile(new Blob([]), () => undefined, new AbortController().signal)),
    toHex(sha256()),
  );
  await assert.rejects(hashFile(new Blob([octets]), () => undefined, AbortSignal.abort()));
});

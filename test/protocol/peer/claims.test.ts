import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { checkEvidenceSync } from "../../../protocol/evidence/index.ts";
import { origin } from "../../../protocol/feed/index.ts";
import type { Finding, FindResult } from "../../../protocol/peer/index.ts";
import { findingRange, readFinding } from "../../../protocol/peer/index.ts";
import { Builder, digestOf, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";

const alice = new Builder(1);
const bob = new Builder(2);
const carol = new Builder(3);
const TARGET = packageNumber(1);

function watcher(rig: Rig, name = "w"): RigPeer {
  return rig.peer(name, { follow: { builders: [alice.key, bob.key, carol.key] } });
}

/** The watcher hears the feed grow entry by entry. */
function hears(peer: RigPeer, seed: number, ...entries: Uint8Array[]): void {
  const feed = new MemoryFeed(seed, NETWORK).append(...entries);
  for (let size = 1; size <= entries.length; size++) {
    const effect = peer.gossiped("feeds", feed.branch(size).update(size - 1), "x");
    assert.ok(effect?.kind === "verdict" && effect.verdict !== "reject");
  }
}

function kinds(peer: RigPeer): string[] {
  assert.equal(peer.status().counters.get("internal/impossible"), undefined);
  return peer.findings.map(({ kind }) => kind);
}

function only(peer: RigPeer): Finding {
  const [finding, ...more] = peer.findings;
  assert.ok(finding !== undefined && more.length === 0, `${peer.findings.length} findings`);
  return finding;
}

test("two followed builders with different digests: one finding with evidence that checks, not gossiped", () => {
  const peer = watcher(new Rig());
  hears(peer, 1, alice.link(TARGET, "same"));
  hears(peer, 2, bob.link(TARGET, "same"));
  assert.deepEqual(kinds(peer), []);
  hears(peer, 3, carol.link(TARGET, "other"));
  const finding = only(peer);
  assert.equal(finding.kind, "contradiction");
  assert.equal(finding.purl, TARGET.purl);
  assert.equal(finding.file, TARGET.file);
  assert.equal(finding.step, "rebuild");
  assert.equal(finding.number, 1);
  const evidence = checkEvidenceSync(finding.evidence ?? new Uint8Array(0));
  assert.equal(evidence.kind, "disagreement");
  assert.ok(!peer.seen.some((effect) => effect.kind === "gossip" && effect.topic === "evidence"));
});

test("a dissenter is told of once, in whatever order the others come", () => {
  const sides = [
    [1, alice.link(TARGET, "same")],
    [2, bob.link(TARGET, "same")],
    [3, carol.link(TARGET, "other")],
  ] as const;
  for (const order of [
    [0, 1, 2],
    [0, 2, 1],
    [2, 0, 1],
    [2, 1, 0],
    [1, 2, 0],
  ]) {
    const peer = watcher(new Rig());
    for (const at of order) {
      const [seed, entry] = sides[at] ?? [1, sides[0][1]];
      hears(peer, seed, entry);
    }
    assert.deepEqual(kinds(peer), ["contradiction"], order.join());
  }
});

test("one key that signs two digests contradicts itself; that is gossiped, and checked by who gets it", () => {
  const rig = new Rig();
  const [a, b, deaf] = [watcher(rig, "a"), watcher(rig, "b"), rig.peer("deaf")];
  rig.connect(a, b);
  rig.connect(b, deaf);
  hears(a, 1, alice.link(TARGET, "one"), alice.link(TARGET, "two"));
  for (const peer of [a, b]) assert.equal(only(peer).kind, "self-contradiction", peer.name);
  assert.deepEqual(kinds(deaf), [], "nobody there follows the key");
  rig.pass(60_000);
  a.start();
  rig.pass(60_000);
  assert.equal(b.findings.length, 1, "told once, also after a restart of the teller");
});

test("different inputs or environments make a difference, not a contradiction", () => {
  const peer = watcher(new Rig());
  hears(peer, 1, alice.link(TARGET, "one", { input: digestOf("source 1") }));
  hears(peer, 2, bob.link(TARGET, "two", { input: digestOf("source 2") }));
  assert.equal(only(peer).difference, true);
});

test("other steps, other targets, failures and repetitions contradict nothing", () => {
  const peer = watcher(new Rig());
  hears(peer, 1, alice.link(TARGET, "one"), alice.link(TARGET, "one", { keyid: "again" }));
  hears(peer, 2, bob.link(TARGET, "signed", { step: "sign" }), bob.failed(TARGET, "does not build"));
  hears(peer, 3, carol.link(packageNumber(2), "other"));
  assert.deepEqual(kinds(peer), []);
});

test("what its signer took back contradicts nobody, if the retraction is known first", () => {
  const peer = watcher(new Rig());
  const wrong = alice.verified(alice.link(TARGET, "wrong"));
  hears(peer, 1, wrong.bytes, alice.retraction(TARGET, [wrong.id]), alice.link(TARGET, "right"));
  hears(peer, 2, bob.link(TARGET, "right"));
  assert.deepEqual(kinds(peer), []);
  const other = watcher(new Rig());
  hears(other, 1, wrong.bytes);
  hears(other, 3, carol.retraction(TARGET, [wrong.id]));
  hears(other, 2, bob.link(TARGET, "right"));
  assert.deepEqual(kinds(other), ["contradiction"], "nobody takes another's claim back");
});

test("nothing is said or shown of a leaf whose signature is not good (R9)", () => {
  const peer = watcher(new Rig());
  const forged = bob.link(TARGET, "forged", { keyid: null });
  hears(peer, 1, alice.link(TARGET, "same"), forged);
  hears(peer, 3, new Builder(9).link(TARGET, "stranger's"));
  assert.deepEqual(kinds(peer), ["contradiction"], "bob's is bob's, wherever it is carried");
  const asked = peer.find({ targets: [TARGET.key], builders: [carol.key.raw] });
  assert.deepEqual(asked.found, []);
  const everybody = peer.find({ targets: [TARGET.key] });
  assert.equal(everybody.found.length, 2);
});

test("a leaf under the feed's own key id that it never signed is a bad leaf, told with proof", () => {
  const rig = new Rig();
  const [peer, other] = [watcher(rig, "a"), watcher(rig, "b")];
  rig.connect(peer, other);
  const forged = alice.link(TARGET, "forged");
  const text = new TextDecoder().decode(forged).replace(/"sig":"..../, '"sig":"AAAA');
  hears(peer, 1, alice.link(TARGET, "same"), new TextEncoder().encode(text));
  for (const one of [peer, other]) {
    assert.equal(only(one).kind, "bad-leaf", one.name);
    assert.equal(checkEvidenceSync(only(one).evidence ?? new Uint8Array(0)).kind, "bad-leaf");
  }
});

test("bulk is indexed by the job, junk entries have no rows, and a restart tells nothing twice", () => {
  const rig = new Rig();
  const peer = watcher(rig);
  const many = Array.from({ length: 600 }, (_, i) => alice.link(packageNumber(i), "same"));
  const feed = new MemoryFeed(1, NETWORK).append(...many, "junk", "{}", ...many.slice(0, 3));
  const head = feed.update(feed.entries.length);
  assert.ok(peer.gossiped("feeds", head, "x"));
  hears(peer, 2, bob.link(packageNumber(599), "other"), bob.link(packageNumber(7), "other"));
  assert.deepEqual(kinds(peer), []);
  const source = rig.peer("s", { follow: { builders: [alice.key] } });
  for (let from = 0; from < feed.entries.length; from += 30) {
    source.gossiped("feeds", feed.branch(Math.min(from + 30, feed.entries.length)).update(from), "x");
  }
  rig.pass(10_000);
  assert.equal(source.held(feed.origin), 605);
  rig.connect(peer, source);
  rig.pass(20_000);
  assert.equal(peer.held(feed.origin), 605);
  assert.equal(peer.status().feeds.find((view) => view.origin === feed.origin)?.indexed, 605);
  assert.deepEqual(kinds(peer), ["contradiction", "contradiction"]);
  peer.start();
  rig.pass(5_000);
  assert.deepEqual(kinds(peer), ["contradiction", "contradiction"]);
  const rows = peer.store.read(findingRange(0)).rows.map(readFinding);
  assert.deepEqual(
    rows.map(({ number }) => number),
    [1, 2],
  );
  const listed = peer.command({ do: "findings", since: 1, limit: 10 });
  assert.ok(listed?.ok === true && listed.do === "findings" && listed.findings.length === 1);
  assert.ok((listed.findings[0]?.evidence?.length ?? 0) > 100);
});

test("findings are acknowledged by id; unknown ids are not", () => {
  const peer = watcher(new Rig());
  hears(peer, 1, alice.link(TARGET, "one"), alice.link(TARGET, "two"));
  const { id } = only(peer);
  assert.deepEqual(peer.command({ do: "acknowledge", id, note: "seen" }), { ok: true, do: "acknowledge" });
  for (const unknown of ["00".repeat(32), "junk", ""]) {
    const result = peer.command({ do: "acknowledge", id: unknown, note: "" });
    assert.equal(result?.ok === false && result.code, "peer/no-such-finding");
  }
});

test("an index that a crash left without its comparison is looked through again", () => {
  const rig = new Rig();
  const peer = watcher(rig);
  hears(peer, 1, alice.link(TARGET, "one"));
  let stored = false;
  // The write that brings bob's claim persists; the reads after it never happen.
  peer.fault = (effect) => {
    if (effect.kind === "store") stored = true;
    return stored && effect.kind === "read" ? "hang" : null;
  };
  hears(peer, 2, bob.link(TARGET, "two"));
  assert.deepEqual(kinds(peer), []);
  peer.fault = () => null;
  peer.start();
  rig.pass(5_000);
  assert.deepEqual(kinds(peer), ["contradiction"]);
});

test("found entries come with proofs to the held head, by target, digest and page", () => {
  const rig = new Rig();
  const peer = watcher(rig);
  hears(
    peer,
    1,
    alice.link(TARGET, "same"),
    alice.link(packageNumber(2), "same"),
    alice.failed(TARGET, "later"),
  );
  hears(peer, 2, bob.link(TARGET, "other"));
  const heads = (result: FindResult): string[] => result.heads.map((head) => head.origin).sort();
  const byTarget = peer.find({ targets: [TARGET.key], builders: [alice.key.raw] });
  assert.deepEqual(
    byTarget.found.map(({ index }) => index),
    [0, 2],
  );
  assert.ok(heads(byTarget).includes(origin(NETWORK, alice.key.raw)));
  const byDigest = peer.find({ digests: [digestOf("same")] });
  assert.deepEqual(
    byDigest.found.map(({ index }) => index),
    [0, 1],
  );
  assert.deepEqual(peer.find({ targets: [packageNumber(77).key] }).found, []);
});

test("claims in any order end in the same findings", () => {
  const claims = [
    [1, alice.link(TARGET, "same")],
    [1, alice.link(packageNumber(2), "x")],
    [2, bob.link(TARGET, "same")],
    [2, bob.link(packageNumber(2), "y")],
    [3, carol.link(TARGET, "other")],
    [3, carol.link(TARGET, "third")],
  ] as const;
  fc.assert(
    fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }), (order) => {
      const peer = watcher(new Rig());
      const feeds = new Map([1, 2, 3].map((seed) => [seed, new MemoryFeed(seed, NETWORK)]));
      for (const at of order) {
        const [seed, entry] = claims[at] ?? claims[0];
        const feed = feeds.get(seed)?.append(entry);
        if (feed !== undefined) peer.gossiped("feeds", feed.update(feed.entries.length - 1), "x");
      }
      const found = peer.findings.map(({ kind, purl }) => `${kind} ${purl}`);
      assert.ok(found.includes(`self-contradiction ${TARGET.purl}`), order.join());
      assert.ok(found.includes(`contradiction ${packageNumber(2).purl}`), order.join());
      assert.equal(
        found.filter((one) => one === `contradiction ${TARGET.purl}`).length > 0,
        true,
        order.join(),
      );
      assert.equal(new Set(peer.findings.map(({ id }) => id)).size, peer.findings.length);
    }),
    { numRuns: 40 },
  );
});

/** Who follows a builder later finds its legacy links among what is held, and what they contradict (R5). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { buildLegacyLink, legacyKey, sealLegacyLink } from "../../../protocol/attestation/index.ts";
import { signDomain } from "../../../protocol/crypto/index.ts";
import type { PublicKey } from "../../../protocol/crypto/index.ts";
import { placeOfRow } from "../../../protocol/peer/rows.ts";
import { Builder, digestOf, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { RigPeer } from "./rig-peer.ts";
import { NETWORK, Rig } from "./rig.ts";

const [alice, bob] = [new Builder(1), new Builder(2)];
const FILE = "hello_2.10_amd64.deb";

function legacy(by: Builder, file: string, contents: string): Uint8Array {
  const products = [{ file, sha256: digestOf(contents), target: packageNumber(0) }];
  const signed = buildLegacyLink(products, { step: "rebuild", materials: [] });
  return sealLegacyLink(signed, signDomain(by.seed, signed), by.key);
}

/** A carrier of both builders' links, with more behind them, so that the cursors of its index stand behind these. */
function carrier(): MemoryFeed {
  const feed = new MemoryFeed(7, NETWORK).append(legacy(bob, FILE, "one"), legacy(alice, FILE, "two"));
  return feed.append(alice.link(packageNumber(1), "same"));
}

/** A peer that follows the carrier and these builders; it takes the rows and the name of `before`, if there is one. */
function peerOf(rig: Rig, builders: readonly PublicKey[], before: RigPeer | null = null): RigPeer {
  before?.stop();
  const peer = new RigPeer(rig, "p", { follow: { origins: [carrier().origin], builders } });
  if (before !== null) peer.store = before.store;
  peer.start();
  rig.pass(20_000);
  return peer;
}

function take(peer: RigPeer, rig: Rig, feed: MemoryFeed = carrier()): void {
  peer.gossiped("feeds", feed.update(0), "a");
  for (let number = 2; number < 6; number++) {
    rig.pass(3_000);
    feed.append(alice.link(packageNumber(number), "same"));
    peer.gossiped("feeds", feed.update(feed.entries.length - 1), "a");
  }
  rig.pass(3_000);
}

function found(peer: RigPeer, by: Builder): number {
  return peer.find({ targets: [legacyKey(by.key.raw, FILE)], builders: [by.key.raw] }).found.length;
}

/** Whether the first of the carrier's entries was indexed in this life of the peer: what a start looks at once more anyway stands behind. */
function isAnew(peer: RigPeer): boolean {
  const rows = peer.seen.flatMap((effect) => (effect.kind === "store" ? effect.ops : []));
  return rows.some(({ key }) => key[0] === "t".charCodeAt(0) && placeOfRow(key).index < 2);
}

test("a builder that is followed later is found under its name, after a crash at any moment too", () => {
  for (const isKilled of [false, true]) {
    const rig = new Rig();
    let peer = peerOf(rig, [alice.key]);
    take(peer, rig);
    assert.deepEqual([found(peer, alice), found(peer, bob)], [1, 0]);
    if (isKilled) {
      peer.stop();
      const killed = new RigPeer(rig, "p", {
        follow: { origins: [carrier().origin], builders: [alice.key, bob.key] },
      });
      killed.store = peer.store;
      killed.fault = ({ kind }) => (kind === "read" && isAnew(killed) ? "hang" : null);
      killed.start();
      killed.stop();
      peer = killed;
    }
    peer = peerOf(rig, [alice.key, bob.key], peer);
    assert.deepEqual([found(peer, alice), found(peer, bob)], [1, 1]);
    if (!isKilled) assert.equal(peer.status().claims, 7, "each is counted once");
  }
});

test("the index begins anew only where builders came, and again where one came back", () => {
  const rig = new Rig();
  let peer = peerOf(rig, [alice.key]);
  take(peer, rig);
  peer = peerOf(rig, [alice.key], peer);
  peer = peerOf(rig, [alice.key], peer);
  assert.equal(isAnew(peer), false, "nobody came");
  peer = peerOf(rig, [], peer);
  peer = peerOf(rig, [], peer);
  assert.equal(isAnew(peer), false, "one went");
  peer = peerOf(rig, [bob.key], peer);
  assert.equal(found(peer, bob), 1);
  peer = peerOf(rig, [bob.key, alice.key], peer);
  assert.ok(isAnew(peer));
  assert.deepEqual([found(peer, alice), found(peer, bob)], [1, 1]);
});

test("what a builder that is followed later contradicts is told then", () => {
  const rig = new Rig();
  let peer = peerOf(rig, [alice.key]);
  const feed = carrier();
  take(peer, rig, feed.append(bob.link(packageNumber(1), "other")));
  assert.deepEqual(peer.findings, []);
  peer = peerOf(rig, [alice.key, bob.key], peer);
  assert.deepEqual(
    peer.findings.map(({ kind }) => kind),
    ["contradiction"],
  );
});

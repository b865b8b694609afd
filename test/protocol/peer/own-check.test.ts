/** What is asked about the own feed before it is signed on: after an ordinary start, and after a restore (I1). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { toHex } from "../../../protocol/bytes/index.ts";
import { OWN_CHECK_MS } from "../../../protocol/limits.ts";
import { entryKey } from "../../../protocol/peer/entry-rows.ts";
import { hashKey } from "../../../protocol/peer/rows.ts";
import type { CommandResult } from "../../../protocol/peer/index.ts";
import { readTilesRequest, writeTilesAnswer } from "../../../protocol/wire/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";
import { publishing } from "../../publishing.ts";

const alice = new Builder(1);
const link = (number: number): Uint8Array => alice.link(packageNumber(number), "same");
const feedOf = (count: number): MemoryFeed =>
  new MemoryFeed(1, NETWORK).append(...Array.from({ length: count }, (_, i) => link(i)));

function codeOf(result: CommandResult | null): string {
  return result === null ? "waits" : result.ok ? "ok" : result.code;
}

/** A publisher of three entries, started again; what it is then told of its file, and whom it trusts. */
function restarted(rig: Rig, moved: boolean, anchors: readonly string[] = []): RigPeer {
  const peer = rig.peer("a", { seed: alice.seed, first: true, caution: { anchors, awaits: false } });
  assert.equal(codeOf(peer.publish(link(0), link(1), link(2))), "ok");
  peer.stop();
  peer.moved = moved;
  peer.start(false);
  return peer;
}

/** Connects one who answers with the first `size` entries' head of the feed; 0 for nothing. */
function meets(rig: Rig, peer: RigPeer, name: string, size: number, feed: MemoryFeed = feedOf(9)): void {
  const blobs = size === 0 ? [] : [feed.note(size)];
  const answer = (_: unknown, bytes: Uint8Array): Uint8Array => {
    const request = readTilesRequest(bytes);
    return writeTilesAnswer({ blobs: request.kind === "heads" ? blobs : [], next: 0, code: "" });
  };
  rig.connect(peer, rig.stub(name, answer));
}

test("a restored store signs nothing until three that hold the feed have answered", () => {
  const rig = new Rig();
  const peer = restarted(rig, true);
  assert.equal(peer.status().own?.state, "unconfirmed");
  assert.match(peer.status().own?.reason ?? "", /restored or copied.*0 of 3 sources/);
  meets(rig, peer, "one", 3);
  meets(rig, peer, "two", 2);
  // These know nothing of the feed, or are not there any more: their silence says nothing.
  for (const name of ["stranger", "other", "third"]) meets(rig, peer, name, 0);
  rig.pass(3_600_000);
  assert.equal(codeOf(peer.publish(link(5))), "peer/feed-unconfirmed");
  assert.match(peer.status().own?.reason ?? "", /2 of 3 sources/);
  const signed = peer.seen.filter(({ kind }) => kind === "sign").length;
  meets(rig, peer, "three", 1);
  assert.equal(peer.status().own?.state, "open");
  assert.equal(peer.moved, false, "the file is written anew where it lies");
  assert.equal(codeOf(peer.publish(link(5))), "ok");
  assert.ok(peer.seen.filter(({ kind }) => kind === "sign").length > signed);
});

test("a restored store that lacks a signed head, whoever shows it, stops for good", () => {
  for (const [name, feed, size] of [
    ["larger", feedOf(9), 5],
    ["another history", new MemoryFeed(1, NETWORK).append(link(7), link(8)), 2],
    ["another root", new MemoryFeed(1, NETWORK).append(link(0), link(1), link(8)), 3],
  ] as const) {
    const rig = new Rig();
    const peer = restarted(rig, true);
    meets(rig, peer, "one", 3);
    meets(rig, peer, "two", 3);
    meets(rig, peer, "three", size, feed);
    meets(rig, peer, "four", 3);
    rig.pass(60_000);
    assert.equal(codeOf(peer.publish(link(5))), "peer/feed-lost", name);
    assert.match(peer.status().own?.reason ?? "", /samebits feed recover/);
  }
});

test("with an anchor its word alone counts, and nobody else's", () => {
  const rig = new Rig();
  const peer = restarted(rig, true, ["anchor"]);
  for (const name of ["one", "two", "three", "four"]) meets(rig, peer, name, 3);
  rig.pass(60_000);
  assert.equal(codeOf(peer.publish(link(5))), "peer/feed-unconfirmed");
  meets(rig, peer, "anchor", 3);
  assert.equal(codeOf(peer.publish(link(5))), "ok");
});

test("a restored feed without entries goes on when three have nothing to say of it", () => {
  const rig = new Rig();
  const peer = rig.peer("a", { seed: alice.seed, first: true });
  peer.stop();
  peer.moved = true;
  peer.start(false);
  for (const name of ["one", "two"]) meets(rig, peer, name, 0);
  assert.equal(codeOf(peer.publish(link(0))), "peer/feed-unconfirmed");
  meets(rig, peer, "three", 0);
  assert.equal(codeOf(peer.publish(link(0))), "ok");
});

test("after an ordinary start entries wait for who is near, for three seconds at most", () => {
  const rig = new Rig();
  const peer = rig.peer("a", { seed: alice.seed, first: true, caution: { anchors: [], awaits: true } });
  const ticket = peer.command(publishing([link(0)]));
  assert.equal(codeOf(ticket), "waits");
  rig.pass(OWN_CHECK_MS + 500);
  assert.equal(peer.held(feedOf(1).origin), 1);
  peer.stop();
  peer.start(false);
  rig.pass(500);
  assert.equal(peer.status().own?.state, "open");
  // Who answers ends the waiting, and who knows more ends the publishing.
  peer.command(publishing([link(1)]));
  meets(rig, peer, "knows", 4);
  rig.pass(OWN_CHECK_MS + 500);
  assert.equal(peer.held(feedOf(1).origin), 1);
  assert.equal(codeOf(peer.publish(link(1))), "peer/feed-lost");
});

test("--first for a key whose feed others hold signs nothing", () => {
  const rig = new Rig();
  const peer = rig.peer("a", { seed: alice.seed, first: true, caution: { anchors: [], awaits: true } });
  meets(rig, peer, "knows", 4);
  assert.equal(codeOf(peer.publish(link(0))), "peer/feed-lost");
  assert.ok(peer.seen.every(({ kind }) => kind !== "sign"));
});

test("a damaged right edge is lost: an entry, a hash, or one that is missing", () => {
  const count = 300;
  const damages: readonly [string, (peer: RigPeer) => void][] = [
    ["an entry", (peer) => peer.store.apply([{ op: "put", key: entryKey(1, count - 1), value: link(999) }])],
    ["a missing entry", (peer) => peer.store.apply([{ op: "delete", key: entryKey(1, 290) }])],
    ["a hash", (peer) => flip(peer, hashKey(1, 0, 256))],
    ["a hash of the level above", (peer) => flip(peer, hashKey(1, 1, 0))],
    ["no hash of the level above", (peer) => peer.store.apply([{ op: "delete", key: hashKey(1, 1, 0) }])],
  ];
  for (const [what, damage] of [["nothing", () => undefined] as const, ...damages]) {
    const rig = new Rig();
    const peer = rig.peer("a", { seed: alice.seed, first: true });
    peer.publish(...Array.from({ length: count }, (_, i) => link(i)));
    assert.equal(peer.held(feedOf(1).origin), count);
    peer.stop();
    damage(peer);
    peer.start(false);
    const expected = what === "nothing" ? "ok" : "peer/feed-lost";
    assert.equal(codeOf(peer.publish(link(count))), expected, what);
    if (what !== "nothing") assert.match(peer.status().own?.reason ?? "", /damaged/);
  }
});

function flip(peer: RigPeer, key: Uint8Array): void {
  const [row] = peer.store.read({ from: key, to: Uint8Array.of(...key, 0), limit: 1 }).rows;
  assert.ok(row !== undefined, toHex(key));
  const value = row.value.slice();
  value[0] = (value[0] ?? 0) ^ 1;
  peer.store.apply([{ op: "put", key, value }]);
}

/** Findings are numbered one after the other, strangers' among them; what somebody follows keeps its room all the same (R11, R14, I9). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_FINDINGS, MAX_STRANGER_FINDINGS } from "../../../protocol/limits.ts";
import type { Finding } from "../../../protocol/peer/index.ts";
import { evidenceKey, findingKey, rowsOf, strangerKey } from "../../../protocol/peer/rows.ts";
import type { StoreOp } from "../../../protocol/peer/types.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { alice } from "./rig-forks.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";

const feeds = new WeakMap<RigPeer, Map<number, MemoryFeed>>();

/** The feed of that key goes on with two results for one package. */
function contradicts(peer: RigPeer, seed: number, number: number): void {
  const builder = new Builder(seed);
  const known = feeds.get(peer) ?? new Map<number, MemoryFeed>();
  feeds.set(peer, known);
  const feed = known.get(seed) ?? new MemoryFeed(seed, NETWORK);
  known.set(seed, feed);
  const from = feed.entries.length;
  feed.append(...["one", "two"].map((bits) => builder.link(packageNumber(number), bits)));
  peer.gossiped("feeds", feed.update(from), `n${seed}`);
  peer.rig.pass(3_000);
}

function listed(peer: RigPeer, since = 0): readonly Finding[] {
  const result = peer.command({ do: "findings", since, limit: 100 });
  assert.ok(result?.ok === true && result.do === "findings");
  return result.findings;
}

/** A peer that follows alice, and everybody, has found that she contradicts herself, and then a stranger. */
function watcher(): RigPeer {
  const peer = new Rig().peer("p", { follow: { all: true, origins: [], builders: [alice.key] } });
  contradicts(peer, 1, 1);
  contradicts(peer, 9, 2);
  assert.deepEqual(
    listed(peer).map(({ number }) => number),
    [1, 2],
  );
  return peer;
}

test("a hundred thousand findings about strangers push out none about whom somebody follows", () => {
  const peer = watcher();
  const [, row] = peer.store.read(rowsOf("a", 2)).rows;
  const [stranger] = peer.store.read(rowsOf("y", 1)).rows;
  assert.ok(row !== undefined && stranger !== undefined);
  peer.stop();
  // As if many more had come, of which the newest are left.
  peer.store.apply([
    { op: "delete", key: row.key },
    { op: "delete", key: stranger.key },
    { op: "put", key: findingKey(MAX_FINDINGS), value: row.value },
    { op: "put", key: strangerKey(MAX_FINDINGS), value: stranger.value },
  ]);
  peer.start();
  contradicts(peer, 10, 3);
  contradicts(peer, 1, 4);
  const numbers = listed(peer).map(({ number }) => number - MAX_FINDINGS);
  assert.deepEqual(numbers, [1 - MAX_FINDINGS, 0, 1, 2]);
  assert.ok(listed(peer).every(({ evidence }) => evidence !== null));
});

test("of those about whom somebody follows the newest hundred thousand are kept, whatever strangers' are among them", () => {
  const peer = watcher();
  const [hers] = peer.store.read(rowsOf("a", 1)).rows;
  assert.ok(hers !== undefined);
  const id = listed(peer)[0]?.id ?? "";
  peer.stop();
  // Hers 1 and 3 to MAX_FINDINGS + 1: all alike, as only their number matters.
  const more = Array.from({ length: MAX_FINDINGS - 1 }, (_, i): StoreOp => ({
    op: "put",
    key: findingKey(3 + i),
    value: hers.value,
  }));
  peer.store.apply(more);
  peer.start();
  contradicts(peer, 10, 3);
  assert.equal(peer.store.count("a"), MAX_FINDINGS + 2);
  assert.equal(peer.store.has(evidenceKey(id)), true);
  for (const [i, oldest] of [2, 2, 2].entries()) {
    contradicts(peer, 1, 20 + i);
    assert.equal(peer.store.count("a"), MAX_FINDINGS + 2, `${i}`);
    assert.equal(listed(peer)[0]?.number, oldest, `${i}`);
  }
  assert.deepEqual(
    listed(peer)
      .slice(0, 2)
      .map(({ number }) => number),
    [2, 5],
  );
  assert.equal(peer.store.has(evidenceKey(id)), false);
  assert.ok(peer.store.count("y") <= MAX_STRANGER_FINDINGS);
});

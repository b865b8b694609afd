/** Each check is shown to find what it is for: rows and answers that no engine gives are put before it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Row } from "../../protocol/peer/index.ts";
import { writeCosignatureNotice, writeTilesAnswer, writeTilesRequest } from "../../protocol/wire/index.ts";
import { cosignedNote } from "../witness-requests.ts";
import { Builder, packageNumber } from "./builder.ts";
import { MemoryFeed } from "./memory-feed.ts";
import { Mesh, NETWORK } from "./mesh.ts";
import type { EnginePeer } from "./peer.ts";
import type { Found } from "./verdicts.ts";
import { checkVerdict } from "./verdicts.ts";
import { forkedFeed } from "./scenarios/calm.ts";
import { linksOf } from "./scenarios/growth.ts";

interface Scene {
  readonly mesh: Mesh;
  readonly peer: EnginePeer;
  /** Rows of the publisher's feed in the peer's store, as they were after each publication. */
  readonly rows: readonly Row[];
}

function scene(): Scene {
  const mesh = new Mesh(3);
  const publisher = mesh.add({ feed: 1, follow: [new Builder(1)] });
  const { peer } = mesh.add({ follow: [new Builder(1)] });
  for (const each of mesh.peers) mesh.start(each);
  const rows = [0, 1].map((number) => {
    mesh.publish(publisher.peer, ...linksOf(publisher, number, 1));
    mesh.eventually("the peer holds it", 10_000, () => mesh.allHold([peer], [publisher]));
    mesh.world.run(1_000);
    return feedRow(peer);
  });
  return { mesh, peer, rows };
}

function feedRow(peer: EnginePeer): Row {
  const [from, to] = [Uint8Array.of("f".charCodeAt(0)), Uint8Array.of("g".charCodeAt(0))];
  const [row] = peer.disk.store.read({ from, to, limit: 1 }).rows;
  return row ?? assert.fail("the peer keeps the feed");
}

function put({ mesh, peer }: Scene, { key }: Row, value: Uint8Array): () => void {
  return () =>
    mesh.invariants.effect(peer, {
      kind: "store",
      token: 0,
      durable: false,
      ops: [{ op: "put", key, value }],
      asks: [],
    });
}

function brokenAs(text: RegExp): object {
  return { name: "InvariantError", message: text };
}

test("I4: a head that goes back is found", () => {
  const made = scene();
  const [first, second] = made.rows;
  if (first === undefined || second === undefined) throw new Error("two rows expected");
  assert.doesNotThrow(put(made, second, second.value));
  assert.throws(put(made, first, first.value), brokenAs(/I4: moves from size 2 to 1 /));
});

test("I3: a row that calls an honest feed forked is found", () => {
  const made = scene();
  const row = made.rows[1] ?? assert.fail();
  const value = row.value.slice();
  value[1] = 1;
  assert.throws(put(made, row, value), brokenAs(/I3: calls the honest feed/));
});

test("I2: whoever was shown a head and does not know it is found", () => {
  const { mesh, peer } = scene();
  const longer = new MemoryFeed(1, NETWORK).append("one", "two", "three");
  const told = (note: Uint8Array, after: string): void =>
    mesh.invariants.answered(
      peer,
      "publisher-0",
      "tiles",
      writeTilesRequest({ kind: "heads", after }),
      writeTilesAnswer({ blobs: [note], next: 0, code: "" }),
    );
  told(longer.note(2), "");
  mesh.world.run(5_000);
  // Asked about one feed alone: what else comes is not looked at.
  told(longer.note(3), longer.origin.slice(0, -1));
  mesh.world.run(5_000);
  told(longer.note(3), "");
  assert.throws(() => mesh.world.run(5_000), brokenAs(/I2: does not know the head of size 3 /));
});

test("I1: a second head of one size is found, whoever sees it", () => {
  const { mesh, peer } = scene();
  const other = new MemoryFeed(1, NETWORK).append("another history");
  const body = new TextEncoder().encode(new TextDecoder().decode(other.note()).split("\n\n")[0] + "\n");
  assert.throws(
    () => mesh.invariants.effect(peer, { kind: "sign", token: 0, bytes: body }),
    brokenAs(/I1: signs a second head of size 1/),
  );
});

test("a witness that tells of heads of two branches is found, and one that goes on is not", () => {
  const { mesh, peer } = scene();
  const [a, b] = forkedFeed(9);
  mesh.invariants.histories.lies([a, b]);
  const seed = new Uint8Array(32).fill(150);
  const told = (feed: MemoryFeed, size: number) => () =>
    mesh.invariants.effect(peer, {
      kind: "gossip",
      topic: "cosignatures",
      bytes: writeCosignatureNotice(cosignedNote(feed, size, seed, 1_000)),
    });
  for (const size of [2, 5, 5]) assert.doesNotThrow(told(a, size));
  assert.throws(told(b, 6), brokenAs(/cosigns size 6 of .* besides another history/));
  assert.throws(told(a, 4), brokenAs(/cosigns size 4/), "smaller than before");
});

test("an engine that wakes at a fraction of a ms is found", () => {
  const { mesh, peer } = scene();
  assert.doesNotThrow(() => mesh.invariants.effect(peer, { kind: "wake", at: 5 }));
  assert.throws(() => mesh.invariants.effect(peer, { kind: "wake", at: 5.5 }), brokenAs(/wakes at 5.5/));
});

test("verdicts: one that is not what it must be is found, and one that is is not", async () => {
  const { mesh, peer } = scene();
  const target = packageNumber(0);
  const builders = [new Builder(1), new Builder(2)];
  const keys = builders.map(({ key }) => key.raw);
  const found: Found = {
    peer: peer.name,
    step: mesh.world.steps,
    target,
    contents: "the same bits",
    builders,
    network: NETWORK,
    now: peer.now,
    result: mesh.find(peer, { targets: [target.key], digests: [], builders: keys }),
    expected: "pending",
  };
  const { agreeing } = await checkVerdict(found, 1);
  assert.equal(agreeing, 1);
  await assert.rejects(
    checkVerdict({ ...found, expected: "reproduced" }, 1),
    brokenAs(/expected reproduced/),
  );
});

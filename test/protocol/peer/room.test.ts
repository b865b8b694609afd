/** No feed fills a disk, whoever follows it; what has no room is not fetched, and nothing is lost or forked by it (R11, I9). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ENTRY_ROW_BYTES, TILE_WIDTH } from "../../../protocol/limits.ts";
import { readTilesRequest } from "../../../protocol/wire/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer, Stub } from "./rig.ts";
import { feedServer } from "./stubs.ts";

const alice = new Builder(1);
const bob = new Builder(2);
const carol = new Builder(3);
const follow = { builders: [alice.key, bob.key] };
const ROOM = 200_000;

/** A feed of so many entries, each with so many octets. */
function feedOf(seed: number, count: number, octets: number): MemoryFeed {
  return new MemoryFeed(seed, NETWORK).append(
    ...Array.from({ length: count }, (_, i) => `${i} `.padEnd(octets, "x")),
  );
}

function viewOf(peer: RigPeer, { origin }: MemoryFeed): { readonly held: number; readonly state: string } {
  const { held, state } = peer.status().feeds.find((feed) => feed.origin === origin) ?? {
    held: 0,
    state: "none",
  };
  return { held, state };
}

/** Entries that a source was asked for. */
function questions({ questions: all }: Stub): number {
  return all.filter(({ stream, bytes }) => stream === "tiles" && readTilesRequest(bytes).kind === "entries")
    .length;
}

test("a followed feed that grows without end stops at its bound and leaves the others their part", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { follow, maxFollowedBytes: ROOM, seed: carol.seed, first: true });
  const [endless, small] = [feedOf(1, 400, 1_000), feedOf(2, 20, 1_000)];
  const source = feedServer(rig, "a", endless);
  rig.connect(peer, source);
  rig.pass(60_000);
  const first = viewOf(peer, endless);
  assert.equal(first.state, "full");
  const taken = first.held * (1_000 + ENTRY_ROW_BYTES);
  assert.ok(taken > ROOM / 4 && taken <= ROOM / 2, `${first.held} held`);
  assert.equal(peer.status().counters.get("feed-full"), 1);
  assert.deepEqual(peer.status().sync, { feeds: 0, missing: 0, rate: 0, seconds: 0 });
  // It is not fetched again and again only to be thrown away.
  const asked = questions(source);
  rig.pass(1_800_000);
  assert.equal(questions(source), asked);
  assert.deepEqual(peer.findings, [], "nobody is accused of it");
  rig.connect(peer, feedServer(rig, "b", small));
  rig.pass(60_000);
  assert.deepEqual(viewOf(peer, small), { held: 20, state: "open" });
  assert.deepEqual(viewOf(peer, endless), first);
  assert.ok(peer.store.octets("e") + peer.store.octets("h") + peer.store.octets("f") <= ROOM);
  assert.equal(peer.publish(carol.link(packageNumber(1), "x"))?.ok, true, "the own feed has no bound");
});

test("several that grow without end stay within the bound together, each with its part", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { follow, maxFollowedBytes: ROOM });
  const feeds = [feedOf(1, 400, 1_000), feedOf(2, 400, 1_000)];
  for (const [i, feed] of feeds.entries()) rig.connect(peer, feedServer(rig, `s${i}`, feed));
  rig.pass(120_000);
  const held = feeds.map((feed) => viewOf(peer, feed));
  for (const { held: count, state } of held) {
    assert.equal(state, "full");
    assert.ok(count * (1_000 + ENTRY_ROW_BYTES) > ROOM / 4 - 26 * 1_200, `${count} held`);
  }
  const rows = ["e", "h", "f"].reduce((sum, kind) => sum + peer.store.octets(kind), 0);
  assert.ok(rows <= ROOM, `${rows} octets`);
});

test("what comes as bundles fills the room up to the last bundle that has some", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { follow, maxFollowedBytes: 2_000_000 });
  const endless = feedOf(1, 6_000, 200);
  const source = feedServer(rig, "a", endless, (request, blobs) =>
    request.kind === "entries" ? endless.entries.slice(request.from, request.from + request.count) : blobs,
  );
  rig.connect(peer, source);
  rig.pass(60_000);
  const { held, state } = viewOf(peer, endless);
  const most = Math.floor(1_000_000 / (200 + ENTRY_ROW_BYTES));
  assert.deepEqual([state, held], ["full", most - (most % TILE_WIDTH)]);
  const asked = questions(source);
  rig.pass(1_800_000);
  assert.equal(questions(source), asked);
});

test("with more room it goes on where it stopped, and is whole", () => {
  const rig = new Rig();
  const options = { follow, maxFollowedBytes: ROOM };
  const peer = rig.peer("p", options);
  const endless = feedOf(1, 400, 1_000);
  rig.connect(peer, feedServer(rig, "a", endless));
  rig.pass(60_000);
  const { held } = viewOf(peer, endless);
  assert.ok(held > 0 && held < 400);
  const more = rig.peer("q", { follow, maxFollowedBytes: 10 * ROOM });
  more.stop();
  more.store = peer.store.copy();
  more.start();
  assert.equal(viewOf(more, endless).held, held);
  const source = feedServer(rig, "b", endless);
  rig.connect(more, source);
  rig.pass(60_000);
  assert.deepEqual(viewOf(more, endless), { held: 400, state: "open" });
  const froms = source.questions.flatMap(({ stream, bytes }) => {
    const request = stream === "tiles" ? readTilesRequest(bytes) : null;
    return request?.kind === "entries" ? [request.from] : [];
  });
  assert.equal(Math.min(...froms), held);
});

test("a fork of a feed that has no more room is found all the same", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { follow, maxFollowedBytes: ROOM });
  const endless = feedOf(1, 400, 1_000);
  rig.connect(peer, feedServer(rig, "a", endless));
  rig.pass(60_000);
  assert.equal(viewOf(peer, endless).state, "full");
  const other = endless.branch(300);
  while (other.entries.length < 420) other.append(`other ${other.entries.length}`);
  rig.connect(peer, feedServer(rig, "b", other));
  rig.pass(120_000);
  assert.equal(viewOf(peer, endless).state, "forked");
  assert.equal(peer.findings[0]?.kind, "fork");
});

test("short entries count with their rows: nobody fills a disk with what has no octets of its own", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { maxStoreBytes: 4 * 16_384, maxFollowedBytes: ROOM });
  const tiny = feedOf(9, 1_000, 0);
  rig.connect(peer, feedServer(rig, "a", tiny));
  rig.pass(120_000);
  const { held, state } = viewOf(peer, tiny);
  assert.equal(state, "full");
  assert.ok(held > 50 && held <= 16_384 / ENTRY_ROW_BYTES, `${held} held`);
  const rows = ["e", "h", "f"].reduce((sum, kind) => sum + peer.store.octets(kind), 0);
  assert.ok(rows <= 16_384, `${rows} octets`);
});

/** Heads that both have are not told again (spec/wire.md, stream `tiles`): what an exchange without news costs, and what it must not hide. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { concat } from "../../../protocol/bytes/index.ts";
import { KNOWN_NAME_BYTES } from "../../../protocol/limits.ts";
import { nameOfNote } from "../../../protocol/peer/index.ts";
import { readTilesAnswer, readTilesRequest, writeTilesRequest } from "../../../protocol/wire/index.ts";
import type { TilesAnswer } from "../../../protocol/wire/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";
import { feedServer } from "./stubs.ts";

const FEEDS = 20;
/** Octets of an exchange of heads between peers of whom neither has news of 20 feeds. */
const QUIET_BYTES = 8 * 1024;

const builders = Array.from({ length: FEEDS }, (_, i) => new Builder(30 + i));
const feeds = builders.map((by, i) =>
  new MemoryFeed(30 + i, NETWORK).append(
    by.link(packageNumber(1), "same"),
    by.link(packageNumber(2), "same"),
  ),
);
const FOLLOWS = { follow: { builders: builders.map(({ key }) => key) } };

function heads(peer: RigPeer, known: readonly Uint8Array[]): TilesAnswer {
  let answer: TilesAnswer | null = null;
  peer.asked(
    "tiles",
    writeTilesRequest({ kind: "heads", after: "", known: concat(...known) }),
    "x",
    (bytes) => {
      if (bytes !== null) answer = readTilesAnswer(bytes);
    },
  );
  if (answer === null) throw new Error("no answer");
  return answer;
}

test("two peers without news of 20 feeds: one round trip, and less than 8 KB", () => {
  const rig = new Rig();
  const [a, b] = [rig.peer("a", FOLLOWS), rig.peer("b", FOLLOWS)];
  for (const [i, feed] of feeds.entries()) rig.connect(a, feedServer(rig, `s${i}`, feed));
  rig.connect(a, b);
  rig.pass(5_000);
  for (const { origin } of feeds) assert.equal(b.held(origin), 2);
  for (const stub of rig.peers.keys()) if (stub.startsWith("s")) rig.peers.delete(stub);
  a.seen.length = 0;
  b.seen.length = 0;
  a.handle({ kind: "joined", peer: "b" });
  const asks = a.seen.flatMap((effect) => (effect.kind === "ask" ? [effect.bytes] : []));
  const replies = b.seen.flatMap((effect) => (effect.kind === "reply" ? [concat(...effect.parts)] : []));
  assert.equal(asks.length, 1);
  assert.equal(replies.length, 1);
  const octets = [...asks, ...replies].reduce((sum, bytes) => sum + bytes.length, 0);
  assert.ok(octets < QUIET_BYTES / 8, `${octets} octets`);
  assert.deepEqual(readTilesAnswer(replies[0] ?? new Uint8Array(0)).blobs, []);
});

test("what a name stands for is left out and said to be there, and nothing else is", () => {
  const rig = new Rig();
  const peer = rig.peer("p", FOLLOWS);
  const [one, two] = feeds;
  assert.ok(one !== undefined && two !== undefined);
  for (const feed of [one, two]) rig.connect(peer, feedServer(rig, feed.origin, feed));
  rig.pass(1_000);
  const stranger = new Uint8Array(KNOWN_NAME_BYTES).fill(7);
  assert.equal(heads(peer, []).same, undefined);
  assert.equal(heads(peer, []).blobs.length, 2);
  const answer = heads(peer, [stranger, nameOfNote(one.note()), stranger]);
  assert.deepEqual(answer.same, Uint8Array.of(0, 1, 0));
  assert.deepEqual(answer.blobs, [two.note()]);
  // Another head of the same size and feed has another name.
  const fork = one.branch(1).append("other");
  assert.deepEqual(heads(peer, [nameOfNote(fork.note())]).blobs.length, 2);
});

test("a peer that says that it has the same is asked for what comes next of that feed", () => {
  const rig = new Rig();
  const [feed] = feeds;
  assert.ok(feed !== undefined);
  const peer = rig.peer("p", FOLLOWS);
  const first = feedServer(rig, "first", feed);
  rig.connect(peer, first);
  rig.pass(1_000);
  rig.disconnect(peer, first);
  const grown = feed.branch(2).append(...Array.from({ length: 2_000 }, (_, i) => `entry ${i}`));
  for (const [i, other] of feeds.slice(1, 9).entries()) rig.connect(peer, feedServer(rig, `x${i}`, other));
  const same = feedServer(rig, "same", feed);
  rig.connect(peer, same);
  rig.pass(1_000);
  peer.gossiped("feeds", grown.update(2_002), "elsewhere");
  rig.pass(500);
  const asked = same.questions.some(({ bytes }) => readTilesRequest(bytes).kind !== "heads");
  assert.ok(asked, "it showed that it has the feed");
});

test("evidence of a fork is told until the asker says that it has it", () => {
  const rig = new Rig();
  const [feed] = feeds;
  assert.ok(feed !== undefined);
  const [a, b] = [rig.peer("a", FOLLOWS), rig.peer("b", FOLLOWS)];
  rig.connect(a, feedServer(rig, "one", feed));
  rig.connect(a, feedServer(rig, "other", feed.branch(1).append("other")));
  rig.pass(2_000);
  assert.equal(a.findings.length, 1);
  assert.equal(heads(a, []).blobs.length, 3, "the proof and the two heads");
  rig.connect(a, b);
  rig.pass(2_000);
  assert.equal(b.findings.length, 1);
  a.seen.length = 0;
  b.handle({ kind: "joined", peer: "a" });
  const replies = a.seen.flatMap((effect) => (effect.kind === "reply" ? [concat(...effect.parts)] : []));
  assert.deepEqual(readTilesAnswer(replies[0] ?? new Uint8Array(0)).blobs, []);
});

test("who has the same heads is asked at once how they go together, as if it had told them", () => {
  const rig = new Rig();
  const [first] = feeds;
  assert.ok(first !== undefined);
  const feed = first.branch(2).append("third");
  const told = [feed.note(3), feed.note(2)];
  const peer = rig.peer("p", FOLLOWS);
  const mute = feedServer(rig, "mute", feed, ({ kind }) => (kind === "heads" ? told : null));
  rig.connect(peer, mute);
  rig.disconnect(peer, mute);
  const same = feedServer(rig, "same", feed, (request, blobs) => {
    if (request.kind === "heads") return told;
    return request.kind === "consistency" ? blobs : null;
  });
  rig.connect(peer, same);
  const kinds = same.questions.map(({ bytes }) => readTilesRequest(bytes));
  assert.ok(kinds.some((request) => request.kind === "heads" && (request.known?.length ?? 0) > 0));
  assert.ok(
    kinds.some((request) => request.kind === "consistency" && request.from === 2 && request.to === 3),
  );
});

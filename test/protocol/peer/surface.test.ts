import assert from "node:assert/strict";
import { test } from "node:test";
import { fromHex, utf8 } from "../../../protocol/bytes/index.ts";
import { ProtocolError } from "../../../protocol/errors.ts";
import { emptyRange } from "../../../protocol/feed/index.ts";
import { MAX_WAITING_ENTRIES } from "../../../protocol/limits.ts";
import { keyOfFeedRow, readFeedRow, writeFeedRow } from "../../../protocol/peer/feed-row.ts";
import { FeedState } from "../../../protocol/peer/feed-state.ts";
import { Turn } from "../../../protocol/peer/turn.ts";
import type { Effect } from "../../../protocol/peer/index.ts";
import {
  writeEvidenceNotice,
  writeQueryRequest,
  writeTilesAnswer,
  writeTilesRequest,
} from "../../../protocol/wire/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";
import { publishing } from "../../publishing.ts";

const alice = new Builder(1);

/** The code of the last verdict or refusal. */
function lastCode(peer: RigPeer, kind: "verdict" | "refuse"): string | null {
  const effect = peer.seen
    .filter((one): one is Extract<Effect, { kind: typeof kind }> => one.kind === kind)
    .at(-1);
  return effect?.code ?? null;
}

test("what is not for this version or this peer is ignored or refused, with its code", () => {
  const rig = new Rig();
  const peer = rig.peer("p");
  peer.gossiped("evidence", writeEvidenceNotice({ id: new Uint8Array(32) }), "x");
  assert.equal(lastCode(peer, "verdict"), "peer/evidence-unanswered");
  const light = rig.peer("light", { light: true });
  const question = writeQueryRequest({
    targets: [packageNumber(1).key],
    digests: [],
    builders: [],
    page: new Uint8Array(0),
  });
  light.asked("query", question, "x", () => undefined);
  assert.equal(lastCode(light, "refuse"), "peer/light");
  assert.deepEqual([...peer.dropped, ...light.dropped], []);
});

test("more answers than are prepared at once are refused as busy, and the place is given back", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { follow: { builders: [alice.key] } });
  const feed = new MemoryFeed(1, NETWORK).append("a", "b");
  peer.gossiped("feeds", feed.update(0), "x");
  peer.fault = (effect) => (effect.kind === "read" ? "hang" : null);
  const question = writeTilesRequest({ kind: "entries", origin: feed.origin, from: 0, count: 1 });
  for (let i = 0; i < 17; i++) peer.asked("tiles", question, `n${i}`, () => undefined);
  assert.equal(lastCode(peer, "refuse"), "peer/busy");
  const failing = rig.peer("f", { follow: { builders: [alice.key] } });
  failing.gossiped("feeds", feed.update(0), "x");
  failing.fault = (effect) => (effect.kind === "read" ? "fail" : null);
  for (let i = 0; i < 40; i++) failing.asked("tiles", question, `n${i}`, () => undefined);
  assert.equal(lastCode(failing, "refuse"), "rig/fault", "a failed read gives the place back");
});

test("a neighbour's questions are over budget when it has had its share", () => {
  const rig = new Rig();
  const peer = rig.peer("p");
  const question = writeTilesRequest({ kind: "heads", after: "" });
  for (let i = 0; i < 140_000 && lastCodeCheap(peer) === null; i++)
    peer.asked("tiles", question, "x", () => undefined);
  assert.equal(lastCodeCheap(peer), "peer/over-budget");
});

/** As `lastCode`, and forgets what was seen: there is much of it. */
function lastCodeCheap(peer: RigPeer): string | null {
  const code = lastCode(peer, "refuse");
  if (code === null) peer.seen.length = 0;
  return code;
}

test("evidence that is named by id and not to be had is ignored", () => {
  const rig = new Rig();
  const peer = rig.peer("p");
  const notice = writeEvidenceNotice({ id: new Uint8Array(32).fill(7) });
  rig.connect(
    peer,
    rig.stub("mute", () => null),
  );
  peer.gossiped("evidence", notice, "mute");
  assert.equal(lastCode(peer, "verdict"), "peer/evidence-unanswered");
  const empty = writeTilesAnswer({ blobs: [], next: 0, code: "" });
  const other = rig.peer("q");
  rig.connect(
    other,
    rig.stub("empty", () => empty),
  );
  other.gossiped("evidence", notice, "empty");
  assert.equal(lastCode(other, "verdict"), "peer/evidence-unanswered");
});

test("a head longer than any in an answer costs its sender the connection", () => {
  const rig = new Rig();
  const peer = rig.peer("p");
  const answer = writeTilesAnswer({ blobs: [new Uint8Array(1_025).fill(65)], next: 0, code: "" });
  rig.connect(
    peer,
    rig.stub("liar", () => answer),
  );
  assert.equal(peer.dropped.get("liar"), "peer/bad-head");
});

test("more entries than may wait are refused as a whole", () => {
  const peer = new Rig().peer("p", { seed: alice.seed, first: true });
  const entries = Array<Uint8Array>(MAX_WAITING_ENTRIES + 1).fill(alice.link(packageNumber(1), "same"));
  const result = peer.command(publishing(entries));
  assert.equal(result?.ok === false && result.code, "peer/too-many-waiting");
});

test("rows of another version, and of another feed, are not taken for good ones", () => {
  const feed = new FeedState(1, new MemoryFeed(1, NETWORK).origin, alice.key.raw, "followed", true);
  feed.head = new MemoryFeed(1, NETWORK).append("a").head();
  const row = writeFeedRow(feed, emptyRange);
  assert.deepEqual(keyOfFeedRow(row), alice.key.raw);
  const other = row.slice();
  other[0] = 99;
  assert.throws(
    () => keyOfFeedRow(other),
    (error) => error instanceof ProtocolError && error.code === "peer/bad-row",
  );
  const bob = new FeedState(2, new MemoryFeed(2, NETWORK).origin, new Builder(2).key.raw, "followed", true);
  assert.throws(
    () => readFeedRow(bob, row, NETWORK),
    (error) => error instanceof ProtocolError && error.code === "peer/bad-row",
  );
  for (let end = 0; end < row.length; end++)
    assert.throws(() => readFeedRow(feed, row.slice(0, end), NETWORK));
});

test("an answer of another kind than was asked for fails what waits for it, once", () => {
  const turn = new Turn();
  turn.begin(1);
  const codes: string[] = [];
  turn.sign(
    utf8("x"),
    () => codes.push("signed"),
    (code) => codes.push(code),
  );
  const [effect] = turn.take();
  const token = effect !== undefined && "token" in effect ? effect.token : 0;
  turn.resume(token, { kind: "stored" });
  turn.resume(token, { kind: "signed", signature: fromHex("00") });
  assert.deepEqual(codes, ["peer/unexpected-answer"]);
  assert.equal(turn.waiting, 0);
});

test("a fault in a continuation fails whoever waits, and is nobody's but ours", () => {
  const turn = new Turn();
  const codes: string[] = [];
  turn.sign(
    utf8("x"),
    () => assert.fail("our bug"),
    (code) => codes.push(code),
  );
  const [effect] = turn.take();
  const token = effect !== undefined && "token" in effect ? effect.token : 0;
  assert.throws(() => turn.resume(token, { kind: "signed", signature: fromHex("00") }));
  assert.deepEqual(codes, ["internal/impossible"]);
});

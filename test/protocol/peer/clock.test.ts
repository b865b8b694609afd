/** A clock that is turned: nothing waits for it to come back to where it was, and no time that is signed goes back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  COSIGN_AFTER_MS,
  COSIGN_INTERVAL_S,
  DOMAIN_NAME_BYTES,
  HEADS_INTERVAL_MS,
  MAX_TICK_MS,
  RECALL_INTERVAL_MS,
  SILENT_MS,
  TIME_LINE_MS,
} from "../../../protocol/limits.ts";
import { parseCosigned, readCosignatureLine } from "../../../protocol/feed/index.ts";
import { readCosignatureNotice, readTilesRequest } from "../../../protocol/wire/index.ts";
import { publishing } from "../../publishing.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";
import { feedServer, whole } from "./stubs.ts";

const alice = new Builder(1);
const HOUR = 3_600_000;
const MINUTE = 60_000;
const WITNESS = new Uint8Array(32).fill(9);
const DOMAIN = new Uint8Array(DOMAIN_NAME_BYTES).fill(5);

function link(number: number): Uint8Array {
  return alice.link(packageNumber(number), "same");
}

function feedOf(key: number, count: number): MemoryFeed {
  const builder = new Builder(key);
  const links = Array.from({ length: count }, (_, i) => builder.link(packageNumber(i), "same"));
  return new MemoryFeed(key, NETWORK).append(...links);
}

/** The times of cosignatures of a feed that a peer has gossiped, in seconds. */
function cosigned(peer: RigPeer, origin: string): readonly number[] {
  return peer.seen.flatMap((effect) => {
    if (effect.kind !== "gossip" || effect.topic !== "cosignatures") return [];
    const { checkpoint, line } = parseCosigned(readCosignatureNotice(effect.bytes));
    return checkpoint.origin === origin ? [readCosignatureLine(line).time] : [];
  });
}

test("what is published after the clock was set back is answered at once", () => {
  for (const pause of [0, MINUTE]) {
    const rig = new Rig();
    const peer = rig.peer("a", { seed: alice.seed, first: true });
    assert.equal(peer.publish(link(0))?.ok, true);
    rig.pass(pause);
    rig.turnClock(-HOUR);
    const before = peer.seen.length;
    peer.handle({ kind: "local", command: publishing([link(1)]), ticket: 777 });
    rig.pass(2_000);
    assert.equal(peer.resultOf(777)?.ok, true, `${pause} ms later`);
    // Whoever drives it is woken by the clock as it is now.
    for (const effect of peer.seen.slice(before))
      if (effect.kind === "wake") assert.ok(effect.at <= rig.now + MAX_TICK_MS, `${effect.at - rig.now}`);
  }
});

test("own time lines never go back: there is none until the clock is where the last one was", () => {
  const rig = new Rig();
  const peer = rig.peer("a", { seed: alice.seed, first: true });
  const signs = (): number => peer.seen.filter(({ kind }) => kind === "announce").length;
  peer.publish(link(0));
  rig.pass(10_000);
  const before = signs();
  assert.ok(before > 0);
  rig.turnClock(-HOUR);
  peer.publish(link(1));
  rig.pass(HOUR - MINUTE);
  assert.equal(signs(), before);
  rig.pass(TIME_LINE_MS + 5 * MINUTE);
  assert.ok(signs() > before);
});

test("heads are exchanged as before when the clock was set back: what gossip lost is found again", () => {
  const rig = new Rig();
  const feed = feedOf(1, 2);
  const peer = rig.peer("p", { follow: { origins: [feed.origin] } });
  const source = feedServer(rig, "s", feed, whole(feed));
  rig.connect(peer, source);
  rig.pass(10 * HEADS_INTERVAL_MS);
  const exchanges = (): number =>
    source.questions.filter((q) => q.stream === "tiles" && readTilesRequest(q.bytes).kind === "heads").length;
  rig.turnClock(-HOUR);
  const before = exchanges();
  feed.append(link(7));
  rig.pass(10 * HEADS_INTERVAL_MS);
  assert.ok(exchanges() - before >= 7, `${exchanges() - before} exchanges`);
  assert.equal(peer.held(feed.origin), 3);
});

test("a witness goes on with its rounds when the clock was set back, and its times never do", () => {
  const rig = new Rig();
  const [one, other] = [feedOf(1, 2), feedOf(2, 2)];
  const peer = rig.peer("w", { follow: { origins: [one.origin, other.origin] }, witness: WITNESS });
  rig.connect(peer, feedServer(rig, "s", one, whole(one)));
  rig.pass(COSIGN_AFTER_MS + 5_000);
  assert.equal(cosigned(peer, one.origin).length, 1);
  rig.turnClock(-HOUR);
  rig.connect(peer, feedServer(rig, "t", other, whole(other)));
  one.append(link(7));
  rig.pass(1_000 * COSIGN_INTERVAL_S);
  assert.equal(peer.held(one.origin), 3);
  assert.equal(cosigned(peer, other.origin).length, 1, "a feed of which nothing is said yet");
  rig.pass(HOUR + 2_000 * COSIGN_INTERVAL_S);
  const times = cosigned(peer, one.origin);
  assert.equal(times.length, 2);
  assert.ok((times[1] ?? 0) >= (times[0] ?? 0) + COSIGN_INTERVAL_S, times.join());
});

test("whoever starts while the clock is set back cosigns and asks as soon as ever", () => {
  const rig = new Rig();
  const feed = feedOf(1, 2);
  const peer = rig.peer("w", { follow: { origins: [feed.origin] }, witness: WITNESS });
  rig.turnClock(-HOUR);
  rig.connect(peer, feedServer(rig, "s", feed, whole(feed)));
  rig.pass(COSIGN_AFTER_MS + 5_000);
  assert.equal(peer.held(feed.origin), 2);
  assert.equal(cosigned(peer, feed.origin).length, 1);
});

/** What a peer asks of everybody in two hours, by kind and the time that has passed; the clock is turned on the way. */
function asked(turns: readonly number[]): readonly string[] {
  const rig = new Rig();
  const [there, withheld, nowhere] = [feedOf(1, 2), feedOf(2, 40), feedOf(3, 1)];
  const peer = rig.peer("p", { follow: { origins: [there, withheld, nowhere].map(({ origin }) => origin) } });
  rig.connect(peer, feedServer(rig, "s", there, whole(there)));
  rig.connect(
    peer,
    feedServer(rig, "t", withheld, (request, blobs) => (request.kind === "entries" ? null : blobs)),
  );
  rig.connect(
    peer,
    rig.stub("u", () => "silent"),
  );
  const start = rig.now;
  peer.command({
    do: "carry",
    domain: DOMAIN,
    documents: new Map([["1.root.json", link(0)]]),
  });
  rig.pass(5_000);
  let turned = 0;
  for (const by of turns) {
    rig.turnClock(by);
    turned += by;
    rig.pass(40 * MINUTE);
  }
  assert.equal(rig.now - turned - start, 5_000 + 40 * MINUTE * turns.length);
  return peer.seen.map((effect) =>
    effect.kind === "ask" ? `ask ${effect.to} ${effect.stream}` : effect.kind,
  );
}

test("nothing that is asked of others comes later, or more often, for a clock that is set back", () => {
  const steady = asked([0, 0, 0]);
  for (const kind of ["recall", "providers", "provide", "wake", "ask s tiles", "ask t tiles"])
    assert.ok(steady.includes(kind), kind);
  assert.deepEqual(asked([-HOUR, -12 * MINUTE, -30 * 24 * HOUR]), steady);
});

test("questions with a deadline end when their time is over, whatever the clock says", () => {
  for (const turn of [-HOUR, -30 * 24 * HOUR]) {
    const rig = new Rig();
    const peer = rig.peer("p");
    const silent = rig.stub("s", () => "silent");
    rig.connect(peer, silent);
    const question = { targets: [packageNumber(1).key], digests: [], builders: [] };
    const deadline = rig.now + 1_000;
    peer.handle({ kind: "local", ticket: 777, command: { do: "find", question, network: true, deadline } });
    peer.handle({ kind: "local", ticket: 778, command: { do: "carriers", domain: DOMAIN, deadline } });
    rig.turnClock(turn);
    rig.pass(500);
    assert.deepEqual([peer.resultOf(777), peer.resultOf(778)], [null, null]);
    rig.pass(1_000);
    assert.deepEqual([peer.resultOf(777)?.ok, peer.resultOf(778)?.ok], [true, true]);
  }
});

test("who was heard by a clock that was ahead was heard at the start at the latest, when it is right again", () => {
  const rig = new Rig();
  const feed = feedOf(1, 2);
  const peer = rig.peer("p", { follow: { origins: [feed.origin] } });
  rig.turnClock(400 * 24 * HOUR);
  const source = feedServer(rig, "s", feed, whole(feed));
  rig.connect(peer, source);
  rig.pass(5_000);
  assert.equal(peer.held(feed.origin), 2);
  peer.stop();
  rig.disconnect(peer, source);
  rig.turnClock(-400 * 24 * HOUR);
  peer.start();
  rig.connect(
    peer,
    rig.stub("other", () => null),
  );
  rig.pass(RECALL_INTERVAL_MS);
  assert.ok(peer.seen.some(({ kind }) => kind === "recall"));
});

test("a clock that is put ahead, or a machine that slept, makes no feed silent", () => {
  const rig = new Rig();
  const feed = feedOf(1, 2);
  const peer = rig.peer("p", { follow: { origins: [feed.origin] } });
  const source = feedServer(rig, "s", feed, whole(feed));
  rig.connect(peer, source);
  rig.pass(MINUTE);
  rig.turnClock(SILENT_MS + HOUR);
  rig.pass(MINUTE);
  assert.deepEqual(
    peer.findings.map(({ kind }) => kind).filter((kind) => kind === "silent"),
    [],
  );
  rig.disconnect(peer, source);
  rig.pass(SILENT_MS + HOUR);
  assert.deepEqual(
    peer.findings.map(({ kind }) => kind).filter((kind) => kind === "silent"),
    ["silent"],
  );
});

test("a feed without any time line is as old as it was met, when the clock was set back", () => {
  const rig = new Rig();
  const feed = feedOf(1, 2);
  const peer = rig.peer("p", { follow: { origins: [feed.origin] } });
  rig.connect(peer, feedServer(rig, "s", feed, whole(feed)));
  rig.pass(5_000);
  assert.equal(peer.status().feeds[0]?.lifecycle, "appending");
  rig.turnClock(-HOUR);
  assert.equal(peer.status().feeds[0]?.lifecycle, "appending");
});

/** Heads that witnesses cosigned some time ago: which are kept, for how long, and to whom they are handed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { NOTE_COSIGNATURE, toSpkiPem, toVkey } from "../../../protocol/crypto/index.ts";
import { originHash, parseCheckpoint, parseCosigned } from "../../../protocol/feed/index.ts";
import {
  MAX_PAST_COSIGNATURES,
  PAST_DAYS_S,
  PAST_FOR_S,
  PAST_HOURS_S,
  PAST_SPAN_S,
  PAST_VOUCHED_S,
} from "../../../protocol/limits.ts";
import { pastKey, pastOfFeed, thinnedOut, timeOfPast } from "../../../protocol/peer/past-row.ts";
import { readPolicy } from "../../../protocol/policy/index.ts";
import { collectFound, judge } from "../../../protocol/verdict/index.ts";
import { digestOf, packageNumber } from "../../sim/builder.ts";
import { cosignedNote, witnessOf } from "../../witness-requests.ts";
import { alice, feed, first, FOLLOWS, said, second, secondsOf } from "./cosigning.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";
import { feedServer } from "./stubs.ts";

const HOUR = 3_600;
const DAY = 86_400;
const HASH = originHash(feed.origin);
const pinned = witnessOf(first);

/** The times of all that is kept of the feed, oldest first, and the sizes. */
function past({ store }: RigPeer): readonly (readonly [time: number, size: number])[] {
  const whole = store.copy();
  whole.page = 10_000;
  const { rows } = whole.read(pastOfFeed(HASH, 10_000));
  return rows.map(({ key, value }) => [timeOfPast(key), parseCosigned(value).checkpoint.size] as const);
}

function holding(rig: Rig, options: object = { ...FOLLOWS, witnesses: [pinned] }): RigPeer {
  const peer = rig.peer("p", options);
  rig.connect(peer, feedServer(rig, "source", feed));
  rig.pass(1_000);
  assert.equal(peer.held(feed.origin), 20);
  return peer;
}

/** The witness cosigns that size, so many seconds after the beginning of 2026. */
function cosign(rig: Rig, peer: RigPeer, seconds: number, size: number, seed = first): void {
  const start = Date.UTC(2026, 0, 1);
  rig.now = start + 1_000 * seconds;
  assert.equal(said(peer, cosignedNote(feed, size, seed, secondsOf(rig))), "accept");
}

const START = Date.UTC(2026, 0, 1) / 1_000;
const STORY: readonly (readonly [seconds: number, size: number])[] = [
  [10 * HOUR + 300, 3],
  [10 * HOUR + 3_000, 4],
  [11 * HOUR + 1_200, 6],
  [15 * HOUR, 6],
  [19 * HOUR, 6],
  [20 * HOUR, 13],
];

test("kept is the last of each hour, and of heads of one size the first; across a restart, and of pinned witnesses alone", () => {
  const rig = new Rig();
  const peer = holding(rig);
  for (const [seconds, size] of STORY) {
    cosign(rig, peer, seconds, size);
    cosign(rig, peer, seconds, size, second);
  }
  const kept = [
    [START + 10 * HOUR + 3_000, 4],
    [START + 11 * HOUR + 1_200, 6],
  ];
  assert.deepEqual(past(peer), kept);
  peer.stop();
  peer.start();
  cosign(rig, peer, 22 * HOUR, 20);
  assert.deepEqual(past(peer), [...kept, [START + 20 * HOUR, 13]]);
});

test("who asks how it was at some times is given the newest of then, with the proof to the head that is held; who asks for none as ever", () => {
  const rig = new Rig();
  const peer = holding(rig);
  for (const [seconds, size] of STORY) cosign(rig, peer, seconds, size);
  const light = rig.peer("light", { light: true });
  rig.connect(light, peer);
  const question = { targets: [packageNumber(2).key], builders: [alice.key.raw] };
  const told = (asker: RigPeer, since?: readonly number[]): unknown => {
    const { heads, cosigned, joins } = asker.find(
      since === undefined ? question : { ...question, since },
      asker === light,
    );
    const notes = [...heads.flatMap((head) => head.cosigned), ...cosigned];
    const sizes = notes.map((note) => parseCosigned(note)).map(({ checkpoint }) => checkpoint.size);
    const proven = joins.map(({ small, large, proof }) => {
      assert.deepEqual(proof, feed.consistency(parseCheckpoint(small).size));
      return [parseCheckpoint(small).size, parseCheckpoint(large).size];
    });
    return [sizes, proven];
  };
  for (const asker of [peer, light]) {
    const now = [[13], [[13, 20]]];
    assert.deepEqual(told(asker), now);
    assert.deepEqual(told(asker, []), now);
    assert.deepEqual(told(asker, [START + 10 * HOUR]), now, "nothing was cosigned by then");
    assert.deepEqual(told(asker, [START + 21 * HOUR]), now, "it is the newest still");
    const noon = [
      [13, 6],
      [
        [13, 20],
        [6, 20],
      ],
    ];
    assert.deepEqual(told(asker, [START + 12 * HOUR]), noon);
    assert.deepEqual(told(asker, [START + 19 * HOUR + 600, START + 12 * HOUR]), noon, "each once");
    assert.deepEqual(told(asker, [START + 11 * HOUR]), [
      [13, 4],
      [
        [13, 20],
        [4, 20],
      ],
    ]);
  }
});

test("a light peer decides with that alone how long a claim has been in the feed, and what a revoked key signed before", async () => {
  const rig = new Rig();
  const holder = holding(rig, { ...FOLLOWS, witnesses: [pinned, witnessOf(second)] });
  const days = [0, 3, 6, 9];
  for (const day of days) {
    cosign(rig, holder, day * DAY + HOUR, 2 + day);
    cosign(rig, holder, day * DAY + 2 * HOUR, 3 + day, second);
  }
  const light = rig.peer("light", { light: true });
  rig.connect(light, holder);
  const vote = async (
    key: string,
    rule: string,
    since: number,
    index: number,
  ): Promise<string | undefined> => {
    const policy = readPolicy(
      [
        `version = 1\n[builders.alice]\nkey = ${key}`,
        ...[first, second].map((seed, i) => {
          const { name, raw } = witnessOf(seed, NETWORK);
          return `[witnesses.w${i}]\nkey = "${toVkey(name, raw, NOTE_COSIGNATURE)}"`;
        }),
        `[[rules]]\nname = "debian"\nmatch = "pkg:deb/debian/*"\nrequire = { k = 1, of = ["alice"] }\n${rule}`,
      ].join("\n"),
    );
    const target = packageNumber(index);
    const asked = light.find({ targets: [target.key], builders: [alice.key.raw], since: [since] }, true);
    const heads = asked.cosigned.map((checkpoint) => ({ checkpoint, timed: null, complete: false }));
    const raw = { entries: asked.found, envelopes: [], heads, joins: asked.joins, evidence: asked.evidence };
    const collected = await collectFound(raw, { policy, network: NETWORK, strict: false });
    const rest = {
      settled: "all",
      asked: { local: 0, mirrors: 0, peers: 1, dht: 0 },
      memory: new Map(),
    } as const;
    const artifact = { sha256: digestOf("same"), name: target.file, target, inside: target };
    return judge(artifact, { ...collected, ...rest }, policy, rig.now).votes[0]?.vote;
  };
  const key = JSON.stringify(toSpkiPem(alice.key));
  // Now is the ninth day: what stood there on the sixth for one, and on the third for both.
  const week = secondsOf(rig) - 5 * DAY;
  assert.equal(await vote(key, 'logged_for = "5d"', week, 4), "agrees");
  assert.equal(await vote(key, 'logged_for = "5d"', week, 5), "excluded", "one of two saw it by then");
  assert.equal(await vote(key, 'logged_for = "5d"', week, 7), "excluded");
  const stolen = `{ key = ${key}, revoked = "2026-01-05" }`;
  const before = Date.UTC(2026, 0, 5) / 1_000 - 1;
  assert.equal(await vote(stolen, "", before, 4), "agrees");
  assert.equal(await vote(stolen, "", before, 5), "excluded");
  assert.equal(
    await vote(stolen, "", secondsOf(rig), 4),
    "excluded",
    "without the proof it counts for nothing",
  );
});

test("a clock that goes back adds nothing, and takes nothing away", () => {
  const rig = new Rig();
  const peer = holding(rig);
  for (const [seconds, size] of STORY) cosign(rig, peer, seconds, size);
  const before = past(peer);
  rig.now = Date.UTC(2025, 11, 1);
  for (const seconds of [20 * HOUR + 60, 30 * HOUR]) {
    assert.equal(said(peer, cosignedNote(feed, 20, first, START + seconds)), "peer/untimely");
  }
  assert.equal(said(peer, cosignedNote(feed, 20, first, secondsOf(rig))), "peer/untimely");
  assert.deepEqual(past(peer), before);
});

test("once a day what is older is thinned; of feeds that nobody follows all goes that is older than a month", () => {
  for (const [options, forS] of [
    [{ ...FOLLOWS, witnesses: [pinned] }, PAST_FOR_S],
    [{ witnesses: [pinned] }, PAST_VOUCHED_S],
  ] as const) {
    const rig = new Rig();
    const peer = rig.peer("p", options);
    rig.connect(peer, feedServer(rig, "source", feed));
    cosign(rig, peer, 0, 1);
    rig.pass(1_000);
    assert.equal(peer.held(feed.origin), 20);
    const note = cosignedNote(feed, 1, first, START);
    const times = Array.from({ length: 60 * 24 }, (_, i) => START - i * HOUR - 1).reverse();
    peer.store.fill(times.map((time) => ({ key: pastKey(HASH, pinned.raw, time), value: note })));
    // The first that is kept brings it about; rows beyond what is read at once are for the next days.
    for (const day of [1, 2, 3, 4]) cosign(rig, peer, day * DAY, 1 + day);
    const left = past(peer).map(([time]) => time);
    assert.deepEqual(thinnedOut(left, secondsOf(rig) - DAY, forS), []);
    assert.ok(left.length <= MAX_PAST_COSIGNATURES && left.length > 30, `${left.length}`);
    assert.equal(left.filter((time) => time >= START).length, 4, "one a day, but for the newest");
  }
});

test("a feed that is let go takes its old heads with it, and a damaged row is none", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { witnesses: [pinned] });
  rig.connect(peer, feedServer(rig, "source", feed));
  for (const [seconds, size] of STORY) cosign(rig, peer, seconds, size);
  assert.equal(past(peer).length, 2);
  peer.command({ do: "prune" });
  assert.deepEqual(past(peer), []);
  const other = new Rig();
  const holder = holding(other);
  for (const [seconds, size] of STORY) cosign(other, holder, seconds, size);
  const key = pastKey(HASH, pinned.raw, START + 11 * HOUR + 1_200);
  holder.store.apply([{ op: "put", key, value: new Uint8Array(3) }]);
  const { cosigned } = holder.find({ targets: [packageNumber(2).key], since: [START + 12 * HOUR] });
  assert.deepEqual(cosigned, []);
});

test("however often a witness cosigns, and for however long, what is kept is bounded, and never lacks more than its span", () => {
  const end = 4_000 * DAY;
  let kept: number[] = [];
  let most = 0;
  for (let time = 0; time < end; time += HOUR) {
    kept.push(time);
    most = Math.max(most, kept.length);
    if (time % DAY === 0) {
      const gone = new Set(thinnedOut(kept, time, PAST_FOR_S));
      kept = kept.filter((one) => !gone.has(one));
    }
  }
  assert.ok(most <= MAX_PAST_COSIGNATURES, `${most}`);
  assert.ok(most > MAX_PAST_COSIGNATURES - 10, `the bound is what it comes to: ${most}`);
  const now = end - HOUR;
  fc.assert(
    fc.property(fc.integer({ min: now - PAST_FOR_S + PAST_SPAN_S, max: now }), (asked) => {
      const found = kept.findLast((time) => time <= asked) ?? 0;
      const age = now - asked;
      const span = age < PAST_HOURS_S ? HOUR : age < PAST_DAYS_S - DAY ? DAY : PAST_SPAN_S;
      assert.ok(asked - found <= 2 * span, `${age} s ago: ${asked - found} s before that`);
    }),
  );
});

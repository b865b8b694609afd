/** What a witness cosigns without being asked: what it holds, a minute apart, after it was written, and never what it has forgotten. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  originHash,
  parseCosigned,
  readCosignatureLine,
  verifyCosignature,
} from "../../../protocol/feed/index.ts";
import { COSIGN_AFTER_MS, COSIGN_AGAIN_S, COSIGN_INTERVAL_S } from "../../../protocol/limits.ts";
import { cosignedKey } from "../../../protocol/peer/rows.ts";
import { readCosignatureNotice } from "../../../protocol/wire/index.ts";
import { packageNumber } from "../../sim/builder.ts";
import { cosignedNote, witnessOf } from "../../witness-requests.ts";
import { alice, feed, first, FOLLOWS, said, second, secondsOf } from "./cosigning.ts";
import { Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";
import { feedServer } from "./stubs.ts";

const MINUTE = 1_000 * COSIGN_INTERVAL_S;

/** What a peer has gossiped of witnesses: size and time. */
function told(peer: RigPeer): readonly (readonly [number, number])[] {
  return peer.seen.flatMap((effect) => {
    if (effect.kind !== "gossip" || effect.topic !== "cosignatures") return [];
    const { checkpoint, line } = parseCosigned(readCosignatureNotice(effect.bytes));
    return [[checkpoint.size, readCosignatureLine(line).time] as const];
  });
}

/** A witness beside somebody who serves the first entries of the feed, more as `grow` says. */
function witnessing(rig: Rig): { readonly peer: RigPeer; readonly grow: (size: number) => void } {
  const served = feed.branch(10);
  const peer = rig.peer("w", { witness: first, ...FOLLOWS });
  rig.connect(peer, feedServer(rig, "source", served));
  return {
    peer,
    grow: (size) => {
      served.append(...feed.entries.slice(served.entries.length, size));
      peer.gossiped("feeds", served.update(served.entries.length), "source");
    },
  };
}

test("a witness cosigns what it holds by itself: a minute apart where the feed grows, and again after hours where it does not", () => {
  const rig = new Rig();
  const { peer, grow } = witnessing(rig);
  rig.pass(COSIGN_AFTER_MS - 1_000);
  assert.equal(peer.held(feed.origin), 10);
  assert.deepEqual(told(peer), [], "what it may have cosigned before is waited for");
  rig.pass(3_000);
  assert.deepEqual(
    told(peer).map(([size]) => size),
    [10],
  );
  grow(12);
  rig.pass(5_000);
  assert.equal(peer.held(feed.origin), 12);
  grow(15);
  rig.pass(MINUTE + 2_000);
  assert.deepEqual(
    told(peer).map(([size]) => size),
    [10, 15],
  );
  rig.pass(1_000 * COSIGN_AGAIN_S - MINUTE);
  assert.equal(told(peer).length, 2);
  rig.pass(2 * MINUTE);
  assert.deepEqual(
    told(peer).map(([size]) => size),
    [10, 15, 15],
  );
  const times = told(peer).map(([, time]) => time);
  assert.ok(times.every((time, i) => i === 0 || time - (times[i - 1] ?? 0) >= COSIGN_INTERVAL_S));
  const note = peer.status().witness?.cosigned.get(feed.origin) ?? new Uint8Array(0);
  assert.equal(verifyCosignature(note, witnessOf(first)), times[2]);
});

test("its own feed, and feeds that it does not follow, are none that it cosigns", () => {
  const rig = new Rig();
  const peer = rig.peer("w", { witness: first, seed: second, first: true });
  peer.publish(alice.link(packageNumber(1), "same"));
  rig.connect(peer, feedServer(rig, "s", feed));
  rig.pass(COSIGN_AFTER_MS + 2 * MINUTE);
  assert.equal(peer.held(feed.origin), 20);
  assert.deepEqual(told(peer), []);
});

test("nothing is told before it is written, and nothing after a write that failed", () => {
  for (const fault of ["hang", "fail", "persist-and-fail"] as const) {
    const rig = new Rig();
    const { peer } = witnessing(rig);
    peer.fault = (effect) =>
      effect.kind === "store" && effect.ops.some(({ key }) => key[0] === "c".charCodeAt(0)) ? fault : null;
    rig.pass(COSIGN_AFTER_MS + 3 * MINUTE);
    assert.deepEqual(told(peer), [], fault);
    peer.fault = () => null;
    peer.stop();
    peer.start();
    rig.pass(COSIGN_AFTER_MS + 3_000);
    assert.deepEqual(
      told(peer).map(([size]) => size),
      [10],
      fault,
    );
  }
});

test("a witness that hears what it has cosigned and does not remember stops for good, before it cosigns another branch", () => {
  const rig = new Rig();
  const { peer } = witnessing(rig);
  rig.pass(COSIGN_AFTER_MS + 3_000);
  assert.equal(told(peer).length, 1);
  // What it does remember changes nothing.
  const mine = peer.status().witness?.cosigned.get(feed.origin) ?? new Uint8Array(0);
  said(peer, mine);
  assert.equal(peer.status().witness?.state, "open");
  // Its rows are restored from before: others have kept what it cosigned since.
  peer.stop();
  const key = cosignedKey(witnessOf(first).raw, originHash(feed.origin));
  peer.store.apply([{ op: "delete", key }]);
  peer.start();
  const late = rig.stub("other", () => null);
  rig.connect(peer, late);
  said(peer, cosignedNote(feed, 15, first, secondsOf(rig) + COSIGN_INTERVAL_S), "other");
  assert.equal(peer.status().witness?.state, "stopped");
  rig.pass(COSIGN_AFTER_MS + 3 * MINUTE);
  assert.equal(told(peer).length, 1);
});

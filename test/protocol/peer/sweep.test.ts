import assert from "node:assert/strict";
import { test } from "node:test";
import { compareBytes, toHex, u32be } from "../../../protocol/bytes/index.ts";
import { sha256 } from "../../../protocol/crypto/index.ts";
import {
  MAX_SLOT_PEERS,
  REPUBLISH_SECONDS,
  SWEEP_PLAN_ENTRIES,
  SWEEP_PLAN_MS,
  SWEEP_RECORDS_PER_SECOND,
} from "../../../protocol/limits.ts";
import { closestTo, distance, placeOfSlot, regionBits, spread } from "../../../protocol/peer/index.ts";
import { slotsOf } from "../../../protocol/peer/slots.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { Rig } from "./rig.ts";
import type { RigPeer } from "./rig-peer.ts";
import { placed } from "./rig-places.ts";
import { RigShelf } from "./rig-shelf.ts";

const alice = new Builder(1);
const ENTRIES = 300;
const SLOTS = Array.from({ length: ENTRIES }, (_, i) => slotsOf(packageNumber(i).key)).flat();
const HOUR = 3_600_000;
/** Seconds in which all is stored, and nothing is due again. */
const STORED_S = 40;

interface Crowd {
  readonly rig: Rig;
  readonly publisher: RigPeer;
  readonly shelves: readonly RigShelf[];
}

/** A publisher that knows `size` peers. */
function crowd(size: number): Crowd {
  const rig = new Rig();
  const publisher = rig.peer("publisher", { seed: alice.seed, first: true });
  const shelves = Array.from({ length: size }, (_, i) => new RigShelf(`shelf ${i}`));
  for (const shelf of shelves) rig.peers.set(shelf.name, shelf);
  const [first] = shelves;
  if (first !== undefined) rig.connect(publisher, first);
  return { rig, publisher, shelves };
}

function publishAll({ publisher }: Crowd): void {
  publisher.publish(...Array.from({ length: ENTRIES }, (_, i) => alice.link(packageNumber(i), "same")));
}

function copies({ shelves }: Crowd): number {
  return shelves.reduce((sum, { slots }) => sum + [...slots.values()].reduce((all, one) => all + one, 0), 0);
}

test("a region's look-up serves every place in it: of 1,000 peers, it knows 17 of the 20 closest to the region's far end", () => {
  const all = Array.from({ length: 1_000 }, (_, i) => placed(`peer ${i}`));
  let right = 0;
  let least = MAX_SLOT_PEERS;
  let tried = 0;
  for (let i = 0; i < 50; i++) {
    const place = sha256(u32be(i));
    // What a look-up names for sure: the k closest.
    const named = [...all]
      .sort((a, b) => compareBytes(distance(a.place, place), distance(b.place, place)))
      .slice(0, MAX_SLOT_PEERS);
    const bits = regionBits(place, named);
    assert.ok(bits > 4 && bits < 14, `${bits} bits`);
    const other = place.slice();
    // The farthest place of the region: all bits behind it are others.
    for (let bit = bits; bit < 256; bit++) other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
    const exact = new Set(closestTo(other, all));
    const found = closestTo(other, named).filter((peer) => exact.has(peer)).length;
    right += found;
    least = Math.min(least, found);
    tried++;
  }
  assert.ok(right / tried >= 17, `${right / tried} of 20`);
  assert.ok(least >= 13, `${least} of 20`);
});

test("fewer than k peers are all: one region; and one rented network gives no more than two of the closest", () => {
  const few = Array.from({ length: 19 }, (_, i) => placed(`peer ${i}`));
  assert.equal(regionBits(sha256(u32be(1)), few), 0);
  const rented = few.map((peer, i) => ({ ...peer, net: i < 12 ? "10.1.2" : null }));
  assert.equal(closestTo(sha256(u32be(1)), rented).length, 9);
  assert.deepEqual(
    spread([1, 2, 3], () => "net"),
    [1, 2],
  );
});

test("the sweep: one look-up a region, each record at its closest peers, no faster than its rate, and its progress in the status", () => {
  const scene = crowd(50);
  const { rig, publisher, shelves } = scene;
  const began = rig.now;
  publishAll(scene);
  // Places are given bit by bit, so that much that is published at once is not held up.
  assert.equal(publisher.status().sweep.wanted, 2 * SWEEP_PLAN_ENTRIES);
  for (let left = ENTRIES - SWEEP_PLAN_ENTRIES; left > 0; left -= SWEEP_PLAN_ENTRIES) rig.pass(SWEEP_PLAN_MS);
  assert.equal(publisher.status().sweep.wanted, 2 * ENTRIES);
  while (publisher.status().sweep.stored < 2 * ENTRIES) rig.pass(1_000);
  const seconds = (rig.now - began) / 1_000;
  assert.ok(seconds >= (2 * ENTRIES) / SWEEP_RECORDS_PER_SECOND - 5, `${seconds} s`);
  assert.ok(seconds <= (2 * ENTRIES) / SWEEP_RECORDS_PER_SECOND + 60, `${seconds} s`);
  const lookups = publisher.status().counters.get("sweep-lookups") ?? 0;
  assert.ok(lookups > 1 && lookups <= 32, `${lookups} look-ups for ${SLOTS.length} slots`);
  const questions = shelves.reduce((sum, shelf) => sum + shelf.questions, 0);
  assert.ok(questions < 2_000, `${questions} questions for ${20 * SLOTS.length} copies`);
  assert.equal(copies(scene), 20 * SLOTS.length);
  const all = shelves.map(({ name }) => placed(name));
  let right = 0;
  for (const slot of SLOTS) {
    const exact = new Set(closestTo(placeOfSlot(slot), all));
    right += shelves.filter(({ name, slots }) => exact.has(name) && slots.has(toHex(slot))).length;
  }
  assert.ok(right / SLOTS.length >= 18, `${right / SLOTS.length} of 20 are the closest`);
});

test("a sweep that is stopped goes on where it was, and stores nothing twice", () => {
  const scene = crowd(8);
  const { rig, publisher } = scene;
  publishAll(scene);
  rig.pass(5_000);
  const before = copies(scene);
  assert.ok(before > 0 && before < 8 * SLOTS.length, `${before} copies before the restart`);
  publisher.start(false);
  for (let i = 0; i < 60; i++) rig.pass(1_000);
  assert.equal(copies(scene), 8 * SLOTS.length);
  assert.deepEqual(publisher.status().sweep, {
    wanted: SLOTS.length,
    stored: SLOTS.length,
    behind: publisher.status().sweep.behind,
  });
});

test("storing again is spread over the interval: each record once in a round, no hour much fuller than others", () => {
  const scene = crowd(1);
  const { rig, publisher } = scene;
  publishAll(scene);
  for (let i = 0; i < STORED_S; i++) rig.pass(1_000);
  assert.equal(copies(scene), SLOTS.length);
  const hours: number[] = [];
  for (let hour = 0; hour < REPUBLISH_SECONDS / 3_600; hour++) {
    const before = copies(scene);
    for (let i = 0; i < 20; i++) rig.pass(HOUR / 20);
    hours.push(copies(scene) - before);
  }
  const again = hours.reduce((sum, one) => sum + one, 0);
  assert.ok(Math.abs(again - SLOTS.length) <= 128, `${again} of ${SLOTS.length} in a round`);
  assert.ok(Math.max(...hours) <= 128 + SLOTS.length / 10, `${hours.join()} an hour`);
  assert.ok(publisher.status().sweep.behind < 60, `${publisher.status().sweep.behind} s behind`);
});

test("after a long absence what two rounds have left out is stored once", () => {
  const scene = crowd(1);
  const { rig, publisher } = scene;
  publishAll(scene);
  for (let i = 0; i < STORED_S; i++) rig.pass(1_000);
  publisher.stop();
  rig.pass(5 * REPUBLISH_SECONDS * 1_000);
  publisher.start(false);
  for (let i = 0; i < 120; i++) rig.pass(1_000);
  const again = copies(scene) - SLOTS.length;
  assert.ok(again >= SLOTS.length && again <= SLOTS.length + 128, `${again} of ${SLOTS.length}`);
});

test("a clock that was ahead when it was stored puts nothing off: what is new is stored at once, and each record once in a round", () => {
  const scene = crowd(1);
  const { rig } = scene;
  rig.turnClock(30 * 24 * HOUR);
  publishAll(scene);
  for (let i = 0; i < STORED_S; i++) rig.pass(1_000);
  assert.equal(copies(scene), SLOTS.length);
  rig.turnClock(-30 * 24 * HOUR);
  scene.publisher.publish(alice.link(packageNumber(ENTRIES), "same"));
  for (let i = 0; i < STORED_S; i++) rig.pass(1_000);
  const all = SLOTS.length + 2;
  const { wanted, stored } = scene.publisher.status().sweep;
  assert.deepEqual([wanted, stored], [all, all]);
  for (let i = 0; i < REPUBLISH_SECONDS / 360; i++) rig.pass(360_000);
  const again = copies(scene) - all;
  assert.ok(Math.abs(again - all) <= 128, `${again} of ${all} in a round`);
});

test("what nobody takes is offered again, ever more seldom, and at once when somebody comes", () => {
  const scene = crowd(3);
  const { rig, publisher, shelves } = scene;
  for (const shelf of shelves) shelf.takes = () => false;
  publisher.publish(alice.link(packageNumber(1), "same"));
  for (let i = 0; i < 60; i++) rig.pass(1_000);
  const early = shelves[0]?.questions ?? 0;
  assert.ok(early >= 2 && early <= 12, `${early} questions in a minute`);
  for (let i = 0; i < 60; i++) rig.pass(60_000);
  const later = (shelves[0]?.questions ?? 0) - early;
  assert.ok(later <= 20, `${later} questions in an hour`);
  assert.deepEqual(publisher.status().sweep, { wanted: 2, stored: 0, behind: 0 });
  const helper = new RigShelf("helper");
  rig.peers.set(helper.name, helper);
  rig.connect(publisher, helper);
  for (let i = 0; i < 20; i++) rig.pass(1_000);
  assert.equal(publisher.status().sweep.stored, 2);
});

test("peers that do not answer are left out of the region, and their records are at the others", () => {
  const scene = crowd(6);
  const [dead] = scene.shelves;
  assert.ok(dead !== undefined);
  dead.takes = null;
  publishAll(scene);
  for (let i = 0; i < STORED_S; i++) scene.rig.pass(1_000);
  assert.equal(dead.questions, 0);
  assert.equal(copies(scene), 5 * SLOTS.length);
  const asked = scene.publisher.seen.filter((effect) => effect.kind === "ask" && effect.to === dead.name);
  assert.ok(asked.filter((effect) => effect.kind === "ask" && effect.stream === "records").length <= 2);
});

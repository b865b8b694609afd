import assert from "node:assert/strict";
import { test } from "node:test";
import { generateKeyPair } from "@libp2p/crypto/keys";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import type { PeerId } from "@libp2p/interface";
import { closestFirst, kadId } from "../../../node/mesh/closest.ts";
import { Vicinity } from "../../../node/mesh/vicinity.ts";
import { LOOKUP_PEERS, sha256 } from "../../../protocol/index.ts";

/** This peer, and those in its table. */
const PEERS = 3 * LOOKUP_PEERS;

async function company(): Promise<{ readonly self: PeerId; readonly others: readonly PeerId[] }> {
  const [self, ...others] = await Promise.all(
    Array.from({ length: PEERS }, async () => peerIdFromPrivateKey(await generateKeyPair("Ed25519"))),
  );
  return { self: self ?? assert.fail("no peers"), others };
}

/** Any ids of Kademlia. */
const TARGETS = Array.from({ length: 200 }, (_, i) => sha256(Uint8Array.of(i)));

test("vicinity: a peer keeps what it is one of the 2k closest to, of all that it knows", async () => {
  const { self, others } = await company();
  const vicinity = new Vicinity(self, () => null);
  for (const peer of others) vicinity.add(peer);
  const answers = TARGETS.map((target) => vicinity.holds(target));
  assert.deepEqual(
    answers,
    TARGETS.map((target) => closestFirst([self, ...others], target).indexOf(self) < 2 * LOOKUP_PEERS),
  );
  assert.deepEqual(new Set(answers), new Set([true, false]), "both answers come");
  assert.equal(vicinity.holds(kadId(self)), true);
  for (const peer of others.slice(0, LOOKUP_PEERS)) vicinity.remove(peer);
  assert.ok(
    TARGETS.every((target) => vicinity.holds(target)),
    "of fewer than 2k everybody is",
  );
});

test("vicinity: a rented network around a key does not push the others out (R26)", async () => {
  const { self, others } = await company();
  const places = new Map(others.map((peer, i) => [peer.toString(), i < 50 ? "203.0.113" : `198.51.${i}`]));
  const vicinity = new Vicinity(self, (peer) => places.get(peer.toString()));
  for (const peer of others) vicinity.add(peer);
  assert.ok(
    TARGETS.every((target) => vicinity.holds(target)),
    "two of the fifty count, and nine others",
  );
});

test("vicinity: who was never seen connected counts as one neighbourhood, and by its own once it was", async () => {
  const { self, others } = await company();
  let connected = false;
  const vicinity = new Vicinity(self, () => (connected ? null : undefined));
  for (const peer of others) vicinity.add(peer);
  assert.ok(TARGETS.every((target) => vicinity.holds(target)));
  connected = true;
  assert.ok(!TARGETS.every((target) => vicinity.holds(target)));
});

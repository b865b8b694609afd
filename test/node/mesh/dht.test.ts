import assert from "node:assert/strict";
import { test } from "node:test";
import { peerIdFromString } from "@libp2p/peer-id";
import { compareBytes, sha256 } from "../../../protocol/index.ts";
import { octets, startPeer, until } from "./peers.ts";
import type { TestPeer } from "./peers.ts";

function closest(peers: readonly TestPeer[], key: Uint8Array): string[] {
  const target = sha256(key);
  const distance = (peer: TestPeer): Uint8Array =>
    sha256(peerIdFromString(peer.mesh.self).toMultihash().bytes).map((octet, i) => octet ^ (target[i] ?? 0));
  return [...peers].sort((a, b) => compareBytes(distance(a), distance(b))).map((peer) => peer.mesh.self);
}

test("dht: everybody finds the same peers for a key, closest first, without itself; a light peer too", async () => {
  const first = await startPeer([]);
  const others: TestPeer[] = [];
  for (let i = 0; i < 5; i++) others.push(await startPeer([first]));
  const all = [first, ...others];
  const key = octets("some key");
  const expected = closest(all, key);
  for (const peer of all) {
    const wanted = expected.filter((name) => name !== peer.mesh.self);
    await until(`look-up at ${peer.mesh.self}`, async () => {
      return JSON.stringify(await peer.mesh.lookup(key, 5_000)) === JSON.stringify(wanted);
    });
  }
  const light = await startPeer([first], { light: true, listen: [] });
  assert.deepEqual(await light.mesh.lookup(key, 5_000), expected);
  assert.deepEqual(
    await others[0]?.mesh.lookup(key, 5_000),
    expected.filter((name) => name !== others[0]?.mesh.self),
  );
});

test("dht: a peer that is alone finds nobody, in time", async () => {
  const alone = await startPeer([]);
  assert.deepEqual(await alone.mesh.lookup(octets("key"), 200), []);
});

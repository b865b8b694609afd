import assert from "node:assert/strict";
import { after, test } from "node:test";
import { identify } from "@libp2p/identify";
import type { Libp2p } from "@libp2p/interface";
import { Record as DhtRecord } from "@libp2p/kad-dht";
import { peerIdFromString } from "@libp2p/peer-id";
import { ping } from "@libp2p/ping";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import { closestFirst } from "../../../node/mesh/closest.ts";
import { openStore } from "../../../node/store/index.ts";
import {
  compareBytes,
  concat,
  LOOKUP_PEERS,
  networkNames,
  origin,
  originHash,
  parseCheckpoint,
  publicFromSeed,
  sha256,
  signCheckpoint,
  signDomain,
} from "../../../protocol/index.ts";
import { newFolder } from "../folder.ts";
import { octets, startPeer, until } from "./peers.ts";
import type { TestPeer } from "./peers.ts";
import { plainHost } from "./plain-host.ts";

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

test("dht: a peer that knows more than 2k others keeps what lies near it, and nothing else (R25)", async () => {
  const peer = await startPeer([]);
  const address = peer.mesh.addresses()[0] ?? "";
  // Kademlia may leave a few out, where a bucket is full.
  const others: Libp2p[] = [];
  after(async () => {
    for (const other of others) await other.stop();
  });
  for (let i = 0; i < 2 * LOOKUP_PEERS + 6; i++) others.push(await startServer(address));
  const self = peerIdFromString(peer.mesh.self);
  const all = [self, ...others.map((other) => other.peerId)];
  const keyAt = (place: number): Uint8Array => {
    for (let i = 0; ; i++) {
      const key = octets(String(i));
      if (closestFirst(all, sha256(key)).indexOf(self) === place) return key;
    }
  };
  const [nearest, farthest] = [keyAt(0), keyAt(others.length)];
  assert.deepEqual((await startPeer([])).mesh.near([farthest]), [true], "who knows nobody keeps everything");
  await until("enough in the table", () => peer.mesh.near([farthest])[0] === false);
  assert.deepEqual(peer.mesh.near([farthest, nearest, farthest]), [false, true, false]);
});

test("dht: a head that is announced is kept by another peer, and a smaller one takes its place nowhere", async () => {
  const seed = new Uint8Array(32).fill(5);
  const key = publicFromSeed(seed);
  const feed = origin("test", key);
  const headOf = (size: number): Uint8Array =>
    signCheckpoint(feed, size, new Uint8Array(32).fill(size), (bytes) => signDomain(seed, bytes));
  const store = await openStore(await newFolder());
  const keeper = await startPeer([], { database: store.database });
  const publisher = await startPeer([keeper]);
  await until("the keeper in the table", async () => (await publisher.mesh.lookup(key, 1_000)).length === 1);
  const kept = async (): Promise<readonly number[]> => {
    const sizes: number[] = [];
    for await (const [name, value] of store.database.iterator({})) {
      if (!new TextDecoder().decode(name).includes("/dht/record/")) continue;
      sizes.push(parseCheckpoint(DhtRecord.deserialize(value).value).size);
    }
    return sizes;
  };
  const announce = (size: number): void =>
    publisher.mesh.announce(concat(originHash(feed), key), headOf(size));
  announce(5);
  await until("the head of 5", async () => (await kept()).join() === "5");
  // Announcements go one after the other: when that of 9 is there, that of 3 has been refused.
  announce(3);
  announce(9);
  const seen = new Set<string>();
  await until("the head of 9", async () => {
    seen.add((await kept()).join());
    return seen.has("9");
  });
  assert.deepEqual([...seen].toSorted(), seen.size === 1 ? ["9"] : ["5", "9"]);
  const stranger = await startPeer([keeper]);
  const name = concat(originHash(feed), key);
  await until("the head of 9 at a peer that never had it", async () => {
    const value = await stranger.mesh.recall(name, 2_000);
    return value !== null && parseCheckpoint(value).size === 9;
  });
  assert.equal(await stranger.mesh.recall(concat(originHash(feed), new Uint8Array(32)), 2_000), null);
  await keeper.mesh.close();
  await store.close();
});

/** Says that it serves the DHT, and answers nothing but pings: connected with a peer, it comes into its table. */
async function startServer(address: string): Promise<Libp2p> {
  const host = await createLibp2p({
    ...plainHost(),
    addresses: { listen: ["/ip4/127.0.0.1/tcp/0"] },
    services: { identify: identify(), ping: ping() },
  });
  await host.handle(networkNames("test").dhtProtocol, (stream) => stream.abort(new Error("no answers here")));
  await host.dial(multiaddr(address));
  return host;
}

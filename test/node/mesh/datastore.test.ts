import assert from "node:assert/strict";
import { test } from "node:test";
import { generateKeyPair } from "@libp2p/crypto/keys";
import { Record as DhtRecord } from "@libp2p/kad-dht";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { Key } from "interface-datastore";
import { PeerDatastore } from "../../../node/mesh/datastore.ts";
import { headRecords } from "../../../node/mesh/heads.ts";
import { openStore } from "../../../node/store/index.ts";
import type { LevelStore } from "../../../node/store/index.ts";
import {
  concat,
  DHT_ROW_MS,
  MAX_KEYS_OF_PROVIDER,
  MAX_PROVIDERS_OF_KEY,
  origin,
  originHash,
  PROVIDER_MS,
  publicFromSeed,
  signCheckpoint,
  signDomain,
} from "../../../protocol/index.ts";
import { newFolder } from "../folder.ts";

const seed = new Uint8Array(32).fill(5);
const key = publicFromSeed(seed);
const feed = origin("test", key);
const heads = headRecords("test");
const name = heads.nameOf(concat(originHash(feed), key));
const row = new Key("/dht/record/aaaa");

const headOf = (size: number): Uint8Array =>
  signCheckpoint(feed, size, new Uint8Array(32).fill(size), (bytes) => signDomain(seed, bytes));
const recordOf = (size: number, time = new Date()): Uint8Array => {
  return new Uint8Array(new DhtRecord(name, headOf(size), time).serialize());
};

async function open(): Promise<{ store: LevelStore; datastore: PeerDatastore }> {
  const store = await openStore(await newFolder());
  const datastore = new PeerDatastore(store.database, heads);
  await datastore.open(Date.now());
  return { store, datastore };
}

test("datastore: a head record that loses against the one held is refused", async () => {
  const { store, datastore } = await open();
  await datastore.put(row, recordOf(5));
  await assert.rejects(datastore.put(row, recordOf(4)));
  await datastore.put(row, recordOf(5));
  await datastore.put(row, recordOf(9));
  const held = DhtRecord.deserialize(await datastore.get(row));
  assert.equal(heads.sizeOf(held.key, held.value), 9);
  await store.close();
});

test("datastore: rows are found again, by prefix, and missing ones are named as libp2p expects", async () => {
  const { store, datastore } = await open();
  await datastore.put(new Key("/peers/x"), Uint8Array.of(1));
  await datastore.put(new Key("/peers/y"), Uint8Array.of(2));
  await datastore.put(new Key("/other"), Uint8Array.of(3));
  const found: string[] = [];
  for await (const { key: each } of datastore.query({ prefix: "/peers" })) found.push(each.toString());
  assert.deepEqual(found, ["/peers/x", "/peers/y"]);
  await datastore.delete(new Key("/peers/x"));
  assert.equal(await datastore.has(new Key("/peers/x")), false);
  await assert.rejects(datastore.get(new Key("/peers/x")), { name: "NotFoundError" });
  // The engine's rows begin with letters, and see none of these.
  assert.equal(
    (await store.read({ from: Uint8Array.of(97), to: Uint8Array.of(123), limit: 10 })).rows.length,
    0,
  );
  await store.close();
});

test("datastore: old values are forgotten when it opens", async () => {
  const { store, datastore } = await open();
  await datastore.put(row, recordOf(5, new Date(Date.now() - DHT_ROW_MS - 1_000)));
  await datastore.put(new Key("/dht/record/bbbb"), recordOf(5));
  const again = new PeerDatastore(store.database, heads);
  await again.open(Date.now());
  assert.deepEqual([await again.has(row), await again.has(new Key("/dht/record/bbbb"))], [false, true]);
  await store.close();
});

const FEED = "/dht/provider/ciqfeed";
const now = (): Uint8Array => leb128(Date.now());

/** A number as kad-dht writes times. */
function leb128(value: number): Uint8Array {
  const octets: number[] = [];
  for (let left = value; left > 0; left = Math.floor(left / 128))
    octets.push((left % 128) + (left >= 128 ? 128 : 0));
  return Uint8Array.from(octets);
}

async function somePeer(): Promise<{ readonly name: string; readonly row: Key }> {
  const id = peerIdFromPrivateKey(await generateKeyPair("Ed25519"));
  return { name: id.toString(), row: new Key(`/peers/${id.toCID().toString()}`) };
}

async function rowsUnder(datastore: PeerDatastore, prefix: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { key: each } of datastore.query({ prefix })) found.push(each.toString());
  return found;
}

test("datastore: of one key so many providers are kept, each new one in the place of any, and of one provider so many keys", async () => {
  const { store, datastore } = await open();
  const names: string[] = [];
  for (let i = 0; i < MAX_PROVIDERS_OF_KEY + 20; i++) {
    const { name: peer, row: known } = await somePeer();
    names.push(peer);
    await datastore.put(known, Uint8Array.of(1));
    await datastore.put(new Key(`${FEED}/${peer}`), now());
  }
  const kept = await rowsUnder(datastore, FEED);
  assert.equal(kept.length, MAX_PROVIDERS_OF_KEY);
  assert.ok(kept.includes(`${FEED}/${names.at(-1)}`), "the newest is there");
  const [liar] = kept.map((each) => each.split("/").at(-1));
  await datastore.put(new Key(`${FEED}/${liar}`), now());
  for (let i = 1; i < MAX_KEYS_OF_PROVIDER; i++)
    await datastore.put(new Key(`/dht/provider/k${i}/${liar}`), now());
  await assert.rejects(datastore.put(new Key(`/dht/provider/more/${liar}`), now()));
  await datastore.put(new Key(`${FEED}/${liar}`), now());
  await datastore.delete(new Key(`/dht/provider/k1/${liar}`));
  await datastore.put(new Key(`/dht/provider/more/${liar}`), now());
  const again = new PeerDatastore(store.database, heads);
  await again.open(Date.now());
  await assert.rejects(again.put(new Key(`/dht/provider/k1/${liar}`), now()), "counted anew after a restart");
  await store.close();
});

test("datastore: providers that expired, or whose addresses are gone, are handed out to nobody and hide no others", async () => {
  const { store, datastore } = await open();
  const [good, old, lost] = [await somePeer(), await somePeer(), await somePeer()];
  for (const { row: known } of [good, old]) await datastore.put(known, Uint8Array.of(1));
  const expired = leb128(Date.now() - PROVIDER_MS - 1_000);
  for (const [{ name: peer }, value] of [
    [good, now()],
    [old, expired],
    [lost, now()],
  ] as const)
    await datastore.put(new Key(`${FEED}/${peer}`), value);
  assert.deepEqual(await rowsUnder(datastore, FEED), [`${FEED}/${good.name}`]);
  assert.equal((await rowsUnder(datastore, "/dht/provider")).length, 3, "kad-dht sweeps them itself");
  const again = new PeerDatastore(store.database, heads);
  await again.open(Date.now());
  assert.equal((await rowsUnder(again, "/dht/provider")).length, 2);
  await store.close();
});

test("heads: a record has the name of its own feed, and a signature of its key", () => {
  assert.equal(heads.sizeOf(name, headOf(3)), 3);
  const others = heads.nameOf(concat(originHash(origin("test", publicFromSeed(new Uint8Array(32)))), key));
  assert.throws(() => heads.sizeOf(others, headOf(3)));
  assert.throws(() => heads.sizeOf(name.subarray(1), headOf(3)));
  assert.throws(() => headRecords("main").sizeOf(name, headOf(3)));
  const tampered = headOf(3);
  tampered[tampered.length - 10] = (tampered[tampered.length - 10] ?? 0) ^ 1;
  assert.throws(() => heads.sizeOf(name, tampered));
});

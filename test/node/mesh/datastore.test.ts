import assert from "node:assert/strict";
import { test } from "node:test";
import { Record as DhtRecord } from "@libp2p/kad-dht";
import { Key } from "interface-datastore";
import { PeerDatastore } from "../../../node/mesh/datastore.ts";
import { headRecords } from "../../../node/mesh/heads.ts";
import { openStore } from "../../../node/store/index.ts";
import type { LevelStore } from "../../../node/store/index.ts";
import {
  concat,
  DHT_ROW_MS,
  origin,
  originHash,
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

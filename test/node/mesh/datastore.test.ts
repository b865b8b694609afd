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

async function open(most?: number): Promise<{ store: LevelStore; datastore: PeerDatastore }> {
  const store = await openStore(await newFolder());
  const datastore = new PeerDatastore(store.database, heads, most);
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

const atOnce = (count: number, work: (number: number) => Promise<unknown>): Promise<unknown> =>
  Promise.allSettled(Array.from({ length: count }, (_, number) => work(number)));

test("datastore: a row that is put several times at once counts once, and one that is deleted so", async () => {
  const { store, datastore } = await open(8);
  for (const prefix of ["/dht/record", "/peers", "/dht/provider/key"]) {
    const put = (each: string | number): Promise<unknown> =>
      datastore.put(new Key(`${prefix}/${each}`), prefix === "/dht/record" ? recordOf(5) : now());
    const rows = async (): Promise<number> => {
      await datastore.flush();
      let count = 0;
      for await (const { key: each } of datastore.query({ prefix: "/" }))
        if (each.toString().startsWith(prefix)) count++;
      return count;
    };
    await atOnce(16, () => put("same"));
    for (let i = 0; i < 7; i++) await put(i);
    assert.equal(await rows(), 8, `${prefix}: nothing had to give way`);
    await atOnce(16, () => datastore.delete(new Key(`${prefix}/same`)));
    assert.equal(await rows(), 7, prefix);
    for (let i = 0; i < 20; i++) {
      await put(`more${i}`);
      await datastore.flush();
    }
    assert.equal(await rows(), 8, `${prefix}: the bound holds`);
    // New peers are written later, and what gives way is written.
    if (prefix === "/peers") continue;
    await atOnce(20, (i) => put(`again${i}`));
    assert.equal(await rows(), 8, `${prefix}: each has the place of another one`);
  }
  await store.close();
});

test("datastore: of heads that are put at once the longest is kept", async () => {
  const { store, datastore } = await open();
  await atOnce(8, (i) => datastore.put(row, recordOf(8 - i)));
  const held = DhtRecord.deserialize(await datastore.get(row));
  assert.equal(heads.sizeOf(held.key, held.value), 8);
  await store.close();
});

test("datastore: providers that come at once are bounded as those that come one by one", async () => {
  const { store, datastore } = await open();
  const names = await Promise.all(Array.from({ length: MAX_PROVIDERS_OF_KEY + 20 }, somePeer));
  for (const { row: known } of names) await datastore.put(known, Uint8Array.of(1));
  await atOnce(names.length, (i) => datastore.put(new Key(`${FEED}/${names[i]?.name}`), now()));
  assert.equal((await rowsUnder(datastore, FEED)).length, MAX_PROVIDERS_OF_KEY);
  const { name: often } = await somePeer();
  await atOnce(MAX_KEYS_OF_PROVIDER, () => datastore.put(new Key(`/dht/provider/k0/${often}`), now()));
  await atOnce(2 * MAX_KEYS_OF_PROVIDER, (i) =>
    datastore.put(new Key(`/dht/provider/k${i}/${often}`), now()),
  );
  let kept = 0;
  for (let i = 0; i < 2 * MAX_KEYS_OF_PROVIDER; i++)
    if (await datastore.has(new Key(`/dht/provider/k${i}/${often}`))) kept++;
  assert.equal(kept, MAX_KEYS_OF_PROVIDER);
  await store.close();
});

test("datastore: a peer that gave way, or was deleted, is not written after all", async () => {
  const { store, datastore } = await open(4);
  const peer = (i: number): Key => new Key(`/peers/${i}`);
  for (let i = 0; i < 4; i++) await datastore.put(peer(i), Uint8Array.of(1));
  await datastore.flush();
  // Known better, and not written yet.
  for (let i = 0; i < 4; i++) await datastore.put(peer(i), Uint8Array.of(2));
  await datastore.put(peer(9), Uint8Array.of(1));
  await datastore.flush();
  const left = await rowsUnder(datastore, "/peers");
  assert.deepEqual([left.length, left.includes("/peers/9")], [4, true]);
  const first = new Key(left[0] ?? "", false);
  await datastore.put(first, Uint8Array.of(3));
  await Promise.all([datastore.flush(), datastore.delete(first)]);
  await datastore.flush();
  assert.equal((await rowsUnder(datastore, "/peers")).length, 3);
  await datastore.put(peer(8), Uint8Array.of(1));
  await datastore.flush();
  assert.equal((await rowsUnder(datastore, "/peers")).length, 4, "there was room for one");
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

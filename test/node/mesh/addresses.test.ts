import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { AddressBook, readAddresses } from "../../../node/mesh/addresses.ts";
import { openGater } from "../../../node/mesh/gater.ts";
import { Networks } from "../../../node/mesh/networks.ts";
import { peerIdFromString } from "@libp2p/peer-id";
import {
  MAX_BANS,
  MAX_KNOWN_PEERS,
  MAX_OLD_PEERS,
  MAX_PEER_ADDRESSES,
  OLD_PEER_MS,
} from "../../../protocol/index.ts";
import { newFolder } from "../folder.ts";
import { octets, startPeer, until } from "./peers.ts";

test("addresses: the book is there for the next start; a broken one is begun anew", async () => {
  const path = join(await newFolder(), "peers.json");
  const book = await AddressBook.open(path);
  book.met("x", "/ip4/127.0.0.1/tcp/1", 10);
  book.met("x", "/ip4/127.0.0.1/tcp/2", 20);
  book.met("y", "/ip4/127.0.0.1/tcp/3", 5);
  book.forget("z");
  await book.save();
  const again = await AddressBook.open(path);
  assert.deepEqual(again.peers, [
    { peer: "y", addresses: ["/ip4/127.0.0.1/tcp/3"], since: 5, seen: 5 },
    { peer: "x", addresses: ["/ip4/127.0.0.1/tcp/2", "/ip4/127.0.0.1/tcp/1"], since: 10, seen: 20 },
  ]);
  for (const text of [
    "",
    "{",
    '{"samebits":1,"peers":[{"peer":1}]}',
    (await readFile(path, "utf8")).replace("tcp/3", "tcp/x"),
  ]) {
    await writeFile(path, text);
    assert.deepEqual((await AddressBook.open(path)).peers, []);
  }
});

test("addresses: the book and each of its entries are bounded", async () => {
  const book = await AddressBook.open(null);
  for (let i = 0; i < MAX_KNOWN_PEERS + 10; i++) book.met(`p${i}`, "/ip4/127.0.0.1/tcp/1", i);
  for (let i = 0; i < 20; i++) book.met("p100", `/ip4/127.0.0.1/tcp/${i + 1}`, 1_000);
  assert.equal(book.peers.length, MAX_KNOWN_PEERS);
  assert.equal(
    book.peers.some(({ peer }) => peer === "p0"),
    false,
  );
  assert.equal(book.peers.find(({ peer }) => peer === "p100")?.addresses.length, MAX_PEER_ADDRESSES);
});

test("addresses: newcomers by the hundred displace nobody who has been known for a day, and no connection that is there", async () => {
  const at = (days: number): number => days * OLD_PEER_MS;
  const book = await AddressBook.open(null);
  const meet = (name: string, count: number, now: number): void => {
    for (let i = 0; i < count; i++) book.met(`${name}${i}`, "/ip4/127.0.0.1/tcp/1", now + i);
  };
  const count = (name: string): number => book.peers.filter(({ peer }) => peer.startsWith(name)).length;
  meet("old", 10, at(1));
  meet("here", 1, at(3));
  for (let i = 0; i < 1_000; i++) {
    book.saw("here0", at(3) + i);
    meet(`new${i}-`, 1, at(3) + i);
  }
  assert.deepEqual([count("old"), count("here"), count("new")], [10, 1, MAX_KNOWN_PEERS - 11]);
  assert.equal(book.old(at(3)).length, 10);
  // Those who come again a day later are old by then, and leave room for others all the same.
  meet("later", MAX_KNOWN_PEERS, at(5));
  assert.equal(book.old(at(5)).length, MAX_OLD_PEERS);
  assert.equal(count("later"), MAX_KNOWN_PEERS - MAX_OLD_PEERS);
  // A clock that was ahead keeps nobody young.
  book.met("ahead", "/ip4/127.0.0.1/tcp/1", at(100));
  book.met("ahead", "/ip4/127.0.0.1/tcp/1", at(6));
  assert.equal(
    book.old(at(7)).some(({ peer }) => peer === "ahead"),
    true,
  );
});

test("addresses: what is no multiaddr is refused with the option's name", () => {
  assert.throws(() => readAddresses(["/ip4/127.0.0.1/tcp/1", "localhost:4001"], "--listen"), {
    code: "config/bad-address",
    message: /--listen "localhost:4001"/,
  });
});

test("gater: bans end, and their number is bounded", () => {
  let now = 1_000;
  const gater = openGater(new Networks([]), () => now);
  const peer = peerIdFromString("12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8");
  gater.ban(peer.toString(), 1_000);
  assert.equal(gater.denyDialPeer?.(peer), true);
  now = 2_000;
  assert.equal(gater.denyDialPeer?.(peer), false);
  gater.ban(peer.toString(), 9_000);
  for (let i = 0; i < MAX_BANS; i++) gater.ban(`other ${i}`, 9_000);
  assert.equal(gater.denyDialPeer?.(peer), false);
});

test("keeper: a peer that begins before the one that it begins from meets it later", async () => {
  const first = await startPeer([]);
  const address = first.mesh.addresses()[0] ?? "";
  const self = first.mesh.self;
  await first.mesh.close();
  const early = await startPeer([], { bootstrap: [address.replace(/\/p2p\/.*/, "")] });
  assert.equal(early.mesh.peers().length, 0);
  const late = await startPeer([], { listen: [address.replace(/\/p2p\/.*/, "")] });
  await until("they meet", () => early.joined.has(late.mesh.self) && late.joined.has(early.mesh.self));
  assert.notEqual(late.mesh.self, self);
});

test("keeper: peers of one peer meet each other", async () => {
  const hub = await startPeer([]);
  const a = await startPeer([hub]);
  const b = await startPeer([hub]);
  await until("a and b meet", () => a.joined.has(b.mesh.self) && b.joined.has(a.mesh.self));
});

test("mesh: --listen none has no address, calls others, and is asked over its own calls", async () => {
  const hub = await startPeer([]);
  const behind = await startPeer([hub], { listen: [] });
  assert.deepEqual(behind.mesh.addresses(), []);
  await until("joined", () => hub.joined.has(behind.mesh.self) && behind.joined.has(hub.mesh.self));
  assert.equal((await hub.mesh.ask(behind.mesh.self, "tiles", octets("hi"), 5_000)).length, 2);
});

test("mesh: an address that is taken is refused with config/bad-address", async () => {
  const first = await startPeer([]);
  const taken = (first.mesh.addresses()[0] ?? "").replace(/\/p2p\/.*/, "");
  await assert.rejects(startPeer([], { listen: [taken] }), { code: "config/bad-address" });
});

test("keeper: without anybody to begin from, peers of the address book are called, the longest known first", async () => {
  const known = await startPeer([]);
  const folder = await newFolder();
  const book = await AddressBook.open(join(folder, "peers.json"));
  book.met(known.mesh.self, known.mesh.addresses()[0] ?? "", 0);
  await book.save();
  const peer = await startPeer([], { folder });
  await until("they meet", () => peer.joined.has(known.mesh.self));
  await peer.mesh.close();
  const again = (await AddressBook.open(join(folder, "peers.json"))).peers;
  assert.deepEqual([again.length, again[0]?.since], [1, 0]);
});

test("mesh: websockets carry it too, also to a light peer", async () => {
  const server = await startPeer([], { listen: ["/ip4/127.0.0.1/tcp/0/ws"] });
  const full = await startPeer([server]);
  const light = await startPeer([server], { light: true, listen: [] });
  await until("joined", () => server.joined.has(full.mesh.self) && light.joined.has(server.mesh.self));
  assert.equal((await light.mesh.ask(server.mesh.self, "query", octets("hi"), 5_000)).length, 2);
});

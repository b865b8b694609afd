/** Provider records over real libp2p: who says that it has something is named to others, and can be called; liars hide nobody (DESIGN 4.4, R27). */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { generateKeyPair } from "@libp2p/crypto/keys";
import { identify } from "@libp2p/identify";
import type { Libp2p, PeerId } from "@libp2p/interface";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { ping } from "@libp2p/ping";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import { framesOf } from "../../../node/mesh/frames.ts";
import { openStore } from "../../../node/store/index.ts";
import {
  concat,
  MAX_DHT_QUESTION_BYTES,
  MAX_PROVIDERS_OF_KEY,
  networkNames,
  sha256,
} from "../../../protocol/index.ts";
import type { NamedPeer } from "../../../protocol/index.ts";
import { newFolder } from "../folder.ts";
import { octets, startPeer, until } from "./peers.ts";
import type { TestPeer } from "./peers.ts";
import { plainHost } from "./plain-host.ts";

const KEY = sha256(octets("a feed"));
const ANSWER_MS = 8_000;

/** A peer with a store of its own, where kad-dht keeps what others tell. */
async function startHolder(others: readonly TestPeer[]): Promise<TestPeer> {
  const store = await openStore(await newFolder());
  const peer = await startPeer(others, { database: store.database });
  after(async () => {
    await peer.mesh.close();
    await store.close();
  });
  return peer;
}

/** Says that it provides, until somebody was told. */
async function provided(peer: TestPeer, key = KEY): Promise<void> {
  await until("somebody is told", async () => (await peer.mesh.provide(key, ANSWER_MS)) > 0);
}

async function named(peer: TestPeer, wanted: string): Promise<readonly NamedPeer[]> {
  let last: readonly NamedPeer[] = [];
  await until(`${wanted} is named`, async () => {
    last = await peer.mesh.providers(KEY, ANSWER_MS);
    return last.some((one) => one.peer === wanted);
  });
  return last;
}

test("providers: who says that it has something is named by others, called, and not called while it is hung up on", async () => {
  const holder = await startHolder([]);
  const mirror = await startPeer([holder]);
  const newcomer = await startPeer([holder], { light: true, listen: [] });
  await until("the holder is joined", () => newcomer.joined.has(holder.mesh.self));
  assert.deepEqual(await newcomer.mesh.providers(KEY, ANSWER_MS), [], "nobody has told of it yet");
  await provided(mirror);
  const all = await named(newcomer, mirror.mesh.self);
  assert.deepEqual(all, [{ peer: mirror.mesh.self, by: all[0]?.by, net: null }]);
  assert.deepEqual(await newcomer.mesh.providers(sha256(KEY), ANSWER_MS), [], "of something else");
  // Looking for those who keep a record may have met it already, where there are so few.
  newcomer.mesh.drop(mirror.mesh.self, 3_000);
  await until("it is gone", () => !newcomer.joined.has(mirror.mesh.self));
  await assert.rejects(newcomer.mesh.call(mirror.mesh.self, 1_000), { code: "mesh/unreachable" });
  await until("it may be called again", async () =>
    newcomer.mesh.call(mirror.mesh.self, 2_000).then(
      () => true,
      () => false,
    ),
  );
  await until("it joins", () => newcomer.joined.has(mirror.mesh.self));
  const stranger = peerIdFromPrivateKey(await generateKeyPair("Ed25519")).toString();
  await assert.rejects(newcomer.mesh.call(stranger, 1_000), { code: "mesh/unreachable" }, "nobody named it");
});

test("providers: whom nobody can call, and who is alone, tells nobody", async () => {
  const holder = await startHolder([]);
  assert.equal(await holder.mesh.provide(KEY, 500), 0);
  assert.deepEqual(await holder.mesh.providers(KEY, 500), []);
  const outbound = await startPeer([holder], { listen: [] });
  await until("it joins", () => outbound.joined.has(holder.mesh.self));
  assert.equal(await outbound.mesh.provide(KEY, ANSWER_MS), 0);
});

test("providers: a liar that names hundreds hides nobody, and addresses that may not be dialled count for nothing", async () => {
  const holder = await startHolder([]);
  const mirror = await startPeer([holder]);
  const ids: PeerId[] = [];
  for (let i = 0; i < 200; i++) ids.push(peerIdFromPrivateKey(await generateKeyPair("Ed25519")));
  const [far, other] = ids;
  if (far === undefined || other === undefined) throw new Error("names expected");
  const lies = [
    infoOf(far, "/ip4/10.1.2.3/tcp/4001", "/dns4/example.org/tcp/4001"),
    infoOf(other, `/ip4/127.0.0.1/tcp/1/p2p/${far.toString()}`),
    ...ids.slice(2).map((id) => infoOf(id, `/ip4/127.0.0.1/tcp/1/p2p/${id.toString()}`)),
  ];
  const liar = await startLiar(holder, concat(...lies.map((info) => field(9, info))));
  await provided(mirror);
  const newcomer = await startPeer([holder], { light: true, listen: [] });
  await until("the liar is asked", async () => {
    const all = await newcomer.mesh.providers(KEY, ANSWER_MS);
    const names = new Set(all.map(({ peer }) => peer));
    assert.ok(!names.has(far.toString()) && !names.has(other.toString()) && !names.has(newcomer.mesh.self));
    const fakes = all.filter(({ peer }) => peer !== mirror.mesh.self);
    assert.ok(fakes.length <= MAX_PROVIDERS_OF_KEY, `${fakes.length} of the liar's`);
    assert.ok(fakes.every(({ by }) => by === 1));
    return names.has(mirror.mesh.self) && fakes.length > 0;
  });
  assert.ok(liar.asked > 0);
});

/** A host that serves the DHT of the network and gives one answer to every question. */
async function startLiar(holder: TestPeer, providers: Uint8Array): Promise<{ asked: number }> {
  const host: Libp2p = await createLibp2p({
    ...plainHost(),
    addresses: { listen: ["/ip4/127.0.0.1/tcp/0"] },
    services: { identify: identify(), ping: ping() },
  });
  after(async () => host.stop());
  const liar = { asked: 0 };
  // GET_PROVIDERS.
  const answer = concat(Uint8Array.of(0x08, 3), providers);
  await host.handle(networkNames("test").dhtProtocol, async (stream) => {
    const frames = framesOf(stream, MAX_DHT_QUESTION_BYTES);
    const signal = AbortSignal.timeout(30_000);
    try {
      await frames.read(signal);
      liar.asked++;
      await frames.write([answer], signal);
      await stream.close();
    } catch {
      // Whoever asked has gone.
    }
  });
  await host.dial(multiaddr(holder.mesh.addresses()[0] ?? ""));
  const name = host.peerId.toString();
  await until("the holder knows the liar", async () =>
    (await holder.mesh.lookup(octets("any"), 2_000)).includes(name),
  );
  return liar;
}

/** A peer with its addresses, as Kademlia writes them. */
function infoOf(id: PeerId, ...addresses: readonly string[]): Uint8Array {
  return concat(
    field(1, id.toMultihash().bytes),
    ...addresses.map((address) => field(2, multiaddr(address).bytes)),
  );
}

/** A field of protobuf that holds octets. */
function field(number: number, bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  const prefix = length < 128 ? [length] : [(length % 128) + 128, Math.floor(length / 128)];
  return concat(Uint8Array.of(number * 8 + 2, ...prefix), bytes);
}

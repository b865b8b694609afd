/** Attestations in the DHT outlive who published them and half of who stored them (R25, R26). */
import { equalBytes } from "../../../protocol/bytes/index.ts";
import type { Target } from "../../../protocol/attestation/index.ts";
import { sha256 } from "../../../protocol/crypto/index.ts";
import { writeRecordsRequest } from "../../../protocol/wire/index.ts";
import type { StoredRecord } from "../../../protocol/wire/index.ts";
import { Builder, packageNumber } from "../builder.ts";
import { Accuser, Junker } from "../liars.ts";
import { MemoryFeed } from "../memory-feed.ts";
import { Mesh, NETWORK } from "../mesh.ts";
import { linksOf } from "./growth.ts";
import type { Facts } from "./scenario.ts";

/** Strangers' keys: more than a slot has room for. */
const STRANGERS = 70;
/** Servers of the DHT that only stand there: with them there are twice as many as keep one record. */
const BYSTANDERS = 80;

/** A light peer that has never met the publisher finds what it published, when it and half of the others are gone. */
export function records(seed: number, size: number): Facts {
  const mesh = Mesh.of(seed, size, 1);
  const [publisher] = mesh.publishers;
  if (!publisher?.builder) throw new Error("a publisher expected");
  const links = linksOf(publisher, 0, 3);
  mesh.publish(publisher.peer, ...links);
  mesh.eventually("the records are stored", 120_000, () =>
    mesh.holders.filter((peer) => peer !== publisher.peer).every((peer) => mesh.status(peer).records > 0),
  );
  publisher.peer.crash();
  const others = mesh.world.random.shuffled(mesh.holders);
  for (const peer of others.slice(0, Math.floor(others.length / 2))) peer.crash();
  const light = mesh.add({ light: true });
  mesh.start(light.peer);
  const begin = mesh.world.now;
  const question = { targets: [packageNumber(1).key], digests: [], builders: [publisher.builder.key.raw] };
  const result = mesh.find(light.peer, question);
  const entry = links[1];
  mesh.expect(
    entry !== undefined && result.found.some((found) => equalBytes(found.entry, entry)),
    `found (${result.found.length}, asked ${JSON.stringify([result.peers, result.dht])})`,
  );
  mesh.expect(result.ended, "all that was asked has ended");
  return { mesh, facts: { ms: mesh.world.now - begin, asked: result.dht.asked + result.peers.asked } };
}

/**
 * A flood of valid records by unknown keys for the same target, before and after the honest one, and nodes that answer junk to whoever
 * looks: the question names its builders, so they neither displace nor drown them.
 */
export function flood(seed: number, size: number): Facts {
  const mesh = new Mesh(seed);
  const publisher = mesh.add({ feed: 1 });
  if (publisher.builder === null) throw new Error("a publisher expected");
  const { builder } = publisher;
  for (let i = 1; i < size; i++) mesh.add({ follow: [builder] });
  for (const peer of mesh.peers) mesh.start(peer);
  const target = packageNumber(1);
  const flooder = new Accuser(mesh.world, "flooder");
  const junker = new Junker(mesh.world, "junker");
  for (const { name } of mesh.holders) {
    mesh.world.connect(flooder.name, name);
    mesh.world.connect(junker.name, name);
  }
  const strangers = Array.from({ length: STRANGERS }, (_, i) => recordOf(100 + i, target));
  for (const records of strangers.slice(0, STRANGERS / 2)) store(mesh, flooder, records);
  mesh.publish(publisher.peer, ...linksOf(publisher, 0, 3));
  mesh.world.run(20_000);
  for (const records of strangers.slice(STRANGERS / 2)) store(mesh, flooder, records);
  mesh.world.run(20_000);
  publisher.peer.crash();
  const light = mesh.add({ light: true, follow: [builder] });
  mesh.start(light.peer);
  const result = mesh.find(light.peer, { targets: [target.key], digests: [], builders: [builder.key.raw] });
  const signedBy = (raw: Uint8Array): number =>
    result.found.filter(({ signer }) => equalBytes(signer, raw)).length;
  mesh.expect(signedBy(builder.key.raw) > 0, `found among ${STRANGERS} strangers (${result.found.length})`);
  mesh.expect(signedBy(builder.key.raw) === result.found.length, "nothing but what was asked for");
  for (const peer of mesh.holders) mesh.status(peer);
  return { mesh, facts: { records: mesh.status(mesh.holders[0] ?? light.peer).records } };
}

/**
 * In a network that has more servers than keep one record, a stranger hands its records to every peer, wherever they belong: each keeps
 * those that lie near it, and the others not.
 */
export function vicinity(seed: number, size: number): Facts {
  const mesh = Mesh.of(seed, size, 0);
  const flooder = new Accuser(mesh.world, "flooder");
  for (const { name } of mesh.holders) mesh.world.connect(flooder.name, name);
  const bystanders = Array.from({ length: BYSTANDERS }, (_, i) => new Accuser(mesh.world, `bystander-${i}`));
  mesh.expect(
    bystanders.every(({ server }) => server),
    "all serve the DHT",
  );
  const all = Array.from({ length: STRANGERS }, (_, i) => recordOf(100 + i, packageNumber(i)));
  for (const records of all) store(mesh, flooder, records);
  mesh.world.run(20_000);
  const kept = mesh.holders.map((peer) => {
    const near = all.flat().filter(({ slot }) => mesh.world.isNear(peer.name, slot)).length;
    const { records: count } = mesh.status(peer);
    mesh.expect(count === near, `${peer.name} keeps ${count} of ${near} that lie near it`);
    return count;
  });
  const sum = kept.reduce((total, count) => total + count, 0);
  mesh.expect(sum > 0 && sum < size * 2 * STRANGERS, `some are kept and some are not (${sum})`);
  return { mesh, facts: { records: sum } };
}

/** Records of a stranger with a feed of its own, one for each slot of the target. */
function recordOf(number: number, target: Target): StoredRecord[] {
  const envelope = new Builder(number).link(target, `bits of ${number}`);
  const feed = new MemoryFeed(number, NETWORK).append(envelope);
  const { key } = new Builder(number);
  return [0, 1].map((copy) => feed.record(sha256(Uint8Array.of(copy), target.key), key.raw, 0));
}

function store(mesh: Mesh, flooder: Accuser, records: readonly StoredRecord[]): void {
  const request = writeRecordsRequest({ kind: "store", records });
  for (const { name } of mesh.holders)
    mesh.world.ask(flooder.name, name, "records", request, 1_000, () => undefined);
  mesh.world.run(50);
}

/** Any number of valid keys costs a bounded store, and costs those whom one follows nothing (R11, I9). */
import { Builder, packageNumber } from "../builder.ts";
import { Accuser } from "../liars.ts";
import { MemoryFeed } from "../memory-feed.ts";
import { Mesh, NETWORK } from "../mesh.ts";
import { linksOf } from "./growth.ts";
import type { Facts } from "./scenario.ts";

/** Octets that strangers' entries may take. */
const ROOM = 60_000;
/** With their hashes, rows and index a store may have so much for each octet of an entry. */
const OVERHEAD = 2;
/** Of what is followed here: entries, and records of the DHT. */
const OWN = 160_000;
/** Of findings about strangers, with their evidence. */
const FINDINGS = 100_000;
const SYBILS = 40;
const ENTRIES = 8;

/** Feeds of unknown keys, one after the other, each with valid entries, one of them about what all others claim to have built too. */
export function sybils(seed: number, size: number): Facts {
  const mesh = new Mesh(seed);
  const follow = [new Builder(1)];
  const publisher = mesh.add({ feed: 1, follow, maxStoreBytes: ROOM });
  for (let i = 1; i < size; i++) mesh.add({ follow, maxStoreBytes: ROOM });
  // One watches everybody: what the strangers make of each other is found there, and is bounded too.
  const { peer: watcher } = mesh.add({ maxStoreBytes: ROOM });
  for (const peer of mesh.peers) mesh.start(peer);
  const followers = mesh.holders.filter((peer) => peer !== watcher);
  const herald = new Accuser(mesh.world, "herald");
  for (const { name } of mesh.holders) mesh.world.connect(herald.name, name);
  mesh.publish(publisher.peer, ...linksOf(publisher, 0, 20));
  let offered = 0;
  for (let i = 0; i < SYBILS; i++) {
    const builder = new Builder(100 + i);
    const feed = new MemoryFeed(100 + i, NETWORK);
    for (let entry = 0; entry < ENTRIES; entry++)
      feed.append(builder.link(packageNumber(entry === 0 ? 0 : 100 * i + entry), `bits of ${i}`));
    offered += feed.entries.reduce((sum, { length }) => sum + length, 0);
    herald.say("feeds", feed.update(0));
    mesh.world.run(500);
    if (i === SYBILS / 2) mesh.publish(publisher.peer, ...linksOf(publisher, 20, 20));
  }
  mesh.eventually("all hold what they follow", 120_000, () => mesh.allHold(followers, [publisher]));
  mesh.expect(offered > 2 * ROOM, `strangers offer more than there is room for (${offered})`);
  let most = 0;
  for (const peer of mesh.holders) {
    most = Math.max(most, peer.disk.store.bytes);
    const room = OVERHEAD * ROOM + OWN + (peer === watcher ? FINDINGS : 0);
    mesh.expect(peer.disk.store.bytes < room, `${peer.name} keeps ${peer.disk.store.bytes} octets`);
    mesh.expect(
      mesh.status(peer).feeds.length < SYBILS,
      `${peer.name} has forgotten some of the ${SYBILS} strangers`,
    );
  }
  mesh.checkHistories();
  return { mesh, facts: { offered, most } };
}

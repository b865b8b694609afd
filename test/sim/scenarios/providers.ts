/** A followed feed that nobody around has is found at those who said that they provide it, among liars who say so too (DESIGN 4.4). */
import { originHash } from "../../../protocol/feed/index.ts";
import { slotsOf } from "../../../protocol/peer/index.ts";
import { Builder } from "../builder.ts";
import { Mesh } from "../mesh.ts";
import { linksOf } from "./growth.ts";
import type { Facts } from "./scenario.ts";

/** Names of peers that are not there. */
const LIARS = 10;
const COUNT = 30;

/**
 * The publisher is gone, one peer has its feed, and the newcomer knows a single other one, which has no room for it. Whoever is around
 * names himself as a provider, peers that have nothing and peers that are not there.
 */
export function newcomer(seed: number, size: number): Facts {
  const mesh = new Mesh(seed);
  const follow = [new Builder(1)];
  const publisher = mesh.add({ feed: 1, follow });
  const mirror = mesh.add({ follow });
  const others = Array.from({ length: Math.max(1, size - 2) }, () =>
    mesh.add({ follow: [], maxStoreBytes: 1 }),
  );
  for (const peer of mesh.peers) mesh.start(peer);
  mesh.publish(publisher.peer, ...linksOf(publisher, 0, COUNT));
  const origin = mesh.originOf(publisher);
  const slots = slotsOf(originHash(origin));
  mesh.eventually("the mirror has the feed, and says so", 60_000, () =>
    slots.every((slot) => mesh.world.providerRecords.told(slot).has(mirror.peer.name)),
  );
  publisher.peer.crash();
  const [first] = others;
  if (first === undefined) throw new Error("somebody to begin from expected");
  for (let i = 0; i < LIARS; i++) mesh.world.providerRecords.lie(`nobody-${i}`);
  for (const { peer } of others) mesh.world.providerRecords.lie(peer.name);
  const late = mesh.add({ follow });
  late.peer.start();
  mesh.world.runUntil(() => late.peer.ready, 10_000);
  mesh.world.connect(late.peer.name, first.peer.name);
  const ms = mesh.eventually("the newcomer has it", 600_000, () =>
    mesh.status(late.peer).feeds.some((view) => view.origin === origin && view.held === COUNT),
  );
  const called = mesh.status(late.peer).counters.get("providers-called") ?? 0;
  mesh.expect(called <= LIARS + size, `each is called once at most (${called})`);
  for (const { peer } of others)
    mesh.expect(!mesh.held(peer, origin).entries.length, `${peer.name} has none of it`);
  mesh.checkHoldings(late.peer);
  return { mesh, facts: { ms, called } };
}

/** A followed feed that grows without end fills no disk, holds up no other, and cannot fork unseen (R11, I4, I9). */
import { Builder } from "../builder.ts";
import { HeadForker, Publisher } from "../liars.ts";
import { MemoryFeed } from "../memory-feed.ts";
import { Mesh, NETWORK } from "../mesh.ts";
import type { EnginePeer } from "../peer.ts";
import { linksOf } from "./growth.ts";
import { honestGoOn } from "./liars.ts";
import type { Facts } from "./scenario.ts";

/** The liar's key. */
const LIAR = 99;
/** Octets that followed feeds may take; with all that a peer keeps beside them it stays below that here. */
const ROOM = 200_000;
const BATCH = 40;
const BATCHES = 15;
const ENTRY = 800;

export function endless(seed: number, size: number): Facts {
  const mesh = new Mesh(seed);
  const follow = [new Builder(1), new Builder(LIAR)];
  const publisher = mesh.add({ feed: 1, follow, maxFollowedBytes: ROOM });
  for (let i = 1; i < size; i++) mesh.add({ follow, maxFollowedBytes: ROOM });
  for (const peer of mesh.peers) mesh.start(peer);
  const feed = new MemoryFeed(LIAR, NETWORK);
  const liar = new Publisher(mesh.world, "endless", feed);
  for (const peer of mesh.holders) mesh.world.connect(liar.name, peer.name);
  let most = 0;
  for (let batch = 0; batch < BATCHES; batch++) {
    for (let i = 0; i < BATCH; i++) feed.append(`${feed.entries.length} `.padEnd(ENTRY, "x"));
    liar.publish();
    mesh.world.run(5_000);
    for (const peer of mesh.holders) most = Math.max(most, peer.disk.store.bytes);
    if (batch % 5 === 4) mesh.publish(publisher.peer, ...linksOf(publisher, batch, 3));
  }
  mesh.expect(most < ROOM, `nobody keeps more than its room (${most})`);
  mesh.eventually("all hold the honest feed", 120_000, () => mesh.allHold(mesh.holders, [publisher]));
  const held = mesh.holders.map((peer) => stateOf(mesh, peer, feed).held);
  for (const [i, peer] of mesh.holders.entries()) {
    const { state } = stateOf(mesh, peer, feed);
    mesh.expect(state === "full" && (held[i] ?? 0) > 0, `${peer.name} has no room for more (${state})`);
    mesh.expect(peer.findings.length === 0, "no one is accused of it");
  }
  restartsAsItWas(mesh, feed);
  const forker = new HeadForker(mesh.world, "forker", [feed, branchOf(feed)]);
  for (const peer of mesh.holders) mesh.world.connect(forker.name, peer.name);
  forker.showHeads();
  const ms = mesh.eventually("everybody sees its fork", 300_000, () =>
    mesh.holders.every((peer) => stateOf(mesh, peer, feed).state === "forked"),
  );
  honestGoOn(mesh);
  return { mesh, facts: { most, held: Math.max(...held), ms } };
}

/** Another history of as many entries, behind what anybody holds. */
function branchOf(feed: MemoryFeed): MemoryFeed {
  const branch = feed.branch(feed.entries.length - 5);
  while (branch.entries.length < feed.entries.length) branch.append(`other ${branch.entries.length}`);
  return branch;
}

function stateOf(
  mesh: Mesh,
  peer: EnginePeer,
  feed: MemoryFeed,
): { readonly held: number; readonly state: string } {
  const view = mesh.status(peer).feeds.find(({ origin }) => origin === feed.origin);
  return { held: view?.held ?? 0, state: view?.state ?? "none" };
}

/** Started anew with the same room a peer holds the same, and takes no more. */
function restartsAsItWas(mesh: Mesh, feed: MemoryFeed): void {
  const peer = mesh.holders.at(-1);
  if (peer === undefined) throw new Error("a follower expected");
  const { held } = stateOf(mesh, peer, feed);
  const store = peer.disk.store.copy();
  peer.crash();
  peer.disk.restore(store);
  mesh.start(peer);
  mesh.world.connect("endless", peer.name);
  mesh.world.run(60_000);
  const now = stateOf(mesh, peer, feed);
  mesh.expect(
    now.state === "full" && now.held === held,
    `${peer.name} holds ${now.held} of ${held}, ${now.state}`,
  );
}

/** What is true once all that was lost has been found again (I1, I2, I4). */
import { Builder, packageNumber } from "../builder.ts";
import { MemoryFeed } from "../memory-feed.ts";
import { NETWORK } from "../mesh.ts";
import type { Mesh } from "../mesh.ts";
import type { EnginePeer } from "../peer.ts";

/** ms that it may take: some exchanges of heads with some neighbours. */
const PATIENCE = 600_000;
/** Peers whose whole store is read and hashed again. */
const SAMPLE = 3;

/** Entries that the branches of a forked feed have in common. */
const COMMON = 4;

/** Two histories by one key: of six entries and of seven. */
export function forkedFeed(key: number): readonly [MemoryFeed, MemoryFeed] {
  const builder = new Builder(key);
  const a = new MemoryFeed(key, NETWORK);
  for (let i = 0; i < 6; i++) a.append(builder.link(packageNumber(i), "bits"));
  const b = a.branch(COMMON);
  for (let i = 0; i < 3; i++) b.append(builder.link(packageNumber(100 + i), "other bits"));
  return [a, b];
}

/** Waits until the honest hold what the honest published and know of the fork, and checks that all is well. ms it took. */
export function settled(mesh: Mesh, forked: string | null): number {
  const feeds = mesh.publishers.map((member) => mesh.originOf(member));
  const ms = mesh.eventually("the honest hold what the honest published", PATIENCE, () =>
    mesh.holders.every((peer) => feeds.every((feed) => holdsAll(mesh, peer, feed))),
  );
  if (forked !== null) {
    mesh.eventually("everybody knows of the fork", PATIENCE, () =>
      mesh.holders.every((peer) => mesh.invariants.viewsOf(peer).of(forked)?.forked === true),
    );
  }
  mesh.expect(mesh.delivery.missed(mesh.holders) === 0, "nobody missed anything");
  for (const peer of mesh.holders) isJoined(mesh, peer, feeds);
  mesh.checkHistories(mesh.world.random.shuffled(mesh.holders).slice(0, SAMPLE));
  return ms;
}

function holdsAll(mesh: Mesh, peer: EnginePeer, feed: string): boolean {
  const sizes = mesh.invariants.histories.signedBy(feed).keys();
  return (mesh.invariants.viewsOf(peer).of(feed)?.stored ?? 0) >= Math.max(0, ...sizes);
}

/** I2: nothing of an honest feed is held back. Rows keep a joined head until something else changes, so only those above count. */
function isJoined(mesh: Mesh, peer: EnginePeer, feeds: readonly string[]): void {
  for (const feed of feeds) {
    const view = mesh.invariants.viewsOf(peer).of(feed);
    if (view === null) continue;
    mesh.expect(
      [view.head, ...view.unresolved].every((head) => head === null || head.size <= view.stored),
      `I2: ${peer.name} has joined all heads of ${feed}`,
    );
  }
  mesh.status(peer);
}

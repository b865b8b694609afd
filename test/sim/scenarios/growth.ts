/** Feeds grow, and everybody who follows them gets all of it. */
import { packageNumber } from "../builder.ts";
import { Mesh } from "../mesh.ts";
import type { Member } from "../mesh.ts";
import { POOR } from "../network.ts";
import type { Facts } from "./scenario.ts";

/** Links about `count` packages, from number `first` on, all with the contents that everybody gets. */
export function linksOf({ builder }: Member, first: number, count: number): Uint8Array[] {
  if (builder === null) throw new Error("a peer without a feed publishes nothing");
  return Array.from({ length: count }, (_, i) => builder.link(packageNumber(first + i), "the same bits"));
}

/** Every publisher publishes in several batches; everybody ends up with everything. */
export function publish(seed: number, size: number): Facts {
  const mesh = Mesh.of(seed, size, Math.max(1, Math.floor(size / 2)));
  let published = 0;
  for (const count of [1, 5, 20]) {
    for (const member of mesh.publishers) mesh.publish(member.peer, ...linksOf(member, published, count));
    published += count;
  }
  const ms = mesh.eventually("everybody holds every feed", 20_000, () =>
    mesh.allHold(mesh.holders, mesh.publishers),
  );
  mesh.checkHistories();
  return { mesh, facts: { entries: published * mesh.publishers.length, ms } };
}

/** What was published before one came is caught up with, also what is more than a gossip frame or a bundle holds. */
export function lateJoiner(seed: number, size: number): Facts {
  const mesh = Mesh.of(seed, size, 2);
  const [one, other] = mesh.publishers;
  if (one === undefined || other === undefined) throw new Error("two publishers expected");
  for (let batch = 0; batch < 4; batch++) mesh.publish(one.peer, ...linksOf(one, batch * 70, 70));
  mesh.publish(other.peer, ...linksOf(other, 0, 3));
  mesh.eventually("the first peers hold all", 60_000, () => mesh.allHold(mesh.holders, mesh.publishers));
  const late = mesh.add();
  mesh.start(late.peer);
  const ms = mesh.eventually("the late one holds all", 60_000, () =>
    mesh.allHold([late.peer], mesh.publishers),
  );
  mesh.publish(one.peer, ...linksOf(one, 280, 1));
  mesh.eventually("and what comes then", 10_000, () => mesh.allHold([late.peer], mesh.publishers));
  mesh.checkHistories();
  return { mesh, facts: { entries: 284, ms } };
}

/** The mesh falls apart, both halves go on, and it heals. */
export function partition(seed: number, size: number): Facts {
  const mesh = Mesh.of(seed, size, 2);
  const [one, other] = mesh.publishers;
  if (one === undefined || other === undefined) throw new Error("two publishers expected");
  mesh.publish(one.peer, ...linksOf(one, 0, 4));
  const names = mesh.peers.map(({ name }) => name);
  const isLeft = (name: string): boolean => name !== other.peer.name && names.indexOf(name) % 2 === 0;
  const [left, right] = [names.filter(isLeft), names.filter((name) => !isLeft(name))];
  mesh.world.partition(left, right);
  mesh.connectAll(left);
  mesh.connectAll(right);
  mesh.publish(one.peer, ...linksOf(one, 4, 30));
  mesh.publish(other.peer, ...linksOf(other, 0, 7));
  mesh.world.run(20_000);
  const across = mesh.peers.filter(({ name }) => isLeft(name) !== isLeft(one.peer.name));
  mesh.expect(!mesh.allHold(across, [one]), "the other half does not know yet");
  mesh.world.network.heal();
  mesh.world.connect(left[0] ?? "", right[0] ?? "");
  const ms = mesh.eventually("all hold all after it healed", 300_000, () =>
    mesh.allHold(mesh.holders, mesh.publishers),
  );
  mesh.checkHistories();
  return { mesh, facts: { ms } };
}

/** Messages get lost and come late; anti-entropy finds what gossip lost. */
export function lossy(seed: number, size: number): Facts {
  const mesh = Mesh.of(seed, size, 2);
  mesh.world.network.conditions = POOR;
  for (let batch = 0; batch < 6; batch++) {
    for (const member of mesh.publishers) mesh.publish(member.peer, ...linksOf(member, batch * 5, 5));
    mesh.world.run(500);
  }
  const ms = mesh.eventually("everybody holds every feed", 300_000, () =>
    mesh.allHold(mesh.holders, mesh.publishers),
  );
  mesh.checkHistories();
  return { mesh, facts: { ms } };
}

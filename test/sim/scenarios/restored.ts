/** A whole backup is restored, store and own-head file, or a copy of both is started: nothing is signed before others were asked (I1). */
import { toHex } from "../../../protocol/bytes/index.ts";
import { Mesh } from "../mesh.ts";
import type { Member } from "../mesh.ts";
import { linksOf } from "./growth.ts";
import type { Facts } from "./scenario.ts";
import { publishing } from "../../publishing.ts";

/** How long a node that must not sign is watched, in ms. */
const WATCHED = 120_000;

export function restored(seed: number, size: number): Facts {
  const mesh = Mesh.of(seed, Math.max(size, 5), 1);
  const [publisher] = mesh.publishers;
  if (publisher === undefined) throw new Error("a publisher expected");
  const { disk } = publisher.peer;
  mesh.publish(publisher.peer, ...linksOf(publisher, 0, 5));
  const old = { store: disk.store.copy(), ownHead: disk.ownHead };
  mesh.publish(publisher.peer, ...linksOf(publisher, 5, 5));
  mesh.eventually("all hold all", 60_000, () => mesh.allHold(mesh.holders, mesh.publishers));
  const newest = { store: disk.store.copy(), ownHead: disk.ownHead };
  // Yesterday's backup: with others at hand, with nobody at hand at first, and without knowing that it is one.
  for (const [moved, alone] of [
    [true, false],
    [true, true],
    [false, false],
  ] as const) {
    mesh.expect(
      refuses(mesh, publisher, { ...old, moved, alone }) === "peer/feed-lost",
      "the older store is lost",
    );
  }
  // Today's, of which nothing was lost: it goes on as soon as three others have said so.
  putBack(mesh, publisher, { ...newest, moved: true, alone: false });
  mesh.connectAll(mesh.peers.map(({ name }) => name));
  mesh.eventually("the newest store goes on", WATCHED, () => publishes(mesh, publisher, 20) === "ok");
  mesh.eventually("all hold all again", 60_000, () => mesh.allHold(mesh.holders, mesh.publishers));
  mesh.checkHistories();
  for (const peer of mesh.peers) {
    const own = peer.findings.filter(({ kind }) => kind === "own-elsewhere");
    mesh.expect(
      own.length === (peer === publisher.peer ? 3 : 0),
      "it tells its operator what others hold, once a restore",
    );
  }
  const kept = new Set(mesh.held(publisher.peer, mesh.originOf(publisher)).entries.map(toHex));
  mesh.expect(
    linksOf(publisher, 0, 10).every((entry) => kept.has(toHex(entry))),
    "nothing acknowledged is lost",
  );
  return { mesh, facts: { findings: mesh.peers.reduce((sum, { findings }) => sum + findings.length, 0) } };
}

interface Restore {
  readonly store: Member["peer"]["disk"]["store"];
  readonly ownHead: Member["peer"]["disk"]["ownHead"];
  readonly moved: boolean;
  readonly alone: boolean;
}

function putBack(mesh: Mesh, { peer }: Member, { store, ownHead, moved, alone }: Restore): void {
  peer.crash();
  peer.disk.restore(store.copy());
  peer.disk.ownHead = ownHead;
  peer.disk.moved = moved;
  if (alone) {
    peer.start(false);
    mesh.world.runUntil(() => peer.ready, 10_000);
  } else mesh.start(peer, false);
}

/** Publishes over a restored store until it is known to be lost; the code in the end. */
function refuses(mesh: Mesh, publisher: Member, restore: Restore): string {
  const { peer } = publisher;
  putBack(mesh, publisher, restore);
  if (restore.alone) {
    for (let round = 0; round < 5; round++) {
      mesh.expect(publishes(mesh, publisher, 50) === "peer/feed-unconfirmed", "alone, it signs nothing");
      mesh.world.run(WATCHED / 5);
    }
    mesh.connectAll(mesh.peers.map(({ name }) => name));
  }
  mesh.eventually(`${peer.name} knows that its store is older`, WATCHED, () => {
    const code = publishes(mesh, publisher, 50);
    mesh.expect(code !== "ok", "the older store publishes nothing");
    return code === "peer/feed-lost";
  });
  return publishes(mesh, publisher, 51);
}

function publishes(mesh: Mesh, publisher: Member, from: number): string {
  const result = mesh.finish(publisher.peer.command(publishing(linksOf(publisher, from, 1))), 30_000);
  return result.ok ? "ok" : result.code;
}

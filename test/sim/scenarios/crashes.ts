/** Power fails, disks are lost and restored; a feed never forks by itself (I1, R12, R13). */
import { toHex } from "../../../protocol/bytes/index.ts";
import { FAULTS } from "../disk.ts";
import type { Fault } from "../disk.ts";
import { Mesh } from "../mesh.ts";
import type { Member } from "../mesh.ts";
import { linksOf } from "./growth.ts";
import type { Facts } from "./scenario.ts";
import { publishing } from "../../publishing.ts";

/** Writes and signatures of the beginning and of three publications, and some to spare. */
const MAX_STEPS = 80;

/** Something goes wrong at each write and signature of the publisher in turn, in every way; it is started again and goes on. */
export function crashes(seed: number, size: number): Facts {
  let points = 0;
  // Who listens matters little here: three of them do.
  const few = Math.min(size, 3);
  for (let step = 1, reached = true; reached && step <= MAX_STEPS; step++) {
    for (const kind of FAULTS) {
      reached &&= faultAt(seed + step, few, { step, kind });
      points += reached ? 1 : 0;
    }
  }
  const mesh = Mesh.of(seed, few, 1);
  mesh.expect(points > 20, `there are points where something can go wrong (${points})`);
  return { mesh, facts: { points } };
}

/** Whether the fault came. */
function faultAt(seed: number, size: number, fault: Fault): boolean {
  const mesh = new Mesh(seed);
  const publisher = mesh.add({ feed: 1 });
  for (let i = 1; i < size; i++) mesh.add();
  for (const { peer } of mesh.members.slice(1)) mesh.start(peer);
  const { disk } = publisher.peer;
  disk.fault = fault;
  publisher.peer.start();
  const acknowledged = [0, 5, 10].flatMap((first) => publishOrCrash(mesh, publisher, first));
  const reached = disk.steps >= fault.step;
  restart(mesh, publisher);
  mesh.publish(publisher.peer, ...linksOf(publisher, 100, 1));
  mesh.eventually(`all hold all after ${fault.kind} step ${fault.step}`, 120_000, () =>
    mesh.allHold(mesh.holders, [publisher]),
  );
  mesh.checkHistories();
  const kept = mesh.held(publisher.peer, mesh.originOf(publisher)).entries.map(toHex);
  mesh.expect(
    acknowledged.every((entry) => kept.includes(toHex(entry))),
    `nothing acknowledged is lost after ${fault.kind} step ${fault.step} (R12)`,
  );
  return reached;
}

/** The entries whose publication was acknowledged. */
function publishOrCrash(mesh: Mesh, publisher: Member, first: number): readonly Uint8Array[] {
  const { peer } = publisher;
  mesh.world.runUntil(() => peer.ready || !peer.up, 10_000);
  if (!peer.up || !peer.ready) return [];
  mesh.connectAll(mesh.peers.map(({ name }) => name));
  const entries = linksOf(publisher, first, 2);
  const call = peer.command(publishing(entries));
  mesh.world.runUntil(() => call.result !== null || !peer.up, 30_000);
  mesh.world.run(300);
  return call.result?.ok === true ? entries : [];
}

/** As an operator would: without `--first` where the feed was begun, with it where the crash came before that. */
function restart(mesh: Mesh, { peer }: Member): void {
  mesh.world.run(1_000);
  if (peer.up) peer.crash();
  mesh.start(peer, peer.disk.ownHead === "none");
}

/** The store is gone or older than the own-head file: the feed never appends again by itself. */
export function lostStore(seed: number, size: number): Facts {
  const mesh = Mesh.of(seed, size, 1);
  const [publisher] = mesh.publishers;
  if (publisher === undefined) throw new Error("a publisher expected");
  const { peer } = publisher;
  mesh.publish(peer, ...linksOf(publisher, 0, 5));
  const backup = peer.disk.store.copy();
  mesh.publish(peer, ...linksOf(publisher, 5, 5));
  mesh.eventually("all hold all", 20_000, () => mesh.allHold(mesh.holders, mesh.publishers));
  for (const store of [backup, null]) {
    peer.crash();
    peer.disk.restore(store);
    mesh.start(peer, false);
    refuses(mesh, publisher);
    // Catching up with its own feed from others does not give the store back its promises.
    mesh.world.run(60_000);
    refuses(mesh, publisher);
  }
  peer.crash();
  peer.disk.restore(null);
  peer.disk.ownHead = "lost";
  mesh.start(peer, true);
  refuses(mesh, publisher);
  return { mesh, facts: {} };
}

function refuses(mesh: Mesh, publisher: Member): void {
  const result = mesh.finish(publisher.peer.command(publishing(linksOf(publisher, 50, 1))), 30_000);
  mesh.expect(
    !result.ok && result.code === "peer/feed-lost",
    `publishing is refused (${JSON.stringify(result)})`,
  );
}

/** A day: some publish now and then, some are killed and come back, and nobody who stays forgets, repeats itself or grows. */
import { MAX_SEEN_HEADS } from "../../../protocol/limits.ts";
import { publishing } from "../../publishing.ts";
import { Mesh } from "../mesh.ts";
import type { EnginePeer } from "../peer.ts";
import { linksOf } from "./growth.ts";
import type { Facts } from "./scenario.ts";

const PUBLISHERS = 2;
/** ms between publications of each: in the first hour, and then. */
const RUSH_EVERY = 400;
const EVERY = 600_000;
const CLAIMS = 5;
/** Publications of the first hour, by all together: more heads than a peer remembers, so that what it remembers is as large as it gets. */
const BUSY = 1.05 * MAX_SEEN_HEADS;
/** ms between deaths, and from a death to the next start. */
const DEATH_EVERY = 1_800_000;
const DEAD_FOR = 60_000;
/** ms in which all hold all when the day is over. */
const SETTLE = 300_000;

const HOUR = 3_600_000;
const HOURS = 24;

/** Peers that are never killed: the publishers, and every other of those who follow them. */
export function staying(mesh: Mesh): readonly EnginePeer[] {
  return mesh.members.filter(({ builder }, at) => builder !== null || at % 2 === 0).map(({ peer }) => peer);
}

export function day(seed: number, size: number, hours: number = HOURS): Facts {
  const mesh = Mesh.of(seed, Math.max(size, 2 * PUBLISHERS), PUBLISHERS);
  const { world } = mesh;
  const stay = new Set(staying(mesh));
  const mortal = mesh.peers.filter((peer) => !stay.has(peer));
  const begin = world.now;
  let [published, deaths] = [rush(mesh), 0];
  for (let next = begin + DEATH_EVERY; world.now < begin + hours * HOUR;) {
    for (const member of mesh.publishers) mesh.publish(member.peer, ...linksOf(member, published, CLAIMS));
    published += CLAIMS;
    if (world.now >= next) {
      next += DEATH_EVERY;
      reborn(mesh, mortal[deaths++ % mortal.length]);
    }
    world.run(EVERY);
    for (const { disk } of mesh.peers) disk.store.writeBack();
  }
  mesh.eventually("everybody holds everything", SETTLE, () => mesh.allHold(mesh.holders, mesh.publishers));
  mesh.checkHistories();
  const told = mesh.peers.reduce((sum, { findings }) => sum + findings.length, 0);
  mesh.expect(told === 0, `nobody tells of anything (${told} findings)`);
  return { mesh, facts: { claims: published * PUBLISHERS, deaths, "stored %": storedPart(mesh) } };
}

/** One claim at a time, as quickly as they are taken in. Claims of each. */
function rush(mesh: Mesh): number {
  const each = Math.ceil(BUSY / PUBLISHERS);
  for (let i = 0; i < each; i++) {
    const calls = mesh.publishers.map((member) => member.peer.command(publishing(linksOf(member, i, 1))));
    mesh.world.run(RUSH_EVERY);
    mesh.expect(
      calls.every(({ result }) => result?.ok === true),
      "what is published is acknowledged",
    );
    if (i % 1_000 === 0) for (const { disk } of mesh.peers) disk.store.writeBack();
  }
  return each;
}

function reborn(mesh: Mesh, peer: EnginePeer | undefined): void {
  if (peer === undefined) throw new Error("somebody to die expected");
  peer.crash();
  mesh.world.run(DEAD_FOR);
  mesh.start(peer);
}

/** Octets of feeds and their index at one who follows all, in per cent of the attestations' own; records of the DHT are others'. */
function storedPart(mesh: Mesh): number {
  const [one] = staying(mesh);
  if (one === undefined) throw new Error("somebody to stay expected");
  const { store } = one.disk;
  const entries = mesh.publishers.flatMap((member) => mesh.held(one, mesh.originOf(member)).entries);
  const signed = entries.reduce((sum, { length }) => sum + length, 0);
  return Math.round((100 * (store.bytes - store.bytesOf("r") - store.bytesOf("x"))) / signed);
}

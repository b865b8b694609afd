/** All peers closest to a victim's target are an attacker's: what they hide is found elsewhere, or is known not to have been found (R20, R26). */
import { equalBytes } from "../../../protocol/bytes/index.ts";
import { sha256 } from "../../../protocol/crypto/index.ts";
import type { FindResult } from "../../../protocol/peer/index.ts";
import { Builder, packageNumber } from "../builder.ts";
import { Grinder, groundNames } from "../grinder.ts";
import { Mesh, NETWORK } from "../mesh.ts";
import type { EnginePeer } from "../peer.ts";
import type { Found } from "../verdicts.ts";
import { linksOf } from "./growth.ts";
import type { Facts } from "./scenario.ts";

/** Kademlia's k. */
const CLOSEST = 20;
/** Honest peers at least: of fewer, those that ground one slot are most of the closest to the other too. */
const HONEST = 2 * CLOSEST;
/** A builder whom the others follow, so that they hold nothing of the victim's. */
const ANOTHER = 2;
/** The victim. */
const VICTIM = new Builder(1);
const TARGET = packageNumber(0);
/** Policies want two. */
const BUILDERS = [VICTIM, new Builder(ANOTHER)];

export function ground(seed: number, size: number): Facts {
  const found = [1, 2].flatMap((slots) => [asks(seed, size, slots, false), asks(seed, size, slots, true)]);
  const mesh = found.at(-1)?.mesh;
  if (mesh === undefined) throw new Error("four meshes expected");
  const taken = found.reduce((sum, one) => sum + one.taken, 0);
  mesh.expect(taken > 0, "grinders are given records");
  return { mesh, found: found.map((one) => one.found), facts: { taken } };
}

interface Asked {
  readonly mesh: Mesh;
  readonly found: Found;
  readonly taken: number;
}

/** So many of the target's two slots are ground before the victim publishes; then a light peer asks, with or without a friend who follows it. */
function asks(seed: number, size: number, slots: number, hasFriend: boolean): Asked {
  const mesh = new Mesh(seed);
  const victim = mesh.add({ feed: 1, follow: [VICTIM] });
  for (let i = 1; i < Math.max(size, HONEST); i++) mesh.add({ follow: [new Builder(ANOTHER)] });
  for (const peer of mesh.peers) mesh.start(peer);
  const names = mesh.peers.map(({ name }) => name);
  const grinders = Array.from({ length: slots }, (_, copy) =>
    sha256(Uint8Array.of(copy), TARGET.key),
  ).flatMap((slot) => groundNames(slot, CLOSEST, names).map((name) => new Grinder(mesh.world, name)));
  mesh.publish(victim.peer, ...linksOf(victim, 0, 3));
  mesh.world.run(60_000);
  const friend = hasFriend ? mesh.add({ follow: [VICTIM] }) : null;
  if (friend !== null) {
    mesh.start(friend.peer);
    mesh.eventually("the friend holds the victim's feed", 60_000, () =>
      mesh.allHold([friend.peer], [victim]),
    );
  }
  victim.peer.crash();
  const { peer } = mesh.add({ light: true, follow: [VICTIM] });
  mesh.start(peer);
  if (friend !== null) mesh.world.connect(peer.name, friend.peer.name);
  const keys = BUILDERS.map(({ key }) => key.raw);
  const result = mesh.find(peer, { targets: [TARGET.key], digests: [], builders: keys });
  isFoundIf(mesh, result, slots < 2 || hasFriend);
  return {
    mesh,
    found: asFound(mesh, peer, result),
    taken: grinders.reduce((sum, one) => sum + one.taken, 0),
  };
}

/** One ground slot hides nothing, as there are two; two hide it from the DHT alone; and silence never counts as an answer. */
function isFoundIf(mesh: Mesh, result: FindResult, findable: boolean): void {
  const isFound = result.found.some(({ signer }) => equalBytes(signer, VICTIM.key.raw));
  mesh.expect(isFound === findable, `the claim is ${findable ? "" : "not "}found`);
  mesh.expect(result.ended, "the question ends");
}

/** The verdict is the same whatever was hidden: one vote is not two, and nobody is called absent on the word of grinders. */
function asFound(mesh: Mesh, peer: EnginePeer, result: FindResult): Found {
  return {
    peer: peer.name,
    step: mesh.world.steps,
    target: TARGET,
    contents: "the same bits",
    builders: BUILDERS,
    network: NETWORK,
    now: peer.now,
    result,
    expected: "pending",
  };
}

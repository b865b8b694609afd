/** Clocks are set back by hours while a mesh is at work, and forward again: nobody waits for the time that they showed, and nobody accuses anybody. */
import { Mesh } from "../mesh.ts";
import { settled } from "./calm.ts";
import { linksOf } from "./growth.ts";
import type { Facts } from "./scenario.ts";
import { publishing } from "../../publishing.ts";

const HOUR = 3_600_000;
/** By how much they are turned, peer by peer. */
const TURNS = [-HOUR, 0, -26 * HOUR, HOUR];
/** ms in which what is published is acknowledged. */
const SOON = 5_000;
/** ms in which what gossip could not bring has come by exchanges of heads. */
const PATIENCE = 120_000;

export function clocks(seed: number, size: number): Facts {
  const mesh = Mesh.of(seed, size, 2);
  let [published, slowest] = [0, 0];
  const publish = (): void => {
    for (const member of mesh.publishers) {
      const result = mesh.finish(member.peer.command(publishing(linksOf(member, published, 3))), SOON);
      mesh.expect(result.ok, `${member.peer.name} publishes`);
    }
    published += 3;
  };
  const turn = (sign: number): void => {
    for (const [i, peer] of mesh.peers.entries()) peer.skew += sign * (TURNS[i % TURNS.length] ?? 0);
  };
  publish();
  mesh.world.run(60_000);
  for (const sign of [1, -1, 1]) {
    // What is published while nobody hears it is found by whoever asks.
    const names = mesh.world.random.shuffled(mesh.peers.map(({ name }) => name));
    mesh.world.partition(...names.map((name) => [name]));
    publish();
    turn(sign);
    publish();
    mesh.world.network.heal();
    mesh.connectRing();
    slowest = Math.max(
      slowest,
      mesh.eventually("all hold all", PATIENCE, () => mesh.allHold(mesh.holders, mesh.publishers)),
    );
  }
  settled(mesh, null);
  for (const { name, findings } of mesh.peers)
    mesh.expect(findings.length === 0, `${name} finds nothing: ${findings.map(({ kind }) => kind).join()}`);
  return { mesh, facts: { published, "caught up after, ms": slowest } };
}

/** Attestations in the DHT outlive who published them and half of who stored them (R25, R26). */
import { equalBytes } from "../../../protocol/bytes/index.ts";
import { packageNumber } from "../builder.ts";
import { Mesh } from "../mesh.ts";
import { linksOf } from "./growth.ts";
import type { Facts } from "./scenario.ts";

/** A light peer that has never met the publisher finds what it published, when it and half of the others are gone. */
export function records(seed: number, size: number): Facts {
  const mesh = Mesh.of(seed, size, 1);
  const [publisher] = mesh.publishers;
  if (!publisher?.builder) throw new Error("a publisher expected");
  const links = linksOf(publisher, 0, 3);
  mesh.publish(publisher.peer, ...links);
  mesh.eventually("the records are stored", 120_000, () =>
    mesh.holders.filter((peer) => peer !== publisher.peer).every((peer) => mesh.status(peer).records > 0),
  );
  publisher.peer.crash();
  const others = mesh.world.random.shuffled(mesh.holders);
  for (const peer of others.slice(0, Math.floor(others.length / 2))) peer.crash();
  const light = mesh.add(null, true);
  mesh.start(light.peer);
  const begin = mesh.world.now;
  const question = { targets: [packageNumber(1).key], digests: [], builders: [publisher.builder.key.raw] };
  const result = mesh.find(light.peer, question);
  const entry = links[1];
  mesh.expect(
    entry !== undefined && result.found.some((found) => equalBytes(found.entry, entry)),
    `found (${result.found.length}, asked ${JSON.stringify([result.peers, result.dht])})`,
  );
  mesh.expect(result.ended, "all that was asked has ended");
  return { mesh, facts: { ms: mesh.world.now - begin, asked: result.dht.asked + result.peers.asked } };
}

/** An ordinary day: some publish, all follow them, and somebody forks. What it costs, and how long it takes. */
import { Builder } from "../builder.ts";
import { quantile } from "../delivery.ts";
import { Forker } from "../liars.ts";
import { Mesh } from "../mesh.ts";
import type { Conditions } from "../network.ts";
import { forkedFeed, settled } from "./calm.ts";
import { linksOf } from "./growth.ts";
import type { Facts } from "./scenario.ts";
import { publishing } from "../../publishing.ts";

/** The forker's key. */
const FORKER = 99;
const PUBLISHERS = 5;
const BATCHES = 4;
/** Claims of one batch. */
const CLAIMS = 10;
/** ms between batches. */
const PAUSE = 5_000;
/** ms of quiet at the end: records are in the DHT and heads were exchanged. */
const REST = 60_000;
/** Homes and machine rooms of several continents, 10 Mbit/s up. */
const WIDE_AREA: Conditions = { latency: [10, 150], loss: 0.001, duplication: 0, bandwidth: 1_250_000 };

export function steady(seed: number, size: number): Facts {
  const mesh = new Mesh(seed);
  const publishers = Math.min(PUBLISHERS, size);
  const keys = [...Array.from({ length: publishers }, (_, i) => i + 1), FORKER];
  const follow = keys.map((key) => new Builder(key));
  for (let i = 0; i < size; i++) mesh.add({ feed: i < publishers ? i + 1 : null, follow });
  for (const peer of mesh.peers) mesh.start(peer);
  mesh.world.run(PAUSE);
  mesh.world.network.conditions = WIDE_AREA;
  const { traffic } = mesh.world;
  const before = new Map(traffic.octets);
  for (let batch = 0; batch < BATCHES; batch++) {
    for (const { peer, builder } of mesh.publishers)
      peer.command(publishing(linksOf({ peer, builder }, batch * CLAIMS, CLAIMS)));
    mesh.world.run(PAUSE);
  }
  mesh.world.run(REST);
  const spent = new Map(
    [...traffic.octets].map(([kind, octets]) => [kind, octets - (before.get(kind) ?? 0)]),
  );
  const evidence = fork(mesh);
  settled(mesh, forkedFeed(FORKER)[0].origin);
  const { latencies } = mesh.delivery;
  const { hops, duplicates } = traffic;
  const claims = publishers * BATCHES * CLAIMS;
  const each = (octets: number): number => Math.round(octets / claims / size);
  const arrivals = [...hops.values()].reduce((sum, count) => sum + count, 0);
  const walked = [...hops].reduce((sum, [count, times]) => sum + count * times, 0);
  return {
    mesh,
    facts: {
      claims,
      missed: mesh.delivery.missed(mesh.holders),
      "delivery ms, median": quantile(latencies, 0.5),
      "delivery ms, 99 %": quantile(latencies, 0.99),
      "hops, mean": rounded(walked / arrivals),
      "hops, most": Math.max(...hops.keys()),
      "duplicates a message": rounded(duplicates / arrivals),
      "octets a claim and node": each([...spent.values()].reduce((sum, octets) => sum + octets, 0)),
      "of them gossip": each(spent.get("gossip") ?? 0),
      "of them sync": each(spent.get("tiles") ?? 0),
      "of them DHT": each(spent.get("records") ?? 0),
      "octets stored a claim": Math.round(stored(mesh) / claims),
      "evidence ms, median": quantile(evidence, 0.5),
      "evidence ms, last": quantile(evidence, 1),
    },
  };
}

/** Somebody shows two histories; ms until each has the proof. */
function fork(mesh: Mesh): readonly number[] {
  const branches = forkedFeed(FORKER);
  mesh.invariants.histories.lies(branches);
  const liar = new Forker(mesh.world, "forker", branches);
  const audience = mesh.world.random.shuffled(mesh.peers).slice(0, 6);
  for (const { name } of audience) mesh.world.connect(liar.name, name);
  const lie = mesh.world.now;
  liar.publish(0);
  mesh.eventually("everybody has the proof of the fork", REST * 5, () =>
    mesh.delivery.evidence("fork", lie, mesh.holders).every((at) => at !== null),
  );
  return mesh.delivery.evidence("fork", lie, mesh.holders).filter((at) => at !== null);
}

/** Octets of feeds and their index in the store of one who follows them; records of the DHT are others'. */
function stored(mesh: Mesh): number {
  const sizes = mesh.holders.map(
    ({ disk: { store } }) => store.bytes - store.bytesOf("r") - store.bytesOf("x"),
  );
  return quantile(sizes, 0.5);
}

function rounded(number: number): number {
  return Math.round(number * 100) / 100;
}

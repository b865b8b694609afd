/**
 * Storing a feed's attestations in the DHT: the sweep, region by region, beside the naive way, a look-up and a question to each of the k closest
 * for every record. The publisher is the engine with its real frames, and time is moved by hand; who takes the records remembers only
 * which. The questions of a look-up are those of a model of Kademlia.
 */
import { placeOfSlot, sha256, SWEEP_RECORDS_PER_SECOND } from "../../protocol/index.ts";
import type { PlacedPeer } from "../../protocol/index.ts";
import { Builder, packageNumber } from "../../test/sim/builder.ts";
import { placed } from "../../test/protocol/peer/rig-places.ts";
import { RigShelf } from "../../test/protocol/peer/rig-shelf.ts";
import { Rig } from "../../test/protocol/peer/rig.ts";
import type { RigPeer } from "../../test/protocol/peer/rig.ts";
import { absolute, ratioOf } from "./figure.ts";
import type { Benchmark, Figure } from "./figure.ts";
import { Kademlia } from "./kademlia.ts";

const NODES = 50;
/** Two records each. */
const ENTRIES = 5_000;
/** It is counted, not timed: another seed gives hardly another figure. */
const RUNS = 1;
/** Entries whose look-ups are counted for the naive way; the others cost the same. */
const SAMPLE = 250;
const COPIES = 20;
/** Attestations handed over at once. */
const LOT = 500;

interface Counted {
  readonly sweep: number;
  readonly naive: number;
  readonly lookups: number;
  readonly octets: number;
  readonly minutes: number;
}

export const dht: Benchmark = {
  name: "dht",
  run: async (say) => {
    const runs: Counted[] = [];
    for (let run = 1; run <= RUNS; run++) {
      const counted = await count(run);
      say(
        `run ${run}: ${counted.sweep} questions, of them ${counted.lookups} in look-ups; naively ${counted.naive}; ${counted.minutes.toFixed(1)} min of virtual time`,
      );
      runs.push(counted);
    }
    return figures(runs);
  },
};

function figures(runs: readonly Counted[]): readonly Figure[] {
  const of = (pick: (counted: Counted) => number): number[] => runs.map(pick);
  const octets = of(({ octets: all }) => all / (2 * ENTRIES * COPIES));
  return [
    ratioOf(
      "dht-sweep",
      "questions",
      of(({ sweep }) => sweep),
      of(({ naive }) => naive),
      {
        what: `questions to store ${ENTRIES} attestations (${2 * ENTRIES} records, ${COPIES} copies of each) among ${NODES} nodes`,
        ratioTo: "a look-up and a put each",
        target: { of: "ratio", atMost: 0.1 },
        note: `counted, not timed: the engine's frames, look-ups by a model of Kademlia; spread over ${Math.round(runs[0]?.minutes ?? NaN)} min by the rate of ${SWEEP_RECORDS_PER_SECOND} records a second`,
      },
    ),
    absolute("dht-octets", "B", octets[0] ?? NaN, octets, {
      what: "octets of one copy of a record on the wire, envelope, proof and checkpoint",
      target: null,
      note: "",
    }),
  ];
}

async function count(run: number): Promise<Counted> {
  const rig = new Rig();
  const builder = new Builder(run);
  const publisher = rig.peer(`publisher ${run}`, { seed: builder.seed, first: true });
  const shelves = Array.from({ length: NODES - 1 }, (_, i) => new RigShelf(`shelf ${run} ${i}`));
  for (const shelf of shelves) rig.peers.set(shelf.name, shelf);
  const self = placed(publisher.name);
  const kademlia = new Kademlia([self, ...shelves.map(({ name }) => placed(name))]);
  const began = rig.now;
  let lookups = 0;
  const watch = (): void => {
    for (const effect of publisher.seen.splice(0))
      if (effect.kind === "region") lookups += kademlia.questions(self, placeOfSlot(effect.key));
  };
  // Nobody takes anything before all is published: then the sweep begins.
  for (let from = 0; from < ENTRIES; from += LOT) {
    publisher.publish(
      ...Array.from({ length: LOT }, (_, i) => builder.link(packageNumber(from + i), "same")),
    );
    watch();
  }
  const [first] = shelves;
  if (first !== undefined) rig.connect(publisher, first);
  while (!isDone(publisher)) {
    rig.pass(2_000);
    watch();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const stored = shelves.reduce((sum, { questions }) => sum + questions, 0);
  const octets = shelves.reduce((sum, shelf) => sum + shelf.octets, 0);
  const copies = shelves.reduce((sum, { slots }) => sum + slots.size, 0);
  if (copies !== 2 * ENTRIES * COPIES) throw new Error(`${copies} copies of ${2 * ENTRIES * COPIES}`);
  return {
    sweep: lookups + stored,
    naive: naively(kademlia, self),
    lookups,
    octets,
    minutes: (rig.now - began) / 60_000,
  };
}

function isDone(publisher: RigPeer): boolean {
  const { wanted, stored } = publisher.status().sweep;
  return wanted === 2 * ENTRIES && stored === wanted;
}

/** A look-up and a question to each of the k closest, for every record. */
function naively(kademlia: Kademlia, self: PlacedPeer): number {
  let questions = 0;
  for (let number = 0; number < SAMPLE; number++)
    for (const copy of [0, 1]) {
      const slot = sha256(Uint8Array.of(copy), packageNumber(number).key);
      questions += kademlia.questions(self, placeOfSlot(slot)) + COPIES;
    }
  return Math.round((questions * ENTRIES) / SAMPLE);
}

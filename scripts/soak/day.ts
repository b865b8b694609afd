/** The simulated day: what engines that are never killed hold in memory after eight hours and after twenty-four, and how much they store. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { day } from "../../test/sim/scenarios/day.ts";

const PEERS = 4;
const SEED = 1;
/** Hours until all that a peer remembers is full. */
const WARM = 8;
const HOURS = 24;
/** ms of virtual time after which nothing that was planned knows its peer any more. */
const FORGOTTEN = 300_000;
/** What a store takes, in per cent of the attestations' octets (docs/scale.md): 1.4 times, give or take what a short feed has more. */
const STORED = { least: 120, most: 150 };
const MAX_GROWTH = 1.1;

/** Whether memory stayed flat and the store became as large as predicted; broken invariants throw. */
export function simulatedDay(): boolean {
  const early = measured(WARM);
  const late = measured(HOURS);
  const growth = late.octets / early.octets;
  const isFlat = growth <= MAX_GROWTH;
  const isPredicted = late.stored >= STORED.least && late.stored <= STORED.most;
  console.log(
    `${isFlat && isPredicted ? "ok" : "FAILED"}: simulated day, ${late.claims} claims, ${late.deaths} deaths: engines hold ${mb(early.octets)} MB after ${WARM} h, ${mb(late.octets)} MB after ${HOURS} h (x ${growth.toFixed(2)}, at most ${MAX_GROWTH}); the store is ${late.stored} % of the attestations (${STORED.least} to ${STORED.most})`,
  );
  return isFlat && isPredicted;
}

interface Measured {
  /** Of all engines together. */
  readonly octets: number;
  readonly stored: number;
  readonly claims: number;
  readonly deaths: number;
}

/** A day that ends after so many hours. What the heap loses when all peers die was theirs: disks and the simulator's own books stay. */
function measured(hours: number): Measured {
  const { mesh, facts } = day(SEED, PEERS, hours);
  const before = heap();
  for (const peer of mesh.peers) peer.crash();
  mesh.world.run(FORGOTTEN);
  const octets = before - heap();
  const { claims = 0, deaths = 0, "stored %": stored = 0 } = facts;
  return { octets, stored, claims, deaths };
}

/** Octets in use after all garbage has gone. */
function heap(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let i = 0; i < 3; i++) collect();
  return process.memoryUsage().heapUsed;
}

function mb(octets: number): string {
  return (octets / 1e6).toFixed(1);
}

import type { StatusResult } from "../protocol/index.ts";
import { giveBackAtRest } from "./at-rest.ts";
import type { Clock } from "./edges.ts";
import { logFull } from "./full-log.ts";
import type { Log } from "./log.ts";
import { logPace } from "./pace-log.ts";
import type { Picture } from "./picture/index.ts";

/** A peer as far as what it does beside has to do with it. */
interface Staying {
  readonly picture: Picture;
  status(): Promise<StatusResult>;
}

/** What a peer that stays does beside. Returns how to end that. */
export async function beginBackground(node: Staying, clock: Clock, log: Log): Promise<() => Promise<void>> {
  await node.picture.open();
  const endPace = logPace(async () => (await node.status()).sync, clock, log);
  const endFull = logFull(async () => (await node.status()).feeds, clock, log);
  const endRest = giveBackAtRest(clock, cpuMs, giveBack);
  return async () => {
    endRest();
    endPace();
    endFull();
    await node.picture.close();
  };
}

/** ms of processor time that this process has taken. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Where the launcher has V8 offer it: all that is garbage, and the pages that it was in. */
function giveBack(): void {
  globalThis.gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
}

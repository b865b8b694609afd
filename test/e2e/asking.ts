import { record, toHex } from "../../protocol/index.ts";
import type { JsonValue } from "../../protocol/index.ts";
import { packageTarget } from "./claims.ts";
import type { TestBuilder } from "./claims.ts";
import type { PeerProcess } from "./processes.ts";

/** What comes soon is seen soon; what takes long is not kept from coming by those who ask for it. */
const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 250;
const TRIES = 400;

/** Waits until something is so, for a hundred seconds at most; the test's own time limit is the limit. */
export async function until(what: string, so: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    if (await so()) return;
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * (1 + tries / 4));
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  throw new Error(`never came: ${what}`);
}

/** How many attestations of the builder on the package this peer has in its own store. */
export async function held(peer: PeerProcess, by: TestBuilder, name: string): Promise<number> {
  const question: JsonValue = new Map<string, JsonValue>([
    ["targets", [toHex(packageTarget(name).key)]],
    ["builders", [by.hex]],
  ]);
  const { body } = await peer.post("/v1/query", question);
  return record(body, "answer").list("found", 4_096).length;
}

/** How many records of the DHT this peer keeps for others. */
export async function recordsAt(peer: PeerProcess): Promise<number> {
  const { body } = await peer.get("/v1/status");
  return record(body, "status").integer("records", 0, 2 ** 40);
}

/** Size of a feed as this peer holds it without a gap; 0 for one that it does not know. */
export async function heldOf(peer: PeerProcess, origin: string): Promise<number> {
  const { body } = await peer.get("/v1/feeds");
  for (const item of record(body, "answer").list("feeds", 4_096)) {
    const feed = item.record();
    if (feed.string("origin") === origin) return feed.integer("held", 0, 2 ** 40);
  }
  return 0;
}

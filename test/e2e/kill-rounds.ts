/** `kill -9` at random moments, round after round: of who publishes, and of who follows. */
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { record } from "../../protocol/index.ts";
import { held, heldOf, until } from "./asking.ts";
import { builder, claim } from "./claims.ts";
import { startPeer } from "./processes.ts";
import type { PeerProcess } from "./processes.ts";

const LATEST_MS = 900;
const alice = builder("alice");

/** Publishes without end, four requests of one to three entries at a time; notes each entry's index when it is acknowledged. */
async function publishOn(
  peer: PeerProcess,
  prefix: string,
  acknowledged: Map<string, number>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (;;) {
      const names = Array.from({ length: randomInt(1, 4) }, () => `${prefix}-${next++}`);
      const answer = await peer.publish(...names.map((name) => claim(alice, name, "bits"))).catch(() => null);
      if (answer?.status !== 200) return;
      for (const [i, item] of record(answer.body, "answer").list("entries", 9).entries()) {
        acknowledged.set(names[i] ?? "", item.record().integer("index", 0, 2 ** 40));
      }
    }
  };
  await Promise.all([lane(), lane(), lane(), lane()]);
}

/** Kills the peer at a moment of chance; resolves when it is gone. */
async function killSoon(peer: PeerProcess): Promise<number> {
  const ms = randomInt(LATEST_MS);
  await setTimeout(ms);
  await peer.end("SIGKILL");
  return ms;
}

async function findings(peer: PeerProcess): Promise<number> {
  return record((await peer.get("/v1/findings?since=0")).body, "findings").list("findings", 99).length;
}

/** A node that publishes is killed so often, at least twice: it loses nothing that it acknowledged, and forks nothing. Resolves to how many that were. */
export async function killPublisher(rounds: number): Promise<number> {
  const follower = await startPeer({ followAll: true, followBuilders: [alice.hex] });
  const own = { bootstrap: follower.listen, publishKey: alice.pem };
  let a = await startPeer({ ...own, first: true });
  const { dataDir, origin } = a;
  const acknowledged = new Map<string, number>();
  for (let round = 0; round < rounds; round++) {
    const publishing = publishOn(a, `r${round}`, acknowledged);
    // By turns at any moment, and where something was acknowledged since it started, also on a busy machine.
    const before = acknowledged.size;
    if (round % 2 === 1) await until("an acknowledgement", async () => acknowledged.size > before);
    const ms = await killSoon(a);
    await publishing;
    a = await startPeer({ ...own, dataDir });
    const size = await heldOf(a, origin);
    const last = Math.max(-1, ...acknowledged.values());
    assert.ok(
      size > last,
      `round ${round}, killed after ${ms} ms: ${size} entries, index ${last} acknowledged`,
    );
  }
  // Each is where it was said to be: published again, it is known under its index.
  for (const [name, index] of acknowledged) {
    const again = record((await a.publish(claim(alice, name, "bits"))).body, "answer");
    const entry = again.list("entries", 1)[0]?.record();
    assert.deepEqual([entry?.boolean("known"), entry?.integer("index", 0, 2 ** 40)], [true, index], name);
  }
  await until(
    "all of it at the follower",
    async () => (await heldOf(follower, origin)) === (await heldOf(a, origin)),
  );
  assert.equal(await findings(follower), 0);
  for (const peer of [a, follower]) await peer.end("SIGKILL");
  return acknowledged.size;
}

/** A node that follows is killed so often: it ends with all of the feed and its index. Resolves to how many entries that were. */
export async function killFollower(rounds: number): Promise<number> {
  const a = await startPeer({ publishKey: alice.pem, first: true });
  const follow = { bootstrap: a.listen, followOrigins: [a.origin], followBuilders: [alice.hex] };
  const many = Array.from({ length: 300 }, (_, i) => claim(alice, `early-${i}`, "bits"));
  assert.equal((await a.publish(...many)).status, 200);
  let b = await startPeer(follow);
  const { dataDir } = b;
  const acknowledged = new Map<string, number>();
  const publishing = publishOn(a, "late", acknowledged);
  for (let round = 0; round < rounds; round++) {
    await killSoon(b);
    b = await startPeer({ ...follow, dataDir });
  }
  await until(
    "as much as is published",
    async () => (await heldOf(b, a.origin)) >= 300 + acknowledged.size / 2,
  );
  await a.end("SIGTERM");
  await publishing;
  const again = await startPeer({ dataDir: a.dataDir, publishKey: alice.pem, bootstrap: b.listen });
  await until("all of it", async () => (await heldOf(b, a.origin)) === (await heldOf(again, a.origin)));
  const names = ["early-0", "early-299", ...[...acknowledged.keys()].slice(-20)];
  for (const name of names) await until(name, async () => (await held(b, alice, name)) === 1);
  assert.equal(await findings(b), 0);
  const size = await heldOf(b, a.origin);
  for (const peer of [again, b]) await peer.end("SIGKILL");
  return size;
}

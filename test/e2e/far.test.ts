/** The simulator's essentials once with real processes: peers far from each other, who lose packets and each other, and find together again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { origin, record } from "../../protocol/index.ts";
import { heldOf, until } from "./asking.ts";
import { builder, claim } from "./claims.ts";
import { delayNet } from "./delay-net.ts";
import { startPeer } from "./processes.ts";
import type { PeerProcess } from "./processes.ts";

/** ms one way: a question and its answer take twice as much. */
const DELAY = 50;
/** Frames of a hundred that get lost. */
const LOSS = 1;
const alice = builder("alice");
const bob = builder("bob");

test(
  "peers 100 ms apart who lose 1 % of their packets and are divided hold the same when it heals",
  { timeout: 180_000 },
  async (t) => {
    const net = await delayNet(4, { delayMs: DELAY, loss: LOSS, seed: 7 });
    if (typeof net === "string") {
      t.skip(net);
      return;
    }
    const feeds = [alice, bob].map(({ raw }) => origin("e2e", raw));
    const [ofAlice = "", ofBob = ""] = feeds;
    const follow = { followOrigins: feeds, followBuilders: [alice.hex, bob.hex] };
    const peers: PeerProcess[] = [];
    for (const [number, owner] of [alice, bob, null, null].entries()) {
      const own = owner === null ? {} : { publishKey: owner.pem, first: true };
      const bootstrap = peers.flatMap(({ peer }, other) => `${net.address(other)}/p2p/${peer}`);
      peers.push(
        await startPeer({
          under: net.under(number),
          listen: [net.address(number)],
          bootstrap,
          ...own,
          ...follow,
        }),
      );
    }
    const [a, b, c, d] = peers;
    if (a === undefined || b === undefined || c === undefined || d === undefined)
      throw new Error("four peers");
    const holds = (peer: PeerProcess, feed: string, size: number): Promise<void> =>
      until(`${size} of ${feed}`, async () => (await heldOf(peer, feed)) === size);
    const claims = (by: typeof alice, first: number, count: number): Uint8Array[] =>
      Array.from({ length: count }, (_, i) => claim(by, `far-${first + i}`, "bits"));

    await a.publish(...claims(alice, 0, 20));
    for (const peer of [b, c, d]) await holds(peer, ofAlice, 20);

    await net.cut([0, 2], [1, 3]);
    await a.publish(...claims(alice, 20, 10));
    await b.publish(...claims(bob, 0, 7));
    await holds(c, ofAlice, 30);
    await holds(d, ofBob, 7);
    assert.deepEqual([await heldOf(d, ofAlice), await heldOf(c, ofBob)], [20, 0], "nothing gets across");

    const counts = await net.heal();
    assert.ok(counts.lost > 0 && counts.cut > 0 && counts.passed > 0, JSON.stringify(counts));
    for (const peer of peers) {
      await holds(peer, ofAlice, 30);
      await holds(peer, ofBob, 7);
      const { body } = await peer.get("/v1/findings");
      assert.equal(record(body, "answer").list("findings", 99).length, 0, "nobody is accused of anything");
    }
  },
);

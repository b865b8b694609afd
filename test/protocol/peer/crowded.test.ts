/** Questions that name more than one answer looks at: what is left out is said, and the next page has it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { toHex } from "../../../protocol/bytes/index.ts";
import { sha256 } from "../../../protocol/crypto/index.ts";
import {
  MAX_FOUND_ENTRIES,
  MAX_TARGET_CLAIMS,
} from "../../../protocol/limits.ts";
import {
  readQueryAnswer,
  writeQueryRequest,
} from "../../../protocol/wire/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";

const carrier = new Builder(1);
const alice = new Builder(2);
const bob = new Builder(3);
const TARGETS = Array.from({ length: Math.ceil(MAX_FOUND_ENTRIES / MAX_TARGET_CLAIMS) + 1 }, (_, i) =>
  packageNumber(i),
);
const [FIRST = packageNumber(0)] = TARGETS;
const targets = TARGETS.map(({ key }) => key);
const signed = alice.link(FIRST, "same");

/** A node whose own feed carries one claim of alice's behind more of others about the same targets than one answer looks at. */
const node = crowdedNode();

function crowdedNode(): RigPeer {
  const peer = new Rig().peer("node", {
    seed: carrier.seed,
    first: true,
    follow: { builders: [alice.key, bob.key] },
  });
  peer.store.page = 1_000;
  const entries: Uint8Array[] = [];
  for (const target of TARGETS) {
    for (let i = 0; i < MAX_TARGET_CLAIMS - 1; i++)
      entries.push(carrier.link(target, "same", { input: sha256(Uint8Array.of(i)) }));
  }
  peer.publish(...entries.slice(0, 2_000));
  peer.rig.pass(2_000);
  peer.publish(...entries.slice(2_000));
  peer.rig.pass(2_000);
  peer.publish(signed);
  peer.rig.pass(2_000);
  const feed = new MemoryFeed(3, NETWORK).append(bob.link(FIRST, "same"));
  peer.gossiped("feeds", feed.update(0), "x");
  return peer;
}

test("query: an answer that did not look at everything names the next page", () => {
  assert.ok(node.held(node.status().own?.origin ?? "") > MAX_FOUND_ENTRIES);
  const found: string[] = [];
  let pages = 0;
  let page: Uint8Array | null = new Uint8Array(0);
  while (page !== null) {
    const request = writeQueryRequest({ targets, digests: [], builders: [alice.key.raw], page });
    page = null;
    node.asked("query", request, "y", (bytes) => {
      assert.ok(bytes !== null);
      const answer = readQueryAnswer(bytes);
      found.push(...answer.found.map(({ entry }) => toHex(sha256(entry))));
      pages++;
      page = answer.next.length > 0 ? answer.next : null;
    });
  }
  assert.deepEqual([found, pages], [[toHex(sha256(signed))], 2]);
});

test("find: what was not looked at here is no silence, and the feeds of those asked for come first", () => {
  const ofAlice = node.find({ targets, builders: [alice.key.raw] });
  assert.deepEqual([ofAlice.found.length, ofAlice.ended], [0, false]);
  const few = node.find({ targets: targets.slice(0, 1), builders: [alice.key.raw] });
  assert.deepEqual([few.found.length, few.ended], [1, true]);
  const ofBob = node.find({ targets, builders: [bob.key.raw] });
  assert.equal(ofBob.found.length, 1);
});

/** What is remembered of feeds: copies of one claim, feeds that go, and no more than there is room for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Catalogue } from "../../../../node/api/rebuilderd/catalogue.ts";
import type { Feeds } from "../../../../node/api/rebuilderd/catalogue.ts";
import { Selector } from "../../../../node/api/rebuilderd/selection.ts";
import type { Selection } from "../../../../node/api/rebuilderd/selection.ts";
import type { Node } from "../../../../node/index.ts";
import { fromUtf8, GATEWAY_READ_ENTRIES, utf8 } from "../../../../protocol/index.ts";
import { builder } from "../../../e2e/claims.ts";
import { linkOf } from "../../../links.ts";
import { startTestNode } from "../../test-node.ts";
import { member } from "./rig.ts";

const alice = builder("alice");
const EVERYTHING = { name: null, version: null, architecture: null, distribution: null, unknown: false };

/** The node's feeds, of which `held` entries are shown. */
function feedsOf(node: Node, shown: { held: number }): Feeds {
  return {
    network: node.network,
    ask: (stream, bytes) => node.ask(stream, bytes),
    async status() {
      const status = await node.status();
      const feeds = status.feeds.map((feed) => ({ ...feed, held: Math.min(feed.held, shown.held) }));
      return { ...status, feeds: shown.held === 0 ? [] : feeds };
    },
  };
}

function seen(catalogue: Catalogue, served: ReturnType<typeof member>): Selection {
  return new Selector(catalogue, { label: "alice", builder: served }, "debian", Date.now()).select(
    EVERYTHING,
  );
}

test("of one claim in two envelopes the one is served that clients check, whichever comes first", async () => {
  const good = linkOf(alice, "hello_2.10-3_amd64.deb");
  // Anybody can put a signature beside the others, and in-toto-rs cannot read this one.
  const spoiled = utf8(fromUtf8(good).replace("[{", '[{"keyid":"ab","sig":"00"},{'));
  const node = await startTestNode();
  await node.publish([spoiled, good]);
  const served = member("alice", alice);
  const shown = { held: 1 };
  const catalogue = new Catalogue(feedsOf(node, shown), [served]);
  assert.equal(await catalogue.isReady(5_000), true);
  assert.deepEqual([...seen(catalogue, served).leftOut], [["form", 1]]);
  shown.held = 2;
  assert.equal(await catalogue.isReady(5_000), true);
  const {
    shown: [only, ...others],
    leftOut,
  } = seen(catalogue, served);
  assert.deepEqual([others.length, leftOut.size], [0, 0]);
  const octets = only === undefined ? null : await catalogue.bytesAt(only.listed);
  assert.equal(fromUtf8(octets ?? new Uint8Array()), fromUtf8(good));
});

test("a feed that is dropped takes what it said with it", async () => {
  const node = await startTestNode();
  await node.publish([linkOf(alice, "hello_2.10-3_amd64.deb")]);
  const served = member("alice", alice);
  const shown = { held: 9 };
  const catalogue = new Catalogue(feedsOf(node, shown), [served]);
  const count = async (): Promise<number> => {
    assert.equal(await catalogue.isReady(5_000), true);
    return seen(catalogue, served).shown.length;
  };
  assert.equal(await count(), 1);
  shown.held = 0;
  assert.equal(await count(), 0);
  shown.held = 9;
  assert.equal(await count(), 1);
});

test("what in a carrier's feed names a builder's key and is not signed with it is nobody's word", async () => {
  const forged = utf8(
    fromUtf8(linkOf(alice, "hello_2.10-3_amd64.deb")).replace(/"sig":"../, (sig) =>
      sig.endsWith("00") ? '"sig":"01' : '"sig":"00',
    ),
  );
  const node = await startTestNode();
  await node.publish([forged]);
  const served = member("alice", alice);
  const catalogue = new Catalogue(feedsOf(node, { held: 9 }), [served]);
  assert.equal(await catalogue.isReady(5_000), true);
  assert.equal(catalogue.shelf(served).size, 0);
});

test("no more is remembered than there is room for, and it is said", async () => {
  const node = await startTestNode();
  const links = Array.from({ length: GATEWAY_READ_ENTRIES + 4 }, (_, number) =>
    linkOf(alice, `many${number}_1.0-1_all.deb`),
  );
  await node.publish(links);
  const served = member("alice", alice);
  for (const [most, count] of [
    [links.length + 1, links.length],
    [10, GATEWAY_READ_ENTRIES],
  ] as const) {
    const catalogue = new Catalogue(feedsOf(node, { held: links.length }), [served], most);
    assert.equal(await catalogue.isReady(20_000), true);
    assert.equal(seen(catalogue, served).shown.length, count);
    assert.equal(catalogue.isFull, count < links.length);
  }
});

/** What is remembered of feeds: copies of one claim, feeds that go, and no more than there is room for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Catalogue } from "../../../../node/api/rebuilderd/catalogue.ts";
import type { Feeds } from "../../../../node/api/rebuilderd/catalogue.ts";
import { Selector } from "../../../../node/api/rebuilderd/selection.ts";
import type { Selection } from "../../../../node/api/rebuilderd/selection.ts";
import type { Node } from "../../../../node/index.ts";
import { leftOutHeader, summary } from "../../../../node/api/rebuilderd/words.ts";
import {
  buildFailed,
  buildLink,
  debTarget,
  ed25519Key,
  fromHex,
  fromUtf8,
  GATEWAY_READ_ENTRIES,
  keyIdKha,
  sealEnvelope,
  signDomain,
  utf8,
} from "../../../../protocol/index.ts";
import { builder } from "../../../e2e/claims.ts";
import type { TestBuilder } from "../../../e2e/claims.ts";
import { DIGEST, linkOf, retractionOf } from "../../../links.ts";
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
    [10, 10],
  ] as const) {
    const catalogue = new Catalogue(feedsOf(node, { held: links.length }), [served], most);
    assert.equal(await catalogue.isReady(20_000), true);
    const selection = seen(catalogue, served);
    assert.equal(selection.shown.length, count);
    assert.equal(selection.untaken, links.length - count);
    assert.equal(leftOutHeader(selection), count < links.length ? "full=250" : "0");
    const text = summary({ label: "alice", builder: served }, selection);
    assert.equal(text.includes("left out  250 claims about other files"), count < links.length);
  }
});

const HELLO = "hello_2.10-3_amd64.deb";
const OTHER = "cd".repeat(32);
const said = (digest: string): readonly [{ target: null; file: string; sha256: Uint8Array }] => [
  { target: null, file: HELLO, sha256: fromHex(digest) },
];
const sealed = (by: TestBuilder, statement: Uint8Array): Uint8Array =>
  sealEnvelope(statement, (bytes) => signDomain(by.seed, bytes), keyIdKha(ed25519Key(by.raw)));

function differsFrom(by: TestBuilder, digest: string): Uint8Array {
  const run = { step: "rebuild", reason: "other bits", materials: [], how: "built" } as const;
  return sealed(by, buildFailed(said(digest), { ...run, time: null, environment: null }));
}

test("who is full is read on: what it takes back, or says otherwise, of a file that is served counts as ever", async () => {
  const second = builder("alice's second");
  const hello = linkOf(alice, HELLO);
  const other = linkOf(second, HELLO, { sha256: OTHER });
  const same = linkOf(second, HELLO);
  const revoked = { ...member("alice", alice, second) };
  const ended = revoked.keys.map((key, number) => (number === 1 ? { ...key, until: 1 } : key));
  for (const [entries, expected, served] of [
    [[retractionOf(alice, hello, HELLO)], { retracted: 1 }],
    [[linkOf(alice, HELLO, { sha256: OTHER })], { contradicted: 1 }],
    [[other], { contradicted: 1 }],
    [[differsFrom(second, DIGEST)], { contradicted: 1 }],
    [[differsFrom(second, OTHER)], {}],
    [[same], {}],
    // Of a key that no longer counts.
    [[other], {}, { ...revoked, keys: ended }],
    // What is not remembered cannot be taken back.
    [[other, retractionOf(second, other, HELLO)], { contradicted: 1 }],
    [[other, retractionOf(alice, hello, HELLO)], { retracted: 1 }],
  ] as const) {
    const node = await startTestNode();
    await node.publish([hello, ...entries]);
    const by = served ?? member("alice", alice, second);
    const catalogue = new Catalogue(feedsOf(node, { held: 9 }), [by], 1);
    assert.equal(await catalogue.isReady(5_000), true);
    const { shown, leftOut, untaken } = seen(catalogue, by);
    assert.deepEqual(Object.fromEntries(leftOut), expected);
    assert.deepEqual([shown.length, untaken], [1 - Object.keys(expected).length, 0]);
  }
});

test("no builder takes the room that is kept for another, and beyond that whoever comes first has it", async () => {
  const bob = builder("bob");
  const many = (by: TestBuilder): readonly Uint8Array[] =>
    Array.from({ length: 9 }, (_, number) => linkOf(by, `many${number}_1.0-1_all.deb`));
  const [ofAlice, ofBob] = [many(alice), many(bob)];
  const back = retractionOf(bob, ofBob[0] ?? new Uint8Array(), HELLO);
  const node = await startTestNode();
  // Claims that are nowhere are taken back: that needs room, too, and is room of the builder's own.
  await node.publish([
    ...ofAlice,
    ...ofBob,
    back,
    retractionOf(alice, linkOf(alice, "none_1.0-1_all.deb"), HELLO),
  ]);
  const [first, second] = [member("alice", alice), member("bob", bob)];
  // One without a key that is served keeps nothing from the others.
  const keyless = { ...member("keyless"), keys: [] };
  const catalogue = new Catalogue(feedsOf(node, { held: 99 }), [first, second, keyless], 8);
  assert.equal(await catalogue.isReady(5_000), true);
  const [alices, bobs] = [seen(catalogue, first), seen(catalogue, second)];
  assert.deepEqual([alices.shown.length, alices.untaken], [6, 3]);
  assert.deepEqual([bobs.shown.length, bobs.untaken, bobs.leftOut.get("retracted")], [1, 7, 1]);
  assert.deepEqual([catalogue.shelf(first).size, catalogue.shelf(second).size], [6, 3]);
});

test("epochs are remembered of claims that are, and of no others", async () => {
  const built = { step: "rebuild", command: [], materials: [], how: "built", time: null } as const;
  const [one, two] = ["one", "two"].map((name) => {
    const target = debTarget({ namespace: "debian", name, version: "1:1.0-1", arch: "amd64" });
    const product = { target, file: target.file, sha256: fromHex(DIGEST) };
    return { file: target.file, entry: sealed(alice, buildLink([product], { ...built, environment: null })) };
  });
  if (one === undefined || two === undefined) throw new Error("links expected");
  const node = await startTestNode();
  await node.publish([one.entry, two.entry]);
  const served = member("alice", alice);
  for (const [most, last] of [
    [2, "1:1.0-1"],
    [1, null],
  ] as const) {
    const catalogue = new Catalogue(feedsOf(node, { held: 9 }), [served], most);
    assert.equal(await catalogue.isReady(5_000), true);
    assert.equal(catalogue.versionOf(one.file, DIGEST), "1:1.0-1");
    assert.equal(catalogue.versionOf(two.file, DIGEST), last);
  }
});

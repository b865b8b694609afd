/** A light peer under a rule that asks for witnesses: what it needs comes with the answers to its question, and no answerer can make it up. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { NOTE_COSIGNATURE, toSpkiPem, toVkey } from "../../../protocol/crypto/index.ts";
import { parseCosigned, withSignatureLine } from "../../../protocol/feed/index.ts";
import { MAX_FOUND_ENTRIES, MAX_PEER_COSIGNED, MAX_PEER_JOINS } from "../../../protocol/limits.ts";
import type { FindResult } from "../../../protocol/peer/index.ts";
import { readPolicy } from "../../../protocol/policy/index.ts";
import { collectFound, judge } from "../../../protocol/verdict/index.ts";
import type { Verdict } from "../../../protocol/verdict/index.ts";
import { readQueryAnswer, writeQueryAnswer, writeTilesAnswer } from "../../../protocol/wire/index.ts";
import type { QueryAnswer } from "../../../protocol/wire/index.ts";
import { digestOf, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { cosignedNote, witnessOf } from "../../witness-requests.ts";
import { alice, feed, first, FOLLOWS, said, second, secondsOf } from "./cosigning.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";
import type { Neighbour } from "./rig-peer.ts";
import { feedServer } from "./stubs.ts";

const TARGET = packageNumber(3);
const QUESTION = { targets: [TARGET.key], builders: [alice.key.raw] };

/** The rule wants alice's word, seen in a feed by both witnesses. */
const policy = readPolicy(
  [
    "version = 1",
    `[builders.alice]\nkeys = [${JSON.stringify(toSpkiPem(alice.key))}]`,
    ...[first, second].map((seed, i) => {
      const { name, raw } = witnessOf(seed, NETWORK);
      return `[witnesses.w${i}]\nkey = "${toVkey(name, raw, NOTE_COSIGNATURE)}"`;
    }),
    '[[rules]]\nname = "debian"\nmatch = "pkg:deb/debian/*"\nrequire = { k = 1, of = ["alice"] }',
    'witnesses = { k = 2, of = ["w0", "w1"] }',
  ].join("\n"),
  "policy.toml",
);

async function verdictOn(result: FindResult, now: number): Promise<Verdict> {
  const { found, cosigned, joins, evidence } = result;
  assert.deepEqual(result.heads, [], "a light peer holds no feed");
  const raw = {
    entries: found,
    envelopes: [],
    heads: cosigned.map((checkpoint) => ({ checkpoint, timed: null, complete: false })),
    joins,
    evidence,
  };
  const collected = await collectFound(raw, { policy, network: NETWORK, strict: false });
  const asked = { local: 0, mirrors: 0, peers: 1, dht: 0 };
  const artifact = { sha256: digestOf("same"), name: TARGET.file, target: TARGET, inside: TARGET };
  return judge(artifact, { ...collected, settled: "all", asked, memory: new Map() }, policy, now);
}

/** A node that holds the feed, to which the witnesses have come at these sizes. */
function node(rig: Rig, sizes: readonly number[]): RigPeer {
  const peer = rig.peer("node", FOLLOWS);
  rig.connect(peer, feedServer(rig, "source", feed));
  rig.pass(1_000);
  assert.equal(peer.held(feed.origin), 20);
  const time = secondsOf(rig);
  for (const [i, size] of sizes.entries())
    said(peer, cosignedNote(feed, size, i === 0 ? first : second, time));
  return peer;
}

/** A light peer that asks one who hands on what the node answers, changed. */
function liar(rig: Rig, honest: RigPeer, change: (answer: QueryAnswer) => Partial<QueryAnswer>): RigPeer {
  const light = rig.peer("light", { light: true });
  const middle: Neighbour = {
    name: "liar",
    light: false,
    neighbours: new Set(),
    handle: () => undefined,
    gossiped: () => null,
    asked: (stream, bytes, _from, answer) =>
      honest.asked(stream, bytes, "liar", (octets) => {
        if (stream !== "query" || octets === null) answer(octets);
        else {
          const real = readQueryAnswer(octets);
          answer(writeQueryAnswer({ ...real, ...change(real) }));
        }
      }),
  };
  rig.peers.set(middle.name, middle);
  rig.connect(light, middle);
  return light;
}

test("what witnesses cosigned comes with the answer, at smaller heads and at the very one, and the rule is met", async () => {
  for (const sizes of [
    [20, 20],
    [5, 13],
    [20, 4],
  ]) {
    const rig = new Rig();
    const holder = node(rig, sizes);
    const light = rig.peer("light", { light: true });
    rig.connect(light, holder);
    const result = light.find(QUESTION, true);
    assert.equal(result.cosigned.length, 2);
    const verdict = await verdictOn(result, rig.now);
    assert.equal(verdict.verdict, "reproduced", JSON.stringify(verdict.votes));
    assert.deepEqual(verdict.votes[0]?.witnesses, { saw: ["w0", "w1"], count: 2, needed: 2 });
  }
});

test("a head that was cosigned before the claim stood in it counts for nothing", async () => {
  const rig = new Rig();
  const holder = node(rig, [20, 3]);
  const light = rig.peer("light", { light: true });
  rig.connect(light, holder);
  const verdict = await verdictOn(light.find(QUESTION, true), rig.now);
  assert.deepEqual([verdict.verdict, verdict.votes[0]?.witnesses?.saw], ["pending", ["w0"]]);
});

test("an answerer that lies can leave witnesses out, and make none up", async () => {
  const forged = new MemoryFeed(1, NETWORK).append(...feed.entries.slice(0, 5));
  const line = cosignedNote(feed, 20, second, Math.floor(Date.UTC(2026, 0, 1) / 1_000));
  const lies: readonly [string, (answer: QueryAnswer) => Partial<QueryAnswer>][] = [
    ["left out", () => ({ cosigned: [] })],
    ["no joins", () => ({ joins: [] })],
    ["joins without proofs", ({ joins }) => ({ joins: joins.map((join) => ({ ...join, proof: [] })) })],
    [
      "joins that are others'",
      ({ joins }) => ({ joins: joins.map(({ proof }) => ({ small: 0, large: 0, proof })) }),
    ],
    [
      "a line moved to another head",
      () => ({ cosigned: [withSignatureLine(forged.note(), parseCosigned(line).line)] }),
    ],
    ["another's line under the name", () => ({ cosigned: [cosignedNote(feed, 13, alice.seed, 1)] })],
    ["octets", () => ({ cosigned: [new Uint8Array(50).fill(255)] })],
  ];
  for (const [name, change] of lies) {
    const rig = new Rig();
    const holder = node(rig, [5, 13]);
    const light = liar(rig, holder, change);
    const verdict = await verdictOn(light.find(QUESTION, true), rig.now);
    assert.equal(verdict.verdict, "pending", name);
    // Beside an honest one the lie changes nothing.
    rig.connect(light, holder);
    const both = await verdictOn(light.find(QUESTION, true), rig.now);
    assert.equal(both.verdict, "reproduced", `${name}, beside an honest one`);
  }
});

test("an entry with a bad proof keeps out no good one, whichever peer answers first", async () => {
  const rig = new Rig();
  const holder = node(rig, [5, 13]);
  const light = liar(rig, holder, ({ found }) => ({ found: found.map((one) => ({ ...one, path: [] })) }));
  assert.equal((await verdictOn(light.find(QUESTION, true), rig.now)).verdict, "pending");
  rig.connect(light, holder);
  assert.equal((await verdictOn(light.find(QUESTION, true), rig.now)).verdict, "reproduced");
});

test("one peer tells so much of what witnesses saw, however many pages it has", () => {
  const rig = new Rig();
  const light = rig.peer("light", { light: true });
  let page = 0;
  const flood = rig.stub("flood", (stream) => {
    if (stream !== "query") return writeTilesAnswer({ blobs: [], next: 0, code: "" });
    page++;
    const note = (i: number): Uint8Array => new TextEncoder().encode(`note ${page} ${i}`);
    return writeQueryAnswer({
      found: [],
      checkpoints: [],
      cosigned: Array.from({ length: MAX_PEER_COSIGNED }, (_, i) => note(i)),
      joins: Array.from({ length: MAX_PEER_JOINS }, (_, i) => ({ small: i, large: i, proof: [] })),
      next: Uint8Array.of(1),
      code: "",
    });
  });
  rig.connect(light, flood);
  const { cosigned, joins } = light.find(QUESTION, true);
  assert.ok(page > 1 && page < MAX_FOUND_ENTRIES);
  assert.deepEqual([cosigned.length, joins.length], [MAX_PEER_COSIGNED, MAX_PEER_JOINS]);
});

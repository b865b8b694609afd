import assert from "node:assert/strict";
import { test } from "node:test";
import { origin, verifyEntry } from "../../../protocol/feed/index.ts";
import { MAX_FIND_PEERS } from "../../../protocol/limits.ts";
import { writeQueryAnswer, writeTilesAnswer } from "../../../protocol/wire/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";

const alice = new Builder(1);
const bob = new Builder(2);
const TARGET = packageNumber(1);
const QUESTION = { targets: [TARGET.key], builders: [alice.key.raw, bob.key.raw] };
const ALICE = origin(NETWORK, alice.key.raw);

function publisher(rig: Rig, builder: Builder, name: string): RigPeer {
  return rig.peer(name, { seed: builder.seed, first: true });
}

test("a light peer finds what connected peers hold, with proofs that hold", () => {
  const rig = new Rig();
  const a = publisher(rig, alice, "a");
  const node = rig.peer("node", { followAll: true });
  const light = rig.peer("light", { light: true });
  rig.connect(a, node);
  a.publish(alice.link(TARGET, "same"), alice.link(packageNumber(2), "x"));
  rig.connect(light, node);
  const result = light.find(QUESTION, true);
  assert.equal(result.ended, true);
  assert.equal(result.found.length, 1);
  const [found] = result.found;
  assert.ok(found !== undefined && verifyEntry(found, NETWORK).head.origin === ALICE);
  assert.deepEqual(result.peers, { asked: 1, replied: 1 });
  assert.equal(light.status().feeds.length, 0);
});

test("records outlive their publisher and half of those who store them", () => {
  const rig = new Rig();
  const a = publisher(rig, alice, "a");
  const storers = Array.from({ length: 6 }, (_, i) => rig.peer(`s${i}`));
  for (const storer of storers) rig.connect(a, storer);
  a.publish(alice.link(TARGET, "same"));
  rig.pass(5_000);
  assert.ok(
    storers.every((storer) => storer.status().records === 2),
    "two copies at each of them",
  );
  for (const gone of [a, ...storers.slice(0, 3)]) {
    gone.stop();
    rig.peers.delete(gone.name);
  }
  const light = rig.peer("light", { light: true });
  const result = light.find(QUESTION, true);
  assert.equal(result.found.length, 1);
  assert.equal(result.ended, true);
  assert.deepEqual(result.peers, { asked: 0, replied: 0 });
  assert.equal(result.dht.replied, 3);
});

test("the sweep survives a restart, and stores again before records expire", () => {
  const rig = new Rig();
  const a = publisher(rig, alice, "a");
  a.publish(...Array.from({ length: 70 }, (_, i) => alice.link(packageNumber(i), "same")));
  a.start(false);
  const storer = rig.peer("s");
  rig.connect(a, storer);
  rig.pass(5_000);
  assert.equal(storer.status().records, 140);
  const asks = (): number =>
    a.seen.filter((effect) => effect.kind === "ask" && effect.stream === "records").length;
  const before = asks();
  a.start(false);
  rig.pass(30_000);
  assert.equal(asks(), before, "what is stored is not stored again at once");
  for (let day = 0; day < 6; day++) rig.pass(12 * 3_600_000);
  rig.pass(60_000);
  assert.ok(asks() > before);
  assert.equal(storer.status().records, 140, "none has expired");
});

test("a publisher that never pauses stores its records all the same, in few questions", () => {
  const rig = new Rig();
  const a = publisher(rig, alice, "a");
  const storer = rig.peer("s");
  rig.connect(a, storer);
  for (let i = 0; i < 20; i++) {
    a.publish(alice.link(packageNumber(i), "same"));
    rig.pass(500);
  }
  const asks = a.seen.filter((effect) => effect.kind === "ask" && effect.stream === "records").length;
  assert.ok(asks >= 2 && asks <= 4, `${asks} questions in 10 s`);
  assert.ok(storer.status().records >= 20, `${storer.status().records} records of 40 after 10 s`);
});

test("silent peers cost one second, not the deadline; at most eight are asked (R20)", () => {
  const rig = new Rig();
  const light = rig.peer("light", { light: true });
  for (let i = 0; i < 12; i++)
    rig.connect(
      light,
      rig.stub(`silent ${i}`, () => "silent"),
    );
  const began = rig.now;
  const ticket = light.command({
    do: "find",
    question: { ...QUESTION, digests: [] },
    network: true,
    deadline: rig.now + 5_000,
  });
  assert.equal(ticket, null);
  const done = (): boolean => light.seen.some((effect) => effect.kind === "done");
  while (!done()) rig.pass(100);
  assert.ok(rig.now - began <= 1_300, `${rig.now - began} ms`);
  const asked = light.seen.filter((effect) => effect.kind === "ask" && effect.stream === "query");
  assert.equal(asked.length, MAX_FIND_PEERS);
});

test("the deadline ends a find that has not ended, and says so", () => {
  const rig = new Rig();
  const light = rig.peer("light", { light: true });
  rig.connect(
    light,
    rig.stub("silent", () => "silent"),
  );
  light.fault = (effect) => (effect.kind === "lookup" ? "hang" : null);
  const result = light.find(QUESTION, true);
  assert.equal(result.ended, false);
  assert.deepEqual(result.peers, { asked: 1, replied: 0 });
});

test("junk answers are dropped with their senders; strangers' entries do not take room", () => {
  const rig = new Rig();
  const a = publisher(rig, alice, "a");
  a.publish(alice.link(TARGET, "same"));
  const light = rig.peer("light", { light: true });
  rig.connect(light, a);
  rig.connect(
    light,
    rig.stub("junk", () => new TextEncoder().encode("junk")),
  );
  const stranger = {
    entry: new Uint8Array(9),
    signer: new Uint8Array(32),
    index: 0,
    path: [],
    checkpoint: 0,
  };
  const flood = writeQueryAnswer({
    found: Array.from({ length: 4_000 }, () => stranger),
    checkpoints: [new Uint8Array(100)],
    cosigned: [],
    joins: [],
    next: Uint8Array.of(1),
    code: "",
  });
  rig.connect(
    light,
    rig.stub("flood", (stream) =>
      stream === "query" ? flood : writeTilesAnswer({ blobs: [], next: 0, code: "" }),
    ),
  );
  const result = light.find(QUESTION, true);
  assert.equal(result.found.length, 1);
  assert.ok(light.dropped.has("junk"));
  assert.equal(light.status().counters.get("internal/impossible"), undefined);
});

test("without network only what is held here is asked, and evidence against the builders is there", () => {
  const rig = new Rig();
  const node = rig.peer("node", { follow: { builders: [alice.key, bob.key] } });
  const a = publisher(rig, alice, "a");
  rig.connect(a, node);
  a.publish(alice.link(TARGET, "one"), alice.link(TARGET, "two"));
  const result = node.find(QUESTION);
  assert.equal(result.ended, true);
  assert.equal(result.found.length, 2);
  assert.equal(result.evidence.length, 1);
  assert.deepEqual(
    result.heads.map((head) => [head.origin, head.size, head.held]),
    [[ALICE, 2, 2]],
  );
  assert.ok(!node.seen.some((effect) => effect.kind === "lookup"));
});

test("junk under a builder's own name fills no answer: one peer has its share (R23)", () => {
  const rig = new Rig();
  const light = rig.peer("light", { light: true });
  const junk = writeQueryAnswer({
    found: Array.from({ length: 4_000 }, (_, i) => {
      const entry = new TextEncoder().encode(`junk ${i}`);
      return { entry, signer: alice.key.raw, index: i, path: [], checkpoint: 0 };
    }),
    checkpoints: [new Uint8Array(100)],
    cosigned: [],
    joins: [],
    next: Uint8Array.of(1),
    code: "",
  });
  rig.connect(
    light,
    rig.stub("flood", (stream) => (stream === "query" ? junk : null)),
  );
  const a = publisher(rig, alice, "a");
  a.publish(alice.link(TARGET, "same"));
  rig.connect(light, a);
  const result = light.find(QUESTION, true);
  assert.ok(result.found.length < 100, `${result.found.length} entries`);
  assert.ok(result.found.some(({ entry }) => entry.length > 100));
  assert.equal(result.ended, true);
});

test("a question with more keys than are looked up has not ended", () => {
  const rig = new Rig();
  const light = rig.peer("light", { light: true });
  const targets = Array.from({ length: 33 }, (_, i) => packageNumber(i).key);
  assert.equal(light.find({ targets: targets.slice(1) }, true).ended, true);
  assert.equal(light.find({ targets }, true).ended, false);
});

/** The picture of a node's index, of real nodes: what is counted, what is not, and what a restarted node knows. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node, NodeConfig } from "../../../node/index.ts";
import {
  buildFailed,
  buildRetraction,
  claimId,
  ed25519Key,
  parseAttestation,
  sealEnvelope,
  signDomain,
} from "../../../protocol/index.ts";
import { builder, claim, packageTarget } from "../../e2e/claims.ts";
import type { TestBuilder } from "../../e2e/claims.ts";
import { newFolder } from "../folder.ts";
import { startTestNode } from "../test-node.ts";

const [alice, bob, carol, mallory] = ["alice", "bob", "carol", "mallory"].map(builder) as [
  TestBuilder,
  TestBuilder,
  TestBuilder,
  TestBuilder,
];

function policyOf(
  ...builders: readonly (readonly [TestBuilder, string])[]
): NonNullable<NodeConfig["policies"]> {
  return [
    {
      name: "policy.toml",
      sha256: "ab".repeat(32),
      text: "",
      builders: builders.map(([{ hex }, operator]) => ({
        name: operator,
        operator,
        roles: [],
        keys: [hex],
        feeds: [],
      })),
    },
  ];
}

/** A carrier of what these builders sign. */
async function carrier(changes: Partial<NodeConfig> = {}): Promise<Node> {
  const builders = [alice, bob, carol].map(({ raw }) => ed25519Key(raw));
  return startTestNode({
    follow: { all: false, origins: [], builders },
    policies: policyOf([alice, "a"], [bob, "b"], [carol, "c"]),
    ...changes,
  });
}

test("picture: targets by agreement and by number of builders, each builder, each two", async () => {
  const node = await carrier();
  await node.publish([
    ...[alice, bob, carol].map((by) => claim(by, "same", "x")),
    ...[alice, bob, carol].map((by) => claim(by, "most", by === carol ? "y" : "x")),
    ...[alice, bob, carol].map((by) => claim(by, "apart", by.hex)),
    claim(alice, "alone", "x"),
  ]);
  assert.equal(node.picture.view().time, null);
  const { unchecked } = await node.picture.look(1);
  assert.equal(unchecked, 0);
  const { targets, agreement, byBuilders, builders, pairs, history, time } = node.picture.view();
  assert.equal(targets, 4);
  assert.deepEqual(agreement, { same: 1, majority: 1, split: 0, different: 1, single: 1 });
  assert.deepEqual(byBuilders, [
    { builders: 1, targets: 1 },
    { builders: 3, targets: 3 },
  ]);
  const of = (by: TestBuilder) => builders.find(({ key }) => key === by.hex);
  assert.deepEqual(of(alice), { key: alice.hex, targets: 4, same: 2, different: 1, failed: 0 });
  assert.deepEqual(of(carol), { key: carol.hex, targets: 3, same: 1, different: 2, failed: 0 });
  const pair = pairs.find(({ a, b }) => [a, b].includes(alice.hex) && [a, b].includes(bob.hex));
  assert.deepEqual([pair?.same, pair?.different], [2, 1]);
  assert.deepEqual(history, [{ time, targets: 4, ...agreement }]);
});

test("picture: what is not signed by whom it names, and what strangers sign, is not counted", async () => {
  const node = await carrier();
  const forged = JSON.parse(Buffer.from(claim(bob, "hello", "y")).toString()) as {
    signatures: { sig: string }[];
  };
  const other = JSON.parse(Buffer.from(claim(mallory, "hello", "y")).toString()) as {
    signatures: { sig: string }[];
  };
  forged.signatures[0] = { ...forged.signatures[0], sig: other.signatures[0]?.sig ?? "" };
  await node.publish([
    claim(alice, "hello", "x"),
    new TextEncoder().encode(JSON.stringify(forged)),
    claim(mallory, "hello", "z"),
  ]);
  await node.picture.look(1);
  const { agreement, builders } = node.picture.view();
  assert.deepEqual(agreement, { same: 0, majority: 0, split: 0, different: 0, single: 1 });
  assert.deepEqual(
    builders.map(({ key }) => key),
    [alice.hex],
  );
});

test("picture: keys of one operator are one voice; failures have none", async () => {
  const node = await carrier({ policies: policyOf([alice, "a"], [bob, "a"], [carol, "c"]) });
  const target = packageTarget("hello");
  const failed = buildFailed([{ target, file: target.file, sha256: null }], {
    step: "rebuild",
    reason: "no",
    materials: [],
    how: "built",
    time: null,
    environment: null,
  });
  await node.publish([
    claim(alice, "hello", "x"),
    claim(bob, "hello", "x"),
    sealEnvelope(failed, (bytes) => signDomain(carol.seed, bytes), carol.hex),
  ]);
  await node.picture.look(1);
  const { agreement, byBuilders, builders } = node.picture.view();
  assert.equal(agreement.single, 1);
  assert.deepEqual(byBuilders, [{ builders: 1, targets: 1 }]);
  assert.equal(builders.find(({ key }) => key === carol.hex)?.failed, 1);
});

/** Takes back this claim about the package. */
function retraction(by: TestBuilder, name: string, id: string): Uint8Array {
  const target = packageTarget(name);
  return sealEnvelope(
    buildRetraction([{ target, file: target.file, sha256: null }], {
      retracts: [id],
      reason: "typo",
      replacedBy: null,
      time: null,
    }),
    (bytes) => signDomain(by.seed, bytes),
    by.hex,
  );
}

/** By its key: whether what a builder said of the first target is taken back. */
async function retractedOn(node: Node): Promise<ReadonlyMap<string, boolean>> {
  const { targets } = await node.picture.matrix({ show: "all", prefix: "", after: null, limit: 10 });
  return new Map(targets[0]?.cells.map((cell) => [cell.builder, cell.retracted]));
}

test("picture: what its builder has taken back has no vote, whoever else claims to take it back", async () => {
  const node = await carrier();
  const wrong = claim(alice, "hello", "wrong");
  const id = claimId(alice.raw, parseAttestation(wrong).signedBytes);
  await node.publish([
    wrong,
    claim(bob, "hello", "x"),
    claim(carol, "hello", "x"),
    retraction(bob, "hello", id),
  ]);
  await node.picture.look(1);
  assert.equal(node.picture.view().agreement.majority, 1);
  await node.publish([retraction(alice, "hello", id)]);
  await node.picture.look(1);
  assert.equal(node.picture.view().agreement.same, 1);
  const retracted = await retractedOn(node);
  assert.deepEqual(
    [retracted.get(alice.hex), retracted.get(bob.hex), retracted.get(carol.hex)],
    [true, false, false],
  );
  assert.equal(retracted.size, 3);
});

test("picture: another key of the same builder takes back, another builder of the same operator does not (R17)", async () => {
  const [policy] = policyOf([carol, "c"]);
  assert.ok(policy);
  const own = { operator: "uni", roles: [], feeds: [] };
  const separate = [alice, bob].map(({ hex }) => ({ ...own, name: `of ${hex}`, keys: [hex] }));
  const together = [{ ...own, name: "both", keys: [alice.hex, bob.hex] }];
  const wrong = claim(alice, "hello", "wrong");
  const id = claimId(alice.raw, parseAttestation(wrong).signedBytes);
  for (const [builders, isTaken] of [[separate, false] as const, [together, true] as const]) {
    const node = await carrier({ policies: [{ ...policy, builders: [...policy.builders, ...builders] }] });
    await node.publish([wrong, claim(carol, "hello", "x"), retraction(bob, "hello", id)]);
    await node.picture.look(1);
    const { different, single } = node.picture.view().agreement;
    assert.deepEqual([different, single], isTaken ? [0, 1] : [1, 0]);
    assert.equal((await retractedOn(node)).get(alice.hex), isTaken);
  }
});

test("picture: a restarted node shows the last one at once, with its time", async () => {
  const dataDir = await newFolder();
  const first = await carrier({ dataDir });
  await first.publish([claim(alice, "hello", "x"), claim(bob, "hello", "y")]);
  await first.picture.look(1);
  const before = first.picture.view();
  const grown = first.picture.grown(first.origin ?? "");
  assert.deepEqual(
    grown.map(({ size }) => size),
    [2],
  );
  await first.close();
  const again = await carrier({ dataDir });
  assert.deepEqual(again.picture.view(), before);
  assert.deepEqual(again.picture.grown(again.origin ?? ""), grown);
});

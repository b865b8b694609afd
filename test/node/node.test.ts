import assert from "node:assert/strict";
import { test } from "node:test";
import { lightConfig } from "../../node/index.ts";
import { NodeError } from "../../node/errors.ts";
import { ed25519Key, toHex, verifyEntry } from "../../protocol/index.ts";
import { builder, claim, packageTarget } from "../e2e/claims.ts";
import { newFolder } from "./folder.ts";
import { octets, startPeer, until } from "./mesh/peers.ts";
import { startTestNode } from "./test-node.ts";

const alice = builder("alice");
const followAlice = { all: false, origins: [], builders: [ed25519Key(alice.raw)] };
const askAlice = (
  name: string,
): { targets: Uint8Array[]; digests: Uint8Array[]; builders: Uint8Array[] } => ({
  targets: [packageTarget(name).key],
  digests: [],
  builders: [alice.raw],
});
const local = { network: false, deadlineMs: 5_000 };
const SOME = { limit: 10, onlyProven: false };

test("node: a carrier feed begins by itself, takes what it is handed, and is there after a restart", async () => {
  const dataDir = await newFolder();
  const node = await startTestNode({ dataDir });
  const [entry] = await node.publish([claim(alice, "hello", "bits")]);
  assert.deepEqual(entry, { origin: node.origin, index: 0, known: false });
  const { peerId, origin } = node;
  await node.close();
  const again = await startTestNode({ dataDir, follow: followAlice });
  assert.deepEqual([again.peerId, again.origin], [peerId, origin]);
  const [known] = await again.publish([claim(alice, "hello", "bits")]);
  assert.deepEqual(known, { origin, index: 0, known: true });
  const [next] = await again.publish([claim(alice, "other", "bits")]);
  assert.deepEqual(next, { origin, index: 1, known: false });
});

test("node: what no feed takes is refused, and the feed goes on", async () => {
  const node = await startTestNode({});
  await assert.rejects(
    node.publish([octets("not an attestation")]),
    (error: Error) => "code" in error && !(error instanceof NodeError),
  );
  await node.publish([claim(alice, "hello", "bits")]);
  assert.equal((await node.status()).own?.size, 1);
});

test("node: a light peer without a data folder finds what a node holds, and proves it", async () => {
  const node = await startTestNode({ publishKey: alice.pem, first: true });
  await node.publish([claim(alice, "hello", "bits")]);
  const light = await startTestNode({ ...lightConfig("test", node.listen), log: "silent" });
  assert.equal(light.origin, null);
  const result = await light.query(askAlice("hello"), { network: true, deadlineMs: 5_000 });
  assert.equal(result.ended, true);
  assert.equal(result.found.length > 0, true);
  for (const found of result.found) {
    assert.equal(toHex(found.signer), alice.hex);
    assert.equal(verifyEntry(found, "test").head.origin, node.origin);
  }
  const nothing = await light.query(askAlice("unheard-of"), { network: true, deadlineMs: 5_000 });
  assert.deepEqual([nothing.found.length, nothing.ended], [0, true]);
});

test("node: findings can be read again from any number on, and followed", async () => {
  const node = await startTestNode({ publishKey: alice.pem, first: true, follow: followAlice });
  await node.publish([claim(alice, "hello", "these bits")]);
  await until("the first claim", async () => (await node.query(askAlice("hello"), local)).found.length === 1);
  const enough = new AbortController();
  const seen: number[] = [];
  const following = (async () => {
    for await (const finding of node.events(0, enough.signal)) seen.push(finding.number);
  })();
  await node.publish([claim(alice, "hello", "those bits")]);
  await until("the finding", async () => seen.length === 1);
  const [finding] = (await node.findings(0, SOME)).findings;
  assert.equal(finding?.kind, "self-contradiction");
  assert.ok(finding.evidence !== null && finding.evidence.length > 0);
  assert.deepEqual((await node.findings(finding.number, SOME)).findings, []);
  assert.equal(finding.acknowledged, null);
  const before = Date.now();
  await node.acknowledge(finding.id, "seen");
  const [noted] = (await node.findings(0, SOME)).findings;
  assert.equal(noted?.acknowledged?.note, "seen");
  assert.ok((noted.acknowledged.time ?? 0) >= before - 1_000);
  assert.deepEqual(await node.acknowledged(finding.id), noted.acknowledged);
  await assert.rejects(node.acknowledge("00".repeat(32), "seen"), { code: "peer/no-such-finding" });
  enough.abort();
  await following;
  assert.deepEqual(seen, [finding.number]);
});

test("node: who gossips what its bytes alone show to be wrong is hung up on; who passes on what is right is not", async () => {
  const node = await startTestNode({ follow: { ...followAlice, all: true } });
  const honest = await startTestNode({ bootstrap: node.listen, publishKey: alice.pem, first: true });
  const attacker = await startPeer([], { bootstrap: node.listen });
  // Of two that call each other at once there may be two connections for a while.
  const company = (): number => new Set(node.peers().map(({ peer }) => peer)).size;
  await until("company", async () => company() === 2 && attacker.joined.has(node.peerId));
  await honest.publish([claim(alice, "hello", "bits")]);
  let tries = 0;
  await until("the attacker is gone", async () => {
    if (tries++ % 25 === 0) attacker.mesh.gossip("feeds", octets(`junk ${tries}`));
    return !node.peers().some(({ peer }) => peer === attacker.mesh.self);
  });
  await assert.rejects(attacker.mesh.ask(node.peerId, "tiles", octets("?"), 1_000));
  assert.equal(
    node.peers().some(({ peer }) => peer === honest.peerId),
    true,
  );
});

test("node: junk on a stream is refused, and the next question is answered", async () => {
  const node = await startTestNode({});
  const other = await startPeer([], { bootstrap: node.listen });
  await until("company", async () => other.joined.has(node.peerId));
  for (const stream of ["tiles", "query", "records"] as const) {
    for (const junk of [octets("junk"), new Uint8Array(), new Uint8Array(100_000).fill(255)]) {
      await other.mesh
        .ask(node.peerId, stream, junk, 5_000)
        .catch((error: unknown) => assert.ok(error instanceof NodeError));
    }
  }
  assert.equal((await node.status()).own?.state, "open");
});

test("node: what cannot be started says why, and leaves nothing behind", async () => {
  const dataDir = await newFolder();
  await assert.rejects(startTestNode({ dataDir, listen: ["nonsense"] }), { code: "config/bad-address" });
  await assert.rejects(startTestNode({ dataDir, publishKey: "nonsense" }), { code: "data/bad-key" });
  await assert.rejects(startTestNode({ dataDir, network: "Not A Name" }), { code: "config/bad-network" });
  const node = await startTestNode({ dataDir });
  await assert.rejects(startTestNode({ dataDir }), { code: "store/locked" });
  assert.equal((await node.status()).own?.state, "open");
});

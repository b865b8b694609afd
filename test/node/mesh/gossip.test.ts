import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_GOSSIP_BYTES } from "../../../protocol/index.ts";
import { octets, startPeer, until } from "./peers.ts";
import type { TestPeer } from "./peers.ts";

/** Three peers of which the outer ones can call the middle one, and not each other. */
async function line(): Promise<{ a: TestPeer; b: TestPeer; c: TestPeer }> {
  const b = await startPeer([]);
  return { a: await startPeer([b], { listen: [] }), b, c: await startPeer([b], { listen: [] }) };
}

test("gossip: a line of three passes on what the middle accepts, of every topic", async () => {
  const { a, b, c } = await line();
  for (const topic of ["feeds", "evidence", "cosignatures", "domains"] as const) {
    let tries = 0;
    await until(`${topic} at c`, () => {
      // The mesh forms at heartbeats; what is sent before reaches only who is there.
      if (tries++ % 25 === 0) a.mesh.gossip(topic, octets(`hello ${tries}`));
      return (
        b.heard.some((heard) => heard.startsWith(topic)) && c.heard.some((heard) => heard.startsWith(topic))
      );
    });
  }
});

test("gossip: what the middle ignores or rejects goes no further", async () => {
  const { a, b, c } = await line();
  let tries = 0;
  await until("the mesh", () => {
    if (tries++ % 25 === 0) a.mesh.gossip("feeds", octets(`hello ${tries}`));
    return c.heard.length > 0;
  });
  b.judgement = "ignore";
  a.mesh.gossip("feeds", octets("ignored"));
  await until("the ignored message at b", () => b.heard.includes("feeds: ignored"));
  b.judgement = "reject";
  a.mesh.gossip("feeds", octets("rejected"));
  await until("the rejected message at b", () => b.heard.includes("feeds: rejected"));
  b.judgement = "accept";
  b.mesh.gossip("feeds", octets("after"));
  await until("the message after at c", () => c.heard.includes("feeds: after"));
  assert.equal(
    c.heard.some((heard) => heard.endsWith("ignored") || heard.endsWith("rejected")),
    false,
  );
});

test("gossip: a message over the limit never reaches the listener, and one at the limit does", async () => {
  const a = await startPeer([]);
  const b = await startPeer([a]);
  let tries = 0;
  await until("the mesh", () => {
    if (tries++ % 25 === 0) a.mesh.gossip("feeds", octets(`hello ${tries}`));
    return b.heard.length > 0;
  });
  a.mesh.gossip("feeds", new Uint8Array(MAX_GOSSIP_BYTES + 1).fill(97));
  a.mesh.gossip("feeds", new Uint8Array(MAX_GOSSIP_BYTES).fill(98));
  await until("the longest message", () => b.heard.some((heard) => heard.startsWith("feeds: bbb")));
  assert.equal(
    b.heard.some((heard) => heard.startsWith("feeds: aaa")),
    false,
  );
});

test("gossip: networks do not mix", async () => {
  const a = await startPeer([]);
  const other = await startPeer([a], { network: "other" });
  const b = await startPeer([a]);
  let tries = 0;
  await until("the message at b", () => {
    if (tries++ % 25 === 0) a.mesh.gossip("feeds", octets(`hello ${tries}`));
    return b.heard.length > 0;
  });
  assert.deepEqual([other.heard, [...other.joined]], [[], []]);
  assert.equal(a.joined.has(other.mesh.self), false);
});

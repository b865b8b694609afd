import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_STREAM_BYTES } from "../../../protocol/index.ts";
import { octets, startPeer, until } from "./peers.ts";

test("streams: a question is answered, again and again on the kept stream", async () => {
  const a = await startPeer([]);
  const b = await startPeer([a]);
  await until("both joined", () => a.joined.has(b.mesh.self) && b.joined.has(a.mesh.self));
  for (let i = 0; i < 20; i++) {
    const answer = await b.mesh.ask(a.mesh.self, "tiles", octets(`question ${i}`), 5_000);
    assert.equal(Buffer.from(answer).toString(), `question ${i}`);
  }
  const many = await Promise.all(
    Array.from({ length: 8 }, (_, i) => a.mesh.ask(b.mesh.self, "query", octets(`${i}`), 5_000)),
  );
  assert.deepEqual(
    many.map((answer) => Buffer.from(answer).toString()),
    ["0", "1", "2", "3", "4", "5", "6", "7"],
  );
});

test("streams: the longest answer arrives whole, an empty one too", async () => {
  const a = await startPeer([]);
  const b = await startPeer([a]);
  a.answer = async (bytes) => new Uint8Array(bytes[0] === 1 ? MAX_STREAM_BYTES : 0).fill(7);
  for (let i = 0; i < 4; i++) {
    const long = await b.mesh.ask(a.mesh.self, "tiles", Uint8Array.of(1), 10_000);
    assert.equal(long.length, MAX_STREAM_BYTES);
    assert.ok(long.every((octet) => octet === 7));
    assert.equal((await b.mesh.ask(a.mesh.self, "tiles", Uint8Array.of(2), 5_000)).length, 0);
  }
});

test("streams: questions and answers that are too long are refused on both sides", async () => {
  const a = await startPeer([]);
  const b = await startPeer([a]);
  a.answer = async () => new Uint8Array(MAX_STREAM_BYTES + 1);
  await assert.rejects(b.mesh.ask(a.mesh.self, "tiles", octets("?"), 5_000), { code: "mesh/refused" });
  await assert.rejects(b.mesh.ask(a.mesh.self, "tiles", new Uint8Array(MAX_STREAM_BYTES + 1), 5_000), {
    code: "mesh/too-big",
  });
});

test("streams: refusals, silence and absence are told apart, and cost no later question", async () => {
  const a = await startPeer([]);
  const b = await startPeer([a]);
  const stuck = Promise.withResolvers<Uint8Array>();
  a.answer = (bytes) => (bytes[0] === 63 ? Promise.reject(new Error("no")) : stuck.promise);
  await assert.rejects(b.mesh.ask(a.mesh.self, "tiles", octets("?"), 5_000), { code: "mesh/refused" });
  await assert.rejects(b.mesh.ask(a.mesh.self, "tiles", octets("!"), 300), { code: "mesh/timeout" });
  a.answer = async (bytes) => bytes;
  assert.equal((await b.mesh.ask(a.mesh.self, "tiles", octets("ok"), 5_000)).length, 2);
  stuck.resolve(octets("late"));
  const nobody = "12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8";
  await assert.rejects(b.mesh.ask(nobody, "tiles", octets("?"), 2_000), { code: "mesh/unreachable" });
});

test("streams: a light peer asks, and is asked by nobody", async () => {
  const a = await startPeer([]);
  const light = await startPeer([a], { light: true, listen: [] });
  await until("the light peer joined", () => light.joined.has(a.mesh.self));
  assert.equal((await light.mesh.ask(a.mesh.self, "query", octets("hi"), 5_000)).length, 2);
  await assert.rejects(a.mesh.ask(light.mesh.self, "query", octets("hi"), 2_000), {
    code: "mesh/unreachable",
  });
  assert.equal(a.joined.has(light.mesh.self), false);
});

test("streams: who was dropped is hung up on and cannot come back for as long as said", async () => {
  const a = await startPeer([]);
  const b = await startPeer([a]);
  await until("joined", () => a.joined.has(b.mesh.self) && b.joined.has(a.mesh.self));
  a.mesh.drop(b.mesh.self, 60_000);
  await until("left", () => !a.joined.has(b.mesh.self) && !b.joined.has(a.mesh.self));
  await assert.rejects(b.mesh.ask(a.mesh.self, "tiles", octets("?"), 1_000));
  await assert.rejects(a.mesh.ask(b.mesh.self, "tiles", octets("?"), 1_000));
});

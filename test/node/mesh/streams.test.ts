import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_ANSWERS, MAX_QUESTION_BYTES, MAX_STREAM_BYTES } from "../../../protocol/index.ts";
import { Refused } from "../../../node/errors.ts";
import { octets, startPeer, until } from "./peers.ts";
import type { TestPeer } from "./peers.ts";

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
  // What the engine asks again later has the code that it knows.
  for (const code of ["peer/busy", "peer/over-budget"]) {
    a.answer = () => Promise.reject(new Refused(code, "no time"));
    await assert.rejects(b.mesh.ask(a.mesh.self, "tiles", octets("?"), 5_000), { code });
  }
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

test("streams: more questions than the other end takes at once wait their turn, and are all answered", async () => {
  const a = await startPeer([]);
  const b = await startPeer([a]);
  let most = 0;
  let now = 0;
  a.answer = async (bytes) => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setImmediate(resolve));
    now--;
    return bytes;
  };
  const longest = new Uint8Array(MAX_QUESTION_BYTES.records).fill(1);
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, i) =>
      b.mesh.ask(a.mesh.self, "records", i === 0 ? longest : Uint8Array.of(i), 20_000),
    ),
  );
  assert.deepEqual(
    answers.map((answer) => answer.length),
    [longest.length, ...Array.from({ length: 11 }, () => 1)],
  );
  assert.ok(most <= 2, `${most} at once`);
});

test("streams: a question whose turn never comes is given up in time, and blocks nobody", async () => {
  const a = await startPeer([]);
  const b = await startPeer([a]);
  const stuck = Promise.withResolvers<Uint8Array>();
  a.answer = () => stuck.promise;
  const late = Array.from({ length: 6 }, () => b.mesh.ask(a.mesh.self, "records", octets("?"), 400));
  for (const each of late) await assert.rejects(each, { code: "mesh/timeout" });
  stuck.resolve(octets("late"));
  a.answer = async (bytes) => bytes;
  assert.equal((await b.mesh.ask(a.mesh.self, "records", octets("ok"), 5_000)).length, 2);
});

test("streams: beyond MAX_ANSWERS under way, questions are refused, not kept", async () => {
  const a = await startPeer([]);
  const askers: TestPeer[] = [];
  for (let i = 0; i < 10; i++) askers.push(await startPeer([a], { light: true, listen: [] }));
  const stuck = Promise.withResolvers<Uint8Array>();
  let reached = 0;
  a.answer = () => {
    reached++;
    return stuck.promise;
  };
  const outcomes: string[] = [];
  const asks = askers.flatMap(({ mesh }) =>
    Array.from({ length: 8 }, () =>
      mesh.ask(a.mesh.self, "tiles", octets("?"), 20_000).then(
        () => outcomes.push("answered"),
        (error: unknown) =>
          outcomes.push(error instanceof Error && "code" in error ? String(error.code) : "?"),
      ),
    ),
  );
  await until("the refusals", async () => outcomes.length === asks.length - MAX_ANSWERS);
  assert.equal(reached, MAX_ANSWERS);
  stuck.resolve(octets("!"));
  await Promise.all(asks);
  assert.deepEqual(
    ["answered", "peer/busy"].map((wanted) => outcomes.filter((outcome) => outcome === wanted).length),
    [MAX_ANSWERS, asks.length - MAX_ANSWERS],
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { streamPair } from "@libp2p/utils";
import { Callers, Tally } from "../../../node/mesh/callers.ts";
import { HalfRead } from "../../../node/mesh/half-read.ts";
import {
  MAX_CALLS_OF_HOST,
  MAX_CALLS_OF_NEIGHBOURHOOD,
  MAX_HALF_READ_BYTES,
} from "../../../protocol/index.ts";
import { until } from "./peers.ts";

test("tally: a name has so many places, and whoever leaves gives one back, once", () => {
  const tally = new Tally();
  const first = tally.enter("a", 2);
  assert.notEqual(tally.enter("a", 2), null);
  assert.equal(tally.enter("a", 2), null);
  assert.notEqual(tally.enter("b", 2), null);
  first?.();
  first?.();
  assert.notEqual(tally.enter("a", 2), null);
  assert.equal(tally.enter("a", 2), null);
});

test("callers: a neighbourhood of the public net has a small share, a private host a large one", () => {
  const callers = new Callers();
  for (let i = 0; i < MAX_CALLS_OF_NEIGHBOURHOOD; i++) assert.notEqual(callers.enter(`192.0.3.${i}`), null);
  assert.equal(callers.enter("192.0.3.200"), null);
  assert.notEqual(callers.enter("192.0.4.1"), null);
  for (let i = 0; i < MAX_CALLS_OF_NEIGHBOURHOOD; i++) {
    assert.notEqual(callers.enter(`2001:db9:1:${i}::1`), null);
  }
  assert.equal(callers.enter("2001:db9:1:ffff::1"), null);
  assert.notEqual(callers.enter("2001:db9:2::1"), null);
  for (const host of ["127.0.0.1", "10.1.2.3"]) {
    for (let i = 0; i < MAX_CALLS_OF_HOST; i++) assert.notEqual(callers.enter(host), null);
    assert.equal(callers.enter(host), null);
  }
  assert.notEqual(callers.enter("10.1.2.4"), null);
});

test("half-read: what has been waited for longest goes first; what was read to its end is not counted", async () => {
  const halfRead = new HalfRead();
  const quarter = MAX_HALF_READ_BYTES / 4;
  const pairs = await Promise.all(Array.from({ length: 6 }, () => streamPair()));
  let got = 0;
  for (const [, here] of pairs) {
    halfRead.watch(here);
    here.addEventListener("message", ({ data }) => (got += data.byteLength));
  }
  const sends = async (n: number): Promise<void> => {
    const before = got;
    pairs[n]?.[0].send(new Uint8Array(quarter));
    await until("it has come", () => got === before + quarter);
  };
  const open = (): number[] => pairs.flatMap(([, here], n) => (here.status === "open" ? [n] : []));
  await sends(0);
  await sends(1);
  const [, whole] = pairs[1] ?? assert.fail();
  halfRead.done(whole);
  for (const n of [2, 3, 4]) await sends(n);
  assert.deepEqual(open(), [0, 1, 2, 3, 4, 5]);
  await sends(5);
  assert.deepEqual(open(), [1, 2, 3, 4, 5]);
});

/** The row of blobs is written and read by hand: what the generated encoder makes of the same says whether rightly. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { concat } from "../../../protocol/bytes/index.ts";
import { ProtocolError } from "../../../protocol/errors.ts";
import { TilesAnswerMessage } from "../../../protocol/wire/messages.ts";
import {
  blobsInPlace,
  joinBlobs,
  readTilesAnswer,
  splitBlobs,
  writeTilesAnswer,
} from "../../../protocol/wire/index.ts";

const NONE = new Uint8Array(0);
/** Lengths about which a varint grows. */
const length = fc.oneof(fc.constantFrom(0, 1, 127, 128, 129, 16_383, 16_384, 16_385), fc.nat(40));
const blobs = fc.array(
  length.map((octets) => new Uint8Array(octets).fill(octets)),
  { maxLength: 12 },
);

function isRefused(bytes: Uint8Array): boolean {
  try {
    readTilesAnswer(bytes);
    return false;
  } catch (error) {
    assert.ok(error instanceof ProtocolError && error.code === "wire/not-canonical", String(error));
    return true;
  }
}

test("it is what the encoder writes", () => {
  fc.assert(
    fc.property(blobs, fc.nat(2 ** 40), fc.constantFrom("", "peer/busy"), (row, next, code) => {
      const bytes = writeTilesAnswer({ blobs: row, next, code });
      assert.deepEqual(bytes, TilesAnswerMessage.encode({ blobs: row, next, code, same: NONE }));
      assert.deepEqual(readTilesAnswer(bytes), { blobs: row, next, code });
      // Where it stands in a larger array makes no difference.
      const within = concat(Uint8Array.of(7), bytes, Uint8Array.of(7)).subarray(1, 1 + bytes.length);
      assert.deepEqual(readTilesAnswer(within), { blobs: row, next, code });
    }),
    { numRuns: 300 },
  );
});

test("blobs that stand beside each other are a view of where they stand, others are joined; what is split again is the same", () => {
  fc.assert(
    fc.property(blobs, fc.nat(12), fc.nat(12), (row, from, count) => {
      const bytes = writeTilesAnswer({ blobs: row, next: 7, code: "" });
      const there = readTilesAnswer(bytes).blobs.slice(from, from + count);
      const expected = joinBlobs(row.slice(from, from + count), NONE);
      const inPlace = blobsInPlace(there);
      assert.deepEqual(inPlace, expected);
      if (there.some((blob) => blob.length > 0) && there[0]?.length !== 0)
        assert.equal(inPlace.buffer, there[0]?.buffer);
      // The same blobs in another order, and such as stand alone, stand beside nothing.
      assert.deepEqual(blobsInPlace(there.toReversed()), joinBlobs(there.toReversed(), NONE));
      assert.deepEqual(blobsInPlace(row.slice(from, from + count)), expected);
      assert.deepEqual(splitBlobs(inPlace), row.slice(from, from + count));
    }),
    { numRuns: 300 },
  );
});

test("a blob at the beginning or the end of its memory stands beside nothing", () => {
  for (const [memory, from, to] of [
    [Uint8Array.of(1, 2), 0, 1],
    [Uint8Array.of(0x0a, 1), 1, 2],
    [Uint8Array.of(2, 1, 2), 1, 3],
  ] as const) {
    const blob = memory.subarray(from, to);
    assert.deepEqual(blobsInPlace([blob]), concat(Uint8Array.of(0x0a, blob.length), blob));
  }
});

test("what is no row of blobs is not split", () => {
  for (const [what, bytes] of Object.entries({
    "another field": [0x12, 1, 1],
    "no length": [0x0a],
    "a length without an end": [0x0a, 0x80],
    "a padded length": [0x0a, 0x81, 0, 1],
    "a length of too many octets": [0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1],
    "less than the length says": [0x0a, 2, 1],
    "something behind": [0x0a, 1, 1, 0],
  }))
    assert.equal(splitBlobs(Uint8Array.from(bytes)), null, what);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const split = splitBlobs(bytes);
      if (split !== null) assert.deepEqual(joinBlobs(split, NONE), bytes);
    }),
    { numRuns: 2_000 },
  );
});

test("what decodes to the same and is written otherwise is refused", () => {
  const blob = Uint8Array.of(0x0a, 3, 1, 2, 3);
  const next = Uint8Array.of(0x10, 9);
  assert.equal(isRefused(concat(blob, blob, next)), false);
  const otherwise = {
    "a padded length": [Uint8Array.of(0x0a, 0x83, 0, 1, 2, 3), next],
    "a padded length of an empty blob": [Uint8Array.of(0x0a, 0x80, 0), next],
    "a padded tag": [Uint8Array.of(0x8a, 0, 3, 1, 2, 3), next],
    "a blob behind the next field": [blob, next, blob],
    "an empty blob behind the next field": [next, Uint8Array.of(0x0a, 0)],
    "an unknown field between": [blob, Uint8Array.of(0x28, 1), blob, next],
    "a field twice": [blob, next, next],
    "a default": [blob, Uint8Array.of(0x10, 0)],
  };
  for (const [what, parts] of Object.entries(otherwise)) {
    const bytes = concat(...parts);
    assert.ok(TilesAnswerMessage.decode(bytes).blobs.length > 0, what);
    assert.ok(isRefused(bytes), what);
  }
});

/** The row of blobs is written and read by hand: what the generated encoder makes of the same says whether rightly. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { concat } from "../../../protocol/bytes/index.ts";
import { ProtocolError } from "../../../protocol/errors.ts";
import { TilesAnswerMessage } from "../../../protocol/wire/messages.ts";
import { readTilesAnswer, writeTilesAnswer } from "../../../protocol/wire/index.ts";

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

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  compareBytes,
  concat,
  Cursor,
  equalBytes,
  gather,
  isViewAt,
  startsWith,
  u16be,
  u32be,
  u64be,
} from "../../../protocol/bytes/index.ts";

const bytes = (): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength: 20 });

test("concat() joins, equalBytes() and compareBytes() agree with Buffer's order", () => {
  fc.assert(
    fc.property(bytes(), bytes(), (a, b) => {
      assert.deepEqual(concat(a, b), Uint8Array.from([...a, ...b]));
      assert.equal(equalBytes(a, b), Buffer.compare(a, b) === 0);
      assert.equal(Math.sign(compareBytes(a, b)), Buffer.compare(a, b));
      assert.equal(startsWith(concat(a, b), a), true);
      assert.equal(startsWith(a, concat(a, Uint8Array.of(0))), false);
    }),
  );
  assert.deepEqual(concat(), new Uint8Array());
});

test("gather() fills the beginning of what it is given, and refuses what has no room", () => {
  const into = new Uint8Array(6).fill(9);
  assert.equal(gather([Uint8Array.of(1, 2), new Uint8Array(), Uint8Array.of(3)], into), 3);
  assert.deepEqual(into, Uint8Array.of(1, 2, 3, 9, 9, 9));
  assert.throws(() => gather([into, into], into), RangeError);
});

test("equalBytes() sees one differing bit wherever it is, in views at any offset", () => {
  for (let length = 1; length <= 140; length++) {
    const a = new Uint8Array(length + 3).fill(0xa5).subarray(3);
    const b = new Uint8Array(length + 1).fill(0xa5).subarray(1);
    assert.equal(equalBytes(a, b), true);
    for (let at = 0; at < length; at++) {
      for (const bit of [0x01, 0x80]) {
        b[at] = 0xa5 ^ bit;
        assert.equal(equalBytes(a, b), false, `octet ${at} of ${length}`);
      }
      b[at] = 0xa5;
    }
  }
});

test("big-endian writers and the cursor are inverse, and refuse what does not fit", () => {
  fc.assert(
    fc.property(fc.nat(0xffff), fc.nat(0xffff_ffff), fc.maxSafeNat(), bytes(), (a, b, c, rest) => {
      const cursor = new Cursor(concat(u16be(a), u32be(b), u64be(c), rest));
      assert.deepEqual([cursor.u16(), cursor.u32(), cursor.u64()], [a, b, c]);
      assert.equal(cursor.offset, 14);
      assert.deepEqual(cursor.take(cursor.left), rest);
      cursor.done();
    }),
  );
  for (const value of [-1, 0x10000, 0.5, Number.NaN]) assert.throws(() => u16be(value), RangeError);
  assert.throws(() => u64be(2 ** 53), RangeError);
});

test("Cursor never reads past the end, and says what is left", () => {
  const cursor = new Cursor(Uint8Array.of(1, 2, 3));
  assert.equal(cursor.u8(), 1);
  assert.throws(() => cursor.take(3), { code: "bytes/truncated" });
  assert.throws(() => cursor.take(-1), { code: "bytes/truncated" });
  assert.throws(() => cursor.take(2 ** 40), { code: "bytes/truncated" });
  assert.throws(() => cursor.u32(), { code: "bytes/truncated" });
  assert.throws(() => cursor.done(), { code: "bytes/trailing" });
  assert.equal(cursor.u16(), 0x0203);
  cursor.done();
});

test("Cursor.u64() refuses numbers beyond 2^53 - 1", () => {
  const octets = Uint8Array.of(0, 0x20, 0, 0, 0, 0, 0, 0);
  assert.throws(() => new Cursor(octets).u64(), { code: "bytes/too-big" });
  assert.equal(
    new Cursor(Uint8Array.of(0, 0x1f, 255, 255, 255, 255, 255, 255)).u64(),
    Number.MAX_SAFE_INTEGER,
  );
});

test("a view is known by where it stands, never by what it holds", () => {
  const all = Uint8Array.of(9, 1, 2, 1, 2, 9);
  const whole = all.subarray(1, 5);
  assert.ok(isViewAt(whole.subarray(2, 4), whole, 2));
  assert.ok(isViewAt(whole, whole, 0));
  assert.equal(isViewAt(whole.subarray(0, 2), whole, 2), false);
  assert.equal(isViewAt(whole.slice(2, 4), whole, 2), false);
  // Of the same memory, and not within.
  assert.equal(isViewAt(all.subarray(0, 1), whole, -1), false);
  assert.equal(isViewAt(all.subarray(4, 6), whole, 3), false);
});

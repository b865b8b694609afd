import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { utf8 } from "../../../protocol/bytes/index.ts";
import { sha256, sha256Hex, sha512 } from "../../../protocol/crypto/index.ts";
import * as native from "../../../protocol/crypto/native.ts";
import * as portable from "../../../protocol/crypto/portable.ts";

test("FIPS 180 examples", () => {
  assert.equal(sha256Hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  assert.equal(sha256Hex(utf8("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

test("parts are hashed as if joined, natively and portably alike, as plain Uint8Arrays", () => {
  const part = fc.uint8Array({ maxLength: 200 });
  fc.assert(
    fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
      const joined = Buffer.concat(parts);
      for (const [algorithm, whole, each] of [
        ["sha256", sha256(...parts), [native.sha256, portable.sha256]],
        ["sha512", sha512(...parts), [native.sha512, portable.sha512]],
      ] as const) {
        const expected = new Uint8Array(createHash(algorithm).update(joined).digest());
        assert.deepEqual(whole, expected);
        for (const hash of each) assert.deepEqual(hash(joined), expected);
      }
      for (const { sha256Into } of [native, portable]) {
        const out = new Uint8Array(40).fill(7);
        sha256Into(out, 5, joined);
        assert.deepEqual(out, Uint8Array.of(7, 7, 7, 7, 7, ...sha256(joined), 7, 7, 7));
      }
    }),
  );
});

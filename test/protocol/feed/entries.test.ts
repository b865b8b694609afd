import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readBundle, writeBundle } from "../../../protocol/feed/index.ts";
import { refused, text, vectorBytes } from "./cases.ts";

test("bundles round trip", () => {
  const entries = fc.array(fc.uint8Array({ maxLength: 400 }), { minLength: 1, maxLength: 256 });
  fc.assert(
    fc.property(entries, (entries) => {
      assert.deepEqual(readBundle(writeBundle(entries), entries.length), entries);
    }),
  );
});

test("any octets are refused or are exactly the bundle of what was read", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      let entries;
      try {
        entries = readBundle(bytes);
      } catch {
        return;
      }
      assert.deepEqual(writeBundle(entries), bytes);
    }),
  );
});

test("tessera's bundle of 15 entries", () => {
  const entries = readBundle(vectorBytes("tlog/tiles-15/tile/entries/000.p/15"), 15);
  assert.deepEqual(entries.slice(0, 2), [text("one"), text("two")]);
  assert.deepEqual(writeBundle(entries), vectorBytes("tlog/tiles-15/tile/entries/000.p/15"));
});

test("a bundle is never empty, has at most 256 entries, and as many as asked for", () => {
  refused("bundle/bad-count", () => readBundle(new Uint8Array(0)));
  refused("bundle/bad-count", () => readBundle(new Uint8Array(2 * 257)));
  refused("bundle/bad-count", () => readBundle(new Uint8Array(2), 2));
  refused("bundle/bad-count", () => readBundle(new Uint8Array(4), 1));
  refused("bundle/bad-count", () => writeBundle([]));
  refused("bundle/bad-count", () => writeBundle(Array<Uint8Array>(257).fill(text("x"))));
  assert.equal(readBundle(new Uint8Array(2 * 256)).length, 256);
});

test("cut short anywhere but between entries it is malformed", () => {
  const bytes = writeBundle([text("one"), text("two")]);
  for (let length = 1; length < bytes.length; length++) {
    if (length !== 5)
      refused("bundle/malformed", () => readBundle(bytes.subarray(0, length)), `${length} octets`);
  }
  refused("bundle/bad-count", () => readBundle(bytes.subarray(0, 5), 2));
});

test("an entry has at most 65,535 octets", () => {
  const largest = new Uint8Array(65_535).fill(7);
  assert.deepEqual(readBundle(writeBundle([largest, text("x")])), [largest, text("x")]);
  refused("bundle/entry-too-big", () => writeBundle([new Uint8Array(65_536)]));
});

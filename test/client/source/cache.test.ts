import assert from "node:assert/strict";
import { readdir, utimes } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Cache } from "../../../client/source/mirror/cache.ts";
import { namesOf } from "../../../client/source/mirror/names.ts";
import { openBundle } from "../../../client/source/mirror/tree.ts";
import { rootOf, toHex, writeBundle } from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";

const ENTRIES = Array.from({ length: 256 }, (_, i) => new Uint8Array(1_000).fill(i));
const bundle = openBundle(writeBundle(ENTRIES), 256);
const root = rootOf(bundle.leaves);
const SIZE = bundle.octets.length;
const heads = [1, 2, 3, 4].map((seed) => new MemoryFeed(seed).append("x").head());

test("cache: beyond its room feeds that are not read now go, those not read for longest first, and others stay", async () => {
  const dataDir = await newFolder();
  const room = { bundles: 3 * SIZE, names: 1_000_000 };
  const [old, older, now, also] = heads;
  assert.ok(old && older && now && also);
  const before = new Cache(dataDir, "test", room);
  for (const [age, head] of [
    [1_000, old],
    [2_000, older],
  ] as const) {
    const feed = before.feed(head);
    feed.keepBundle(0, bundle);
    feed.keepHead(head);
    const time = new Date(Date.now() - age * 1_000);
    await utimes(join(dataDir, "mirrored/test", toHex(head.key)), time, time);
  }
  const kept = async (): Promise<readonly string[]> => {
    const names = await readdir(join(dataDir, "mirrored/test"), { recursive: true });
    return names.filter((name) => name.includes("/bundles/")).map((name) => name.replace("/bundles/", " "));
  };
  const cache = new Cache(dataDir, "test", room);
  const feed = cache.feed(now);
  feed.keepBundle(0, bundle);
  assert.equal((await kept()).length, 3);
  feed.keepBundle(1, bundle);
  assert.deepEqual(
    (await kept()).toSorted(),
    [`${toHex(now.key)} 000`, `${toHex(now.key)} 001`, `${toHex(old.key)} 000`].toSorted(),
  );
  // What is read now is not given up for what is read now.
  cache.feed(also);
  for (let number = 2; number < 10; number++) feed.keepBundle(number, bundle);
  assert.deepEqual((await kept()).toSorted(), [
    `${toHex(now.key)} 000`,
    `${toHex(now.key)} 001`,
    `${toHex(now.key)} 002`,
  ]);
  // What is in bundles has room of its own.
  const rows = namesOf([]);
  feed.keepNames(9, root, rows);
  assert.deepEqual(feed.names(9, root), rows);
  assert.equal(
    feed.names(
      9,
      root.map((octet) => octet ^ 1),
    ),
    null,
    "of another bundle",
  );
});

import assert from "node:assert/strict";
import { chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { Memory } from "../../../client/verify/index.ts";
import {
  MAX_REMEMBERED_EVIDENCE,
  MAX_REMEMBERED_FEEDS,
  proveContradiction,
} from "../../../protocol/index.ts";
import type { Evidence, Remembered, Target } from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";

const NONE: ReadonlyMap<string, Remembered> = new Map();
const origin = (octet: number): string => `samebits/test/${octet.toString(16).padStart(2, "0").repeat(32)}`;
const root = (octet: number): string => octet.toString(16).padStart(2, "0").repeat(32);

const head = fc.record({
  origin: fc.integer({ min: 0, max: 5 }).map(origin),
  size: fc.integer({ min: 1, max: 2 ** 40 }),
  root: fc.integer({ min: 0, max: 255 }).map(root),
  timeMs: fc.integer({ min: 0, max: 2 ** 43 }),
});

test("Memory: what was kept is there again, the largest of each feed, whatever was kept in between", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(head, { maxLength: 12 }), async (heads) => {
      const memory = new Memory(await newFolder(), "test");
      const largest = new Map<string, number>();
      for (const { origin, ...one } of heads) {
        const before = memory.heads();
        assert.equal(await memory.keep(before, new Map([...before, [origin, one]]), []), "kept");
        largest.set(origin, Math.max(largest.get(origin) ?? 0, one.size));
      }
      const sizes = [...memory.heads()].map(([name, { size }]) => [name, size] as const);
      assert.deepEqual(new Map(sizes), largest);
    }),
    { numRuns: 25 },
  );
});

test("Memory: of two that write side by side neither makes the other forget", async () => {
  const folder = await newFolder();
  const write = (size: number): Promise<unknown> =>
    new Memory(folder, "test").keep(NONE, new Map([[origin(1), { size, root: root(1), timeMs: 1 }]]), []);
  await Promise.all([5, 9, 7, 1, 8].map(write));
  assert.equal(new Memory(folder, "test").heads().get(origin(1))?.size, 9);
  assert.deepEqual(new Memory(folder, "other").heads(), NONE);
});

test("Memory: files that are none of its own are let be and mean nothing", async () => {
  const folder = await newFolder();
  const heads = join(folder, "seen/test/heads");
  await mkdir(heads, { recursive: true });
  for (const name of [
    "x",
    "a.b.c.d",
    `${root(1)}.05.${root(1)}.1`,
    `${root(1)}.5.${root(1)}.1.1`,
    `${root(1)}.-5.${root(1)}.1`,
  ]) {
    await writeFile(join(heads, name), "");
  }
  assert.equal(new Memory(folder, "test").heads().size, 0);
});

test("Memory: a folder that can't be written is said", async () => {
  const heads = new Map([[origin(1), { size: 1, root: root(1), timeMs: 1 }]]);
  assert.equal(await new Memory("/dev/null/x", "test").keep(NONE, heads, []), "none");
  const folder = await newFolder();
  await chmod(folder, 0o500);
  // Root may write everywhere.
  if (process.getuid?.() !== 0) assert.equal(await new Memory(folder, "test").keep(NONE, heads, []), "none");
});

test("Memory: however many feeds of others were seen, those of the policy's builders are remembered", async () => {
  const memory = new Memory(await newFolder(), "test");
  const one = { size: 1, root: root(1), timeMs: 1 };
  const full = new Map(
    Array.from({ length: MAX_REMEMBERED_FEEDS }, (_, at) => [`${origin(0).slice(0, -4)}${hex4(at)}`, one]),
  );
  const seen = new Map([...full, [origin(1), one], [origin(2), one]]);
  assert.equal(await memory.keep(full, seen, [], new Set([origin(2)])), "kept");
  assert.deepEqual([...memory.heads().keys()], [origin(2)]);
});

const hex4 = (number: number): string => number.toString(16).padStart(4, "0");

/** Of one builder about a package. */
function contradiction(target: Target): Evidence {
  const builder = new Builder(1);
  const [a, b] = ["left", "right"].map((contents) => builder.verified(builder.link(target, contents)));
  assert.ok(a !== undefined && b !== undefined);
  return proveContradiction(a, b, target.key, []) ?? assert.fail();
}

test("Memory: proofs about one file take no room from those about another, or about a feed", async () => {
  const folder = join(await newFolder(), "seen/test/evidence");
  const memory = new Memory(join(folder, "../../.."), "test");
  await mkdir(folder, { recursive: true });
  const targets = Array.from({ length: MAX_REMEMBERED_EVIDENCE + 1 }, (_, at) => packageNumber(at));
  for (const { keyHex } of targets) await writeFile(join(folder, `${keyHex.slice(0, 16)}.x.json`), "{}");
  await writeFile(join(folder, "feed.x.json"), "fork");
  const found = memory.evidence(targets).map((bytes) => Buffer.from(bytes).toString());
  assert.equal(found.length, targets.length + 1);
  assert.ok(found.includes("fork"));
});

test("Memory: evidence is kept by what it is about", async () => {
  const folder = await newFolder();
  const memory = new Memory(folder, "test");
  const target = packageNumber(1);
  const evidence = contradiction(target);
  assert.equal(await memory.keep(NONE, NONE, [evidence, evidence]), "kept");
  assert.equal((await readdir(join(folder, "seen/test/evidence"))).length, 1);
  assert.equal(memory.evidence([target]).length, 1);
  assert.equal(memory.evidence([packageNumber(2)]).length, 0);
});

import assert from "node:assert/strict";
import { cp, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { memoryOwnHead, ownHeadFile } from "../../../node/store/own-head.ts";
import { newFolder } from "../folder.ts";

const hex = "ab".repeat(32);
const one = new TextEncoder().encode("one");
const two = new TextEncoder().encode("two");

for (const [name, open] of [
  ["file", async () => ownHeadFile(await newFolder(), hex)],
  ["memory", async () => memoryOwnHead()],
] as const) {
  test(`own head (${name}): begins at none, and moves only from what it holds`, async () => {
    const file = await open();
    assert.equal(await file.read(), "none");
    assert.equal(await file.swap(one, two), false);
    assert.equal(await file.read(), "none");
    assert.equal(await file.swap(null, one), true);
    assert.equal(await file.swap(null, two), false);
    assert.equal(await file.swap(two, two), false);
    assert.deepEqual(await file.read(), one);
    assert.equal(await file.swap(one, two), true);
    assert.deepEqual(await file.read(), two);
  });
}

test("own head: is there for the next process, private to its user", async () => {
  const folder = await newFolder();
  await ownHeadFile(folder, hex).swap(null, one);
  assert.deepEqual(await ownHeadFile(folder, hex).read(), one);
  assert.equal(await ownHeadFile(folder, "cd".repeat(32)).read(), "none");
});

test("own head: a file that was removed or emptied is lost, and stays lost", async () => {
  const folder = await newFolder();
  const file = ownHeadFile(folder, hex);
  await file.swap(null, one);
  await truncate(join(folder, "own-head", hex), 0);
  assert.equal(await file.read(), "lost");
  await rm(join(folder, "own-head", hex));
  assert.equal(await file.read(), "lost");
  assert.equal(await ownHeadFile(folder, hex).read(), "lost");
});

test("own head: what a crash left half-way is not taken for a head", async () => {
  const folder = await newFolder();
  const file = ownHeadFile(folder, hex);
  await file.swap(null, one);
  await writeFile(join(folder, "own-head", `${hex}.new`), "tw");
  assert.deepEqual(await file.read(), one);
  assert.equal(await file.swap(one, two), true);
  assert.match(await readFile(join(folder, "own-head", hex), "utf8"), /^twoplace \d{20} \d{20}\n$/);
});

test("own head: a copy knows that it is one, wherever it lies and however it came there, until it is written again", async () => {
  const folder = await newFolder();
  const path = join(folder, "own-head", hex);
  const file = ownHeadFile(folder, hex);
  assert.equal(await file.moved(), false);
  await file.swap(null, one);
  const backup = await newFolder();
  await cp(folder, backup, { recursive: true, preserveTimestamps: true });
  const copy = ownHeadFile(backup, hex);
  assert.deepEqual([await file.moved(), await copy.moved()], [false, true]);
  await file.swap(one, two);
  assert.equal(await ownHeadFile(folder, hex).moved(), false);
  // The folder was renamed: it is the same file.
  await rename(folder, `${folder}-elsewhere`);
  assert.equal(await ownHeadFile(`${folder}-elsewhere`, hex).moved(), false);
  await rename(`${folder}-elsewhere`, folder);
  // Restored over what is there: the octets come into the file that is there.
  await writeFile(path, await readFile(join(backup, "own-head", hex)));
  assert.deepEqual([await file.read(), await file.moved()], [one, true]);
  assert.equal(await file.swap(one, one), true);
  assert.deepEqual([await file.read(), await file.moved()], [one, false]);
  // One that says nothing of where it was written.
  await writeFile(path, one);
  assert.deepEqual([await file.read(), await file.moved()], [one, true]);
});

test("own head: an unwritable folder fails with own-head/failed", async () => {
  const folder = await newFolder();
  await writeFile(join(folder, "own-head"), "in the way");
  await assert.rejects(ownHeadFile(folder, hex).swap(null, one), { code: "own-head/failed" });
});

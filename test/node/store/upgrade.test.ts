/** From one format of the store to the next: whole or not at all, whatever happens on the way, and with a way back. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { STORE_FORMAT } from "../../../node/store/format.ts";
import { openLevel } from "../../../node/store/level.ts";
import { smallDisk } from "../../e2e/small-disk.ts";
import { newFolder } from "../folder.ts";
import { first, upgradeTo2 } from "./upgrading.ts";

const ROWS = 5_000;
const all = { from: Uint8Array.of(97), to: Uint8Array.of(98), limit: 1_000_000 };
const keyOf = (n: number): Uint8Array => Uint8Array.of(97, n >> 16, n >> 8, n);

/** A store of format 1 with rows of 200 octets each. */
async function makeStore(folder: string, rows = ROWS): Promise<void> {
  const store = await openLevel(folder, first);
  const ops = Array.from(
    { length: rows },
    (_, n) => ({ op: "put", key: keyOf(n), value: new Uint8Array(200).fill(n) }) as const,
  );
  await store.apply(ops, true);
  await store.close();
}

/** The lengths of the values in the store, and how many there are. */
async function valuesIn(
  folder: string,
  known: Parameters<typeof openLevel>[1] = first,
): Promise<readonly [readonly number[], number]> {
  const store = await openLevel(folder, known);
  const lengths = new Set<number>();
  let count = 0;
  try {
    for (let from = all.from, more = true; more;) {
      const page = await store.read({ ...all, from });
      for (const { value } of page.rows) lengths.add(value.length);
      count += page.rows.length;
      from = Uint8Array.from([...(page.rows.at(-1)?.key ?? from), 0]);
      ({ more } = page);
    }
  } finally {
    await store.close();
  }
  return [[...lengths], count];
}

test("an older store is upgraded when it is opened; the way back is beside it, and leads back", async () => {
  const folder = await newFolder();
  await makeStore(folder);
  assert.deepEqual(await valuesIn(folder, upgradeTo2()), [[201], ROWS]);
  assert.deepEqual((await readdir(folder)).toSorted(), ["store", "store.format-1"]);
  assert.deepEqual(await valuesIn(folder, upgradeTo2()), [[201], ROWS], "once");
  await assert.rejects(
    openLevel(folder, first),
    (error: { readonly code: string; readonly message: string }) => {
      assert.equal(error.code, "store/format");
      assert.match(error.message, /store format 2, this version knows 1.*store\.format-1/);
      return true;
    },
  );
  // As docs/operator.md has it.
  await rename(join(folder, "store"), join(folder, "store.format-2"));
  await rename(join(folder, "store.format-1"), join(folder, "store"));
  assert.deepEqual(await valuesIn(folder), [[200], ROWS]);
});

test("a store of format 1, in which each entry has a row, is one of format 2 as it is", async () => {
  const folder = await newFolder();
  await makeStore(folder);
  for (let times = 0; times < 2; times++) {
    const store = await openLevel(folder);
    assert.equal((await store.read({ ...all, limit: ROWS })).rows[0]?.value.length, 200);
    await store.close();
    assert.deepEqual((await readdir(folder)).toSorted(), ["store", "store.format-1"]);
  }
  await assert.rejects(openLevel(folder, first), { code: "store/format" });
  assert.deepEqual(await valuesIn(folder, { format: STORE_FORMAT, steps: [] }), [[200], ROWS]);
});

/** Upgrades the store in another process, which is killed after so many batches; how many there were. */
async function killedAfter(batches: number, folder: string): Promise<number> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "upgrade-slowly.ts"), folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let seen = 0;
  for await (const _ of createInterface({ input: child.stdout })) if (++seen === batches) break;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
  assert.ok((await readdir(folder)).includes("store.upgrading"));
  return seen;
}

/** Batches of a whole upgrade; the last one is empty. */
const IN_ALL = Math.ceil(ROWS / 256) + 1;

test("kill -9 on the way, more than once: the next start copies the store anew, and no row is changed twice", async () => {
  const folder = await newFolder();
  await makeStore(folder);
  for (const stopAfter of [3, 5]) await killedAfter(stopAfter, folder);
  let last = 0;
  const known = upgradeTo2(() => last++);
  assert.deepEqual(await valuesIn(folder, known), [[201], ROWS]);
  assert.equal(last, IN_ALL);
  assert.deepEqual((await readdir(folder)).toSorted(), ["store", "store.format-1"]);
});

test("killed on the way, and only the copy is left: it is gone on with, and no row is changed twice", async () => {
  const folder = await newFolder();
  await makeStore(folder);
  const batches = await killedAfter(5, folder);
  await rm(join(folder, "store"), { recursive: true });
  let last = 0;
  const known = upgradeTo2(() => last++);
  assert.deepEqual(await valuesIn(folder, known), [[201], ROWS]);
  assert.ok(last <= IN_ALL - batches + 4, `it went on: ${last} of ${IN_ALL} after ${batches}`);
});

test("killed between the two names: the next start gives the upgraded store its own", async () => {
  const folder = await newFolder();
  await makeStore(folder);
  await valuesIn(folder, upgradeTo2());
  await rename(join(folder, "store"), join(folder, "store.upgrading"));
  assert.deepEqual(await valuesIn(folder, upgradeTo2()), [[201], ROWS]);
});

test("a copy that a start left is no store: what the version before has written since is upgraded", async () => {
  const folder = await newFolder();
  await makeStore(folder, 300);
  const [path, left] = [join(folder, "store"), join(folder, "store.upgrading")];
  await cp(path, left, { recursive: true });
  await makeStore(folder);
  assert.deepEqual(await valuesIn(folder, upgradeTo2()), [[201], ROWS], "of the same format");
  // As the version before is put back, and a start that was killed has upgraded its copy.
  await cp(path, left, { recursive: true });
  await rm(path, { recursive: true });
  await rename(join(folder, "store.format-1"), path);
  await makeStore(folder, ROWS + 300);
  assert.deepEqual(await valuesIn(folder, upgradeTo2()), [[201], ROWS + 300], "upgraded already");
  assert.deepEqual((await readdir(folder)).toSorted(), ["store", "store.format-1"]);
});

test("a copy that was not finished is made anew", async () => {
  const folder = await newFolder();
  await makeStore(folder);
  await cp(join(folder, "store"), join(folder, "store.upgrading.part"), { recursive: true });
  await rm(join(folder, "store.upgrading.part", "CURRENT"));
  assert.deepEqual(await valuesIn(folder, upgradeTo2()), [[201], ROWS]);
  assert.deepEqual((await readdir(folder)).toSorted(), ["store", "store.format-1"]);
});

test("a full disk leaves the store as it was; with room it is upgraded", { timeout: 60_000 }, async (t) => {
  const disk = await smallDisk(24 * 1024 * 1024);
  if (disk === null) return t.skip("no unshare that may mount: no small disk");
  await makeStore(disk.folder, 20_000);
  // What stands in its journal goes into its tables, which needs room of its own.
  await valuesIn(disk.folder);
  await disk.fill(300_000);
  await assert.rejects(openLevel(disk.folder, upgradeTo2()), {
    code: "store/failed",
    message: /cannot be upgraded: .*it is as it was: make room/s,
  });
  assert.deepEqual((await readdir(disk.folder)).toSorted(), ["ballast", "store"]);
  await disk.empty();
  assert.deepEqual(await valuesIn(disk.folder), [[200], 20_000], "the version that wrote it opens it");
  assert.deepEqual(await valuesIn(disk.folder, upgradeTo2()), [[201], 20_000]);
});

test("without a step that leads there it is left alone", async () => {
  const folder = await newFolder();
  await makeStore(folder, 10);
  await assert.rejects(openLevel(folder, { format: 3, steps: upgradeTo2().steps }), { code: "store/format" });
  assert.deepEqual(await readdir(folder), ["store"]);
});

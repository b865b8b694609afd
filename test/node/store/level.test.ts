import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { Level } from "level";
import { openLevel } from "../../../node/store/level.ts";
import type { StoreOp } from "../../../protocol/index.ts";
import { storeSuite } from "../../acceptance/store.ts";
import { newFolder } from "../folder.ts";

storeSuite("level", async () => openLevel(await newFolder()));

const key = (n: number): Uint8Array => Uint8Array.of(97, n >> 16, n >> 8, n);
const all = { from: Uint8Array.of(97), to: Uint8Array.of(98), limit: 1_000_000 };

test("level: rows are there after closing and opening again", async () => {
  const folder = await newFolder();
  const store = await openLevel(folder);
  await store.apply([{ op: "put", key: key(1), value: key(2) }], false);
  await store.close();
  const again = await openLevel(folder);
  assert.equal((await again.read(all)).rows.length, 1);
  await again.close();
});

test("level: a page of a megabyte takes a few turns of its threads, not one for every 16 KiB", async (t) => {
  const store = await openLevel(await newFolder());
  const value = new Uint8Array(640);
  const ops = Array.from({ length: 2_000 }, (_, n) => ({ op: "put", key: key(n), value }) as const);
  await store.apply(ops, false);
  const some = store.database.iterator();
  await some.close();
  const kind = Object.getPrototypeOf(some) as typeof some;
  const turns = t.mock.method(kind, "nextv");
  const page = await store.read(all);
  assert.ok(page.rows.length > 1_500 && page.more, `${page.rows.length} rows`);
  assert.ok(turns.mock.callCount() <= 4, `${turns.mock.callCount()} turns`);
  await store.close();
});

test("level: large rows go as an array, of which level frees its copy at once, small ones one by one; both in order", async (t) => {
  const store = await openLevel(await newFolder());
  const forms = t.mock.method(store.database, "batch");
  for (const size of [8, 8_192]) {
    await store.apply([{ op: "put", key: key(1), value: new Uint8Array(size).fill(1) }], false);
    const ops: StoreOp[] = [
      { op: "delete", key: key(1) },
      { op: "put", key: key(2), value: new Uint8Array(size).fill(2) },
      { op: "put", key: key(3), value: new Uint8Array(2 * size).fill(3) },
      { op: "delete", key: key(3) },
      { op: "put", key: key(2), value: new Uint8Array(2 * size).fill(4) },
    ];
    await store.apply(ops, true);
    const { rows } = await store.read(all);
    assert.deepEqual(
      rows.map((row) => [row.key[3], row.value.length, row.value[0]]),
      [[2, 2 * size, 4]],
    );
  }
  assert.deepEqual(
    forms.mock.calls.map((call) => call.arguments.length),
    [0, 0, 2, 2],
  );
  await store.close();
});

test("level: a second opening is refused with store/locked, and leaves the first in peace", async () => {
  const folder = await newFolder();
  const store = await openLevel(folder);
  await assert.rejects(openLevel(folder), { code: "store/locked" });
  await store.apply([{ op: "put", key: key(1), value: key(2) }], true);
  await store.close();
});

test("level: a store of another format is refused with store/format, and can be closed and opened by its version", async () => {
  const folder = await newFolder();
  const other = new Level<Uint8Array, Uint8Array>(join(folder, "store"), {
    keyEncoding: "view",
    valueEncoding: "view",
  });
  await other.put(Uint8Array.of(0), new TextEncoder().encode("samebits store 99\n"));
  await other.close();
  await assert.rejects(openLevel(folder), { code: "store/format" });
  await assert.rejects(openLevel(folder), { code: "store/format" });
});

test("level: kill -9 while writing loses nothing that was acknowledged, and tears no batch", async () => {
  const folder = await newFolder();
  const child = spawn(process.execPath, [join(import.meta.dirname, "write-for-ever.ts"), folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let acknowledged = -1;
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged = Number(line);
    if (acknowledged >= 200) break;
  }
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
  const store = await openLevel(folder);
  const rows: number[] = [];
  for (let from = all.from; ;) {
    const page = await store.read({ ...all, from });
    rows.push(...page.rows.map((row) => row.value[0] ?? 0));
    const last = page.rows.at(-1);
    if (!page.more || last === undefined) break;
    from = Uint8Array.from([...last.key, 0]);
  }
  await store.close();
  assert.ok(rows.length >= (acknowledged + 1) * 10, `${rows.length} rows, ${acknowledged} acknowledged`);
  assert.equal(rows.length % 10, 0);
});

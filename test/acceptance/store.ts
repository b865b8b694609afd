import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Page, Store } from "../../node/edges.ts";
import type { Row, StoreOp } from "../../protocol/index.ts";

const bytes = (...octets: number[]): Uint8Array => Uint8Array.from(octets);
const put = (key: Uint8Array, value: Uint8Array): StoreOp => ({ op: "put", key, value });
const plain = (rows: readonly Row[]): [string, string][] =>
  rows.map((row) => [Buffer.from(row.key).toString("hex"), Buffer.from(row.value).toString("hex")]);

/** What every `Store` does (node/edges.ts). `open` makes an empty one. */
export function storeSuite(name: string, open: () => Promise<Store>): void {
  test(`${name}: rows come in the order of their octets, from included, to excluded`, async () => {
    const store = await open();
    const keys = [bytes(97), bytes(97, 0), bytes(97, 255), bytes(98), bytes(200), bytes(255, 255)];
    await store.apply(keys.map((key) => put(key, key)).reverse(), false);
    const all = await store.read({ from: bytes(97), to: bytes(255, 255), limit: 100 });
    assert.deepEqual(plain(all.rows), plain(keys.slice(0, 5).map((key) => ({ key, value: key }))));
    assert.equal(all.more, false);
    const back = await store.read({ from: bytes(97, 0), to: bytes(200), limit: 2, reverse: true });
    assert.deepEqual(
      plain(back.rows).map(([key]) => key),
      ["62", "61ff"],
    );
    assert.equal(back.more, true);
    await store.close();
  });

  test(`${name}: a page ends at the limit, and says whether there is more`, async () => {
    const store = await open();
    await store.apply(
      Array.from({ length: 40 }, (_, i) => put(bytes(97, i), bytes(i))),
      true,
    );
    for (const limit of [1, 16, 17, 39]) {
      const page = await store.read({ from: bytes(97), to: bytes(98), limit });
      assert.equal(page.rows.length, limit);
      assert.equal(page.more, true);
    }
    assert.equal((await store.read({ from: bytes(97), to: bytes(98), limit: 40 })).more, false);
    assert.deepEqual(await store.read({ from: bytes(98), to: bytes(99), limit: 5 }), {
      rows: [],
      more: false,
    });
    assert.deepEqual(await store.read({ from: bytes(99), to: bytes(98), limit: 5 }), {
      rows: [],
      more: false,
    });
    await store.close();
  });

  test(`${name}: a range of one key has that row or none, whatever lies around it`, async () => {
    const store = await open();
    await store.apply(
      [put(bytes(97, 1), bytes(1)), put(bytes(97, 1, 0), bytes(2)), put(bytes(97, 3), bytes())],
      false,
    );
    const one = (...key: number[]): Promise<Page> =>
      store.read({ from: bytes(...key), to: bytes(...key, 0), limit: 1 });
    assert.deepEqual(plain((await one(97, 1)).rows), [["6101", "01"]]);
    assert.deepEqual(plain((await one(97, 1, 0)).rows), [["610100", "02"]]);
    assert.deepEqual(plain((await one(97, 3)).rows), [["6103", ""]]);
    for (const key of [[97], [97, 2], [97, 3, 0], [98]])
      assert.deepEqual(await one(...key), { rows: [], more: false });
    await store.close();
  });

  test(`${name}: says which keys have a row`, async () => {
    const store = await open();
    await store.apply(
      [put(bytes(97, 1), bytes(1)), put(bytes(97, 3), bytes()), put(bytes(98), bytes(1))],
      false,
    );
    await store.apply([{ op: "delete", key: bytes(98) }], true);
    const keys = [bytes(97, 1), bytes(97), bytes(97, 3), bytes(97, 1, 0), bytes(98), bytes(97, 1)];
    assert.deepEqual(await store.has(keys), [true, false, true, false, false, true]);
    assert.deepEqual(await store.has([]), []);
    await store.close();
  });

  test(`${name}: a page is about a megabyte, and at least one row`, async () => {
    const store = await open();
    await store.apply(
      Array.from({ length: 8 }, (_, i) => put(bytes(97, i), new Uint8Array(300_000).fill(i))),
      false,
    );
    await store.apply([put(bytes(98), new Uint8Array(3_000_000))], false);
    const page = await store.read({ from: bytes(97), to: bytes(98), limit: 100 });
    assert.equal(page.rows.length, 3);
    assert.equal(page.more, true);
    const big = await store.read({ from: bytes(98), to: bytes(99), limit: 100 });
    assert.equal(big.rows[0]?.value.length, 3_000_000);
    assert.equal(big.more, false);
    await store.close();
  });

  test(`${name}: what was deleted is gone, the last operation on a key wins, values are copies`, async () => {
    const store = await open();
    const value = bytes(1);
    await store.apply([put(bytes(97), value), put(bytes(98), value)], false);
    value[0] = 9;
    await store.apply(
      [{ op: "delete", key: bytes(97) }, put(bytes(99), bytes(1)), put(bytes(99), bytes(2))],
      true,
    );
    const page = await store.read({ from: bytes(97), to: bytes(122), limit: 10 });
    assert.deepEqual(plain(page.rows), [
      ["62", "01"],
      ["63", "02"],
    ]);
    await store.close();
  });

  test(`${name}: calls made together are applied in their order`, async () => {
    const store = await open();
    await Promise.all(
      Array.from({ length: 50 }, (_, i) => store.apply([put(bytes(97), bytes(i))], i % 7 === 0)),
    );
    const page = await store.read({ from: bytes(97), to: bytes(98), limit: 1 });
    assert.deepEqual(plain(page.rows), [["61", "31"]]);
    await store.close();
  });

  test(`${name}: agrees with a sorted map on random operations`, async () => {
    const key = fc.uint8Array({ minLength: 1, maxLength: 3 }).map((tail) => Uint8Array.from([97, ...tail]));
    const op = fc.oneof(
      fc.record({ op: fc.constant("put" as const), key, value: fc.uint8Array({ maxLength: 8 }) }),
      fc.record({ op: fc.constant("delete" as const), key }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(op, { maxLength: 60 }), key, key, async (ops, from, to) => {
        const store = await open();
        const model = new Map<string, string>();
        for (const each of ops) {
          const hex = Buffer.from(each.key).toString("hex");
          if (each.op === "put") model.set(hex, Buffer.from(each.value).toString("hex"));
          else model.delete(hex);
          await store.apply([each], false);
        }
        const [low, high] = [Buffer.from(from).toString("hex"), Buffer.from(to).toString("hex")];
        const expected = [...model]
          .filter(([hex]) => hex >= low && hex < high)
          .sort(([a], [b]) => (a < b ? -1 : 1));
        assert.deepEqual(plain((await store.read({ from, to, limit: 1_000 })).rows), expected);
        await store.close();
      }),
      { numRuns: 15 },
    );
  });

  test(`${name}: a closed store refuses with store/closed`, async () => {
    const store = await open();
    await store.close();
    await assert.rejects(store.apply([put(bytes(97), bytes(1))], false), { code: "store/closed" });
    await assert.rejects(store.read({ from: bytes(97), to: bytes(98), limit: 1 }), { code: "store/closed" });
    await assert.rejects(store.read({ from: bytes(97), to: bytes(97, 0), limit: 1 }), {
      code: "store/closed",
    });
    await assert.rejects(store.has([bytes(97)]), { code: "store/closed" });
  });
}

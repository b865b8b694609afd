/** Whose signatures are written into the book, where a feed's number is given to another while they are looked at. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Signatures } from "../../../node/picture/signatures.ts";
import { entryKey } from "../../../protocol/peer/entry-rows.ts";
import { builder, claim } from "../../e2e/claims.ts";

const [alice, bob] = [builder("alice"), builder("bob")];
const place = { no: 1, index: 0 };

/** Looks at alice's entry; her feed's number becomes bob's when the row is read, when it is checked, or never. */
async function look(change: "read" | "checked" | null, all: boolean): Promise<Signatures> {
  const moved = (now: typeof change): void => {
    if (now === change) signatures.book.open(1, bob.hex);
  };
  const signatures: Signatures = new Signatures(
    {
      async read() {
        moved("read");
        return { rows: [{ key: entryKey(1, 0), value: claim(alice, "hello", "bits") }], more: false };
      },
    },
    {
      async check(items) {
        moved("checked");
        return items.map(() => true);
      },
      async close() {},
    },
    [],
  );
  signatures.book.open(1, alice.hex);
  await (all ? signatures.checkAll([place]) : signatures.checkRun(1, 0, 1));
  return signatures;
}

test("signatures: what was looked at of one feed is written of no other that has its number now", async () => {
  for (const all of [true, false]) {
    assert.equal((await look(null, all)).book.signerOf(place), alice.hex);
    for (const change of ["read", "checked"] as const)
      assert.equal((await look(change, all)).book.signerOf(place), null, `${change} ${all}`);
  }
});

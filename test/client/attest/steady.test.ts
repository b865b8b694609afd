/** A file that somebody writes to while it is read is not signed: what was hashed may be no state that it ever had. */
import assert from "node:assert/strict";
import { appendFile, rename, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { productsOf } from "../../../client/attest/index.ts";
import { stepProducts } from "../../../client/rebuild/index.ts";
import { newFolder } from "../../node/folder.ts";

const IDENTITY = { purl: "pkg:generic/tool@1.0", debNamespace: null };
const FORMS = { formats: new Set<never>(), tell: (): void => undefined };
const BYTES = 64 * 1024 * 1024;

test("what is added, or put in its place, while a file is hashed keeps it from being signed", async () => {
  const folder = await newFolder();
  const path = join(folder, "tool.tar");
  const other = join(folder, "other.tar");
  const ways = [
    () => productsOf([path], IDENTITY, FORMS),
    () => stepProducts([{ path, name: "tool.tar", isNamed: true }], IDENTITY, FORMS),
  ];
  const changes = [() => appendFile(path, "x"), () => rename(other, path)];
  for (const way of ways) {
    for (const change of changes) {
      for (const each of [path, other]) {
        await writeFile(each, "");
        await truncate(each, BYTES);
      }
      const made = way();
      await turn();
      await Promise.all([assert.rejects(made, { code: "input/unreadable", message: /changed/ }), change()]);
    }
    assert.equal((await way()).length, 1);
  }
});

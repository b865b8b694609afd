/** docs/operator.md lists every event of a node's log, and no other. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const TOP = join(import.meta.dirname, "../..");

test("every event that is written stands in the table of the documents, and the reverse", () => {
  const source = [
    ...globSync("node/**/*.ts", { cwd: TOP }),
    ...globSync("client/cli/node/*.ts", { cwd: TOP }),
  ]
    .map((file) => readFileSync(join(TOP, file), "utf8"))
    .join("\n");
  // One is put together from the state of the own feed.
  const states = ["unconfirmed", "lost", "frozen", "forked"].map((state) => `own-feed-${state}`);
  const written = [...source.matchAll(/\bevent: "([a-z]+(?:-[a-z]+)*)"/g)].map(([, name = ""]) => name);
  const page = readFileSync(join(TOP, "docs/operator.md"), "utf8");
  const table = page.slice(page.indexOf("## The log"), page.indexOf("## When the disk is full"));
  const listed = [...table.matchAll(/^\| (.+?) \|/gm)].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`([a-z-]+)`/g)].map(([, name = ""]) => name).filter((name) => name !== "debug"),
  );
  const wanted = new Set([...written.filter((name) => name !== "ready"), ...states]);
  assert.deepEqual([...new Set(listed)].toSorted(), [...wanted].toSorted());
});

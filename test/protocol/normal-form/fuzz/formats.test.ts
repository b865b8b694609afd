/** Files whose seams are torn: whatever is in them, all that normal forms promise holds. `npm run fuzz` goes on for longer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FORMATS, fuzzFormat } from "./formats.ts";

const RUNS = 300;

for (const name of FORMATS.keys()) {
  test(`${name}: torn files have a form that holds, or are refused with a code`, (t) => {
    const { ends } = fuzzFormat(name, RUNS, 8);
    t.diagnostic([...ends].map(([end, count]) => `${end} ${count}`).join(", "));
    assert.ok((ends.get("form") ?? 0) > RUNS / 20, "some must be read to the end");
    assert.ok((ends.get("normal-form/malformed") ?? 0) > 0, "some must be refused");
  });
}

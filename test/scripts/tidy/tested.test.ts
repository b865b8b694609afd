import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { checkTested } from "../../../scripts/tidy/tested.ts";
import { findings } from "./samples.ts";

const TABLE = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");
const rules = [...TABLE.matchAll(/^\| ([IR]\d+) /gm)].map(([, rule]) => rule);

/** The table with one line for each rule, all naming one test. */
const table = rules.map((rule) => `| ${rule} says so | \`a.test.ts\`: "it holds" |`).join("\n");
const tests = { "test/README.md": table, "test/a.test.ts": 'test("it holds", () => {});' };

describe("checkTested", () => {
  it("accepts a table whose tests are there", () => {
    assert.equal(rules.length, 41);
    assert.deepEqual(findings(checkTested, tests), []);
  });

  it("refuses a rule without a row, and a row without a test", () => {
    const without = table.replace(/^\| I3 .*$/m, "");
    assert.deepEqual(findings(checkTested, { ...tests, "test/README.md": without }), [
      "test/README.md:0: I3 has no test",
    ]);
    const empty = table.replace(/^\| I3 .*$/m, "| I3 says so | later |");
    assert.deepEqual(findings(checkTested, { ...tests, "test/README.md": empty }), [
      "test/README.md:0: I3 has no test",
    ]);
  });

  it("refuses a test that is not there", () => {
    const renamed = table.replace(
      'I3 says so | `a.test.ts`: "it holds"',
      'I3 says so | `a.test.ts`: "it held"',
    );
    assert.deepEqual(findings(checkTested, { ...tests, "test/README.md": renamed }), [
      'test/README.md:3: I3: test/a.test.ts has no "it held"',
    ]);
    const { "test/a.test.ts": gone, ...rest } = tests;
    assert.equal(findings(checkTested, rest).length, rules.length, gone);
  });
});

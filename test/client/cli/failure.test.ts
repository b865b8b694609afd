/** The exit status of each code is the one that the specification says. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { failureLine } from "../../../client/cli/failure-line.ts";
import { failureOf } from "../../../client/cli/failure.ts";
import { ClientError } from "../../../client/errors.ts";
import type { ClientCode } from "../../../client/errors.ts";
import { NodeError } from "../../../node/index.ts";
import type { NodeCode } from "../../../node/index.ts";
import { ProtocolError } from "../../../protocol/index.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../../protocol/spec/errors.md"), "utf8");

/** The rows of a section whose second column is a number. */
function exitsIn(section: string): readonly (readonly [code: string, exit: number])[] {
  const text = PAGE.split("\n## ").find((each) => each.startsWith(section)) ?? "";
  return [...text.matchAll(/^\| `([^`]+)` \| (\d+) \|/gm)].map(([, code = "", exit]) => [code, Number(exit)]);
}

test("failureOf: every code of a command and of a node ends with the status that its row says", () => {
  const command = exitsIn("What a command cannot do");
  assert.ok(command.length > 20);
  for (const [code, exit] of command) {
    assert.equal(failureOf(new ClientError(code as ClientCode, "words")).exit, exit, code);
  }
  const node = exitsIn("What a node cannot do");
  assert.ok(node.length > 15);
  for (const [code, exit] of node) {
    assert.equal(failureOf(new NodeError(code as NodeCode, "words")).exit, exit, code);
  }
});

test("failureOf: codes of bytes end with 4, refusals of a peer with 69, our own bugs with 70", () => {
  assert.equal(failureOf(new ProtocolError("note/malformed", "words")).exit, 4);
  assert.equal(failureOf(new ProtocolError("peer/not-held", "words")).exit, 69);
  for (const bug of [
    new ProtocolError("internal/impossible", "words"),
    new TypeError("bang"),
    "bang",
    null,
  ]) {
    assert.deepEqual([failureOf(bug).code, failureOf(bug).exit], ["internal/impossible", 70]);
  }
});

test("failureLine: one line with the code at its end, but for the stack of our own bug", () => {
  const bug = { code: "internal/impossible", message: "internal error: x\n    at y", exit: 70 };
  assert.equal(failureLine(bug, false), "samebits: internal error: x [internal/impossible]\n    at y");
  const failure = { code: "input/missing", message: "x\ny: no such file", exit: 66 };
  assert.equal(failureLine(failure, false), String.raw`samebits: x\ny: no such file [input/missing]`);
  const object = { samebits: 1, event: "error", ...failure };
  assert.deepEqual(JSON.parse(failureLine(failure, true)), object);
});

/** Every code of `protocol/spec/errors.md` that the HTTP interface hands on has the status that stands there. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Hono } from "hono";
import { problemOf } from "../../../node/api/problem.ts";
import { NodeError, Refused } from "../../../node/errors.ts";
import type { NodeCode } from "../../../node/errors.ts";
import { silent } from "../../../node/log.ts";
import { ProtocolError } from "../../../protocol/index.ts";
import type { ProtocolCode } from "../../../protocol/index.ts";
import { SPEC } from "../../json-schemas.ts";

interface Row {
  readonly code: string;
  /** What the row's text begins with, where that is a status. */
  readonly said: number | null;
}

/** The rows of one section of the page. */
async function rowsUnder(title: string): Promise<readonly Row[]> {
  const page = await readFile(join(SPEC, "errors.md"), "utf8");
  const section = page.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? assert.fail(title);
  return [...section.matchAll(/^\| `([a-z0-9-]+\/[a-z0-9-]+)` \|(?: \d+ \|)? (?:(\d{3}):)?/gm)].map(
    ([, code = "", said]) => ({ code, said: said === undefined ? null : Number(said) }),
  );
}

/** What is answered where this is thrown, and whether the log calls it our fault. */
async function answerTo(error: Error): Promise<{ readonly status: number; readonly logged: boolean }> {
  let logged = false;
  const app = new Hono();
  app.get("/", () => {
    throw error;
  });
  app.onError((thrown, context) => problemOf(context, thrown, { ...silent, error: () => (logged = true) }));
  const answer = await app.request("/");
  const { code, status } = (await answer.json()) as Record<string, unknown>;
  assert.equal(status, answer.status);
  assert.equal(code, "code" in error ? error.code : "internal/impossible");
  return { status: answer.status, logged };
}

const OTHERS: ReadonlyMap<string, number> = new Map([
  ["peer/busy", 503],
  ["peer/not-ready", 503],
  ["peer/no-such-finding", 404],
  ["internal/impossible", 500],
]);

test("problems: what is wrong with bytes is 400, what the engine refuses 409, but for what stands in errors.md", async () => {
  const rows = await rowsUnder("What is wrong with bytes");
  assert.ok(rows.length > 100);
  for (const { code, said } of rows) {
    const isOurs = code === "internal/impossible";
    const thrown = await answerTo(new ProtocolError(code as ProtocolCode, "words"));
    assert.deepEqual(thrown, { status: isOurs ? 500 : 400, logged: isOurs }, code);
    const refused = /^(?:checkpoint|note|cosignature)\//.test(code) ? 400 : 409;
    const answer = await answerTo(new Refused(code, "words"));
    assert.deepEqual(answer, { status: said ?? OTHERS.get(code) ?? refused, logged: isOurs }, code);
  }
});

test("problems: what a node cannot do is 503, whoever found it out", async () => {
  const rows = await rowsUnder("What a node cannot do");
  assert.ok(rows.length > 20);
  for (const { code } of rows) {
    assert.deepEqual(await answerTo(new NodeError(code as NodeCode, "words")), {
      status: 503,
      logged: false,
    });
    assert.deepEqual(await answerTo(new Refused(code, "words")), { status: 503, logged: false }, code);
  }
});

test("problems: what nobody expected is 500, and in the log", async () => {
  assert.deepEqual(await answerTo(new Error("words")), { status: 500, logged: true });
});

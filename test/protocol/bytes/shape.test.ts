import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonObject, readJson, record } from "../../../protocol/bytes/index.ts";
import type { RecordShape } from "../../../protocol/bytes/index.ts";

const read = (text: string): RecordShape => record(readJson(text, { maxBytes: 10_000 }), "statement");

test("a record is read member by member", () => {
  const r = read(
    '{"type":"link","size":3,"ok":true,"list":[1,2],"inner":{"hex":"00ff"},"table":{"__proto__":1},"n":"12"}',
  );
  assert.equal(r.string("type"), "link");
  assert.equal(r.integer("size", 0, 3), 3);
  assert.equal(r.boolean("ok"), true);
  assert.deepEqual(
    r.list("list", 2).map((item) => item.integer(0, 9)),
    [1, 2],
  );
  assert.deepEqual(r.record("inner").member("hex").hex(2), Uint8Array.of(0, 255));
  assert.deepEqual(
    [...r.table("table", 1)].map(([name, shape]) => [name, shape.integer(0, 1)]),
    [["__proto__", 1]],
  );
  assert.equal(r.member("n").decimal(12), 12);
  assert.equal(r.optional("absent"), undefined);
  r.done();
});

test("faults name the place", () => {
  const r = read('{"subject":[{"digest":{"sha256":"XX","a.b":1}}],"size":1.5,"type":null}');
  const digest = (): RecordShape => r.list("subject", 1)[0]?.record().record("digest") ?? assert.fail();
  const faults: [() => unknown, string, string][] = [
    [() => digest().member("sha256").hex(), "bytes/bad-hex", "statement.subject[0].digest.sha256: "],
    [() => digest().string("a.b"), "shape/wrong-type", 'statement.subject[0].digest["a.b"]: '],
    [() => digest().string("sha512"), "shape/missing", "statement.subject[0].digest: "],
    [() => r.integer("size", 0, 9), "shape/out-of-range", "statement.size: "],
    [() => r.string("type"), "shape/wrong-type", "statement.type: text expected, not null"],
    [() => r.list("type", 1), "shape/wrong-type", "statement.type: a list expected"],
    [() => r.record("subject"), "shape/wrong-type", "statement.subject: an object expected, not a list"],
    [() => r.table("size", 1), "shape/wrong-type", "statement.size: "],
    [() => r.boolean("size"), "shape/wrong-type", "statement.size: true or false expected, not a number"],
    [() => r.list("subject", 0), "shape/out-of-range", "statement.subject: a list of at most 0"],
    [() => record([], "envelope"), "shape/wrong-type", "envelope: an object expected"],
    [() => r.member("size").fail("shape/out-of-range", "bad"), "shape/out-of-range", "statement.size: bad"],
  ];
  for (const [run, code, message] of faults) {
    assert.throws(run, (error: Error & { code?: string }) => {
      assert.equal(error.code, code);
      assert.ok(error.message.startsWith(message), error.message);
      return true;
    });
  }
});

test("limits: octets of text, range of integers, members of tables, words", () => {
  const r = read('{"é":"éé","n":-1,"t":{"a":1,"b":2},"word":"maybe","d":"01"}');
  assert.equal(r.string("é", 4), "éé");
  assert.throws(() => r.string("é", 3), { code: "shape/out-of-range" });
  assert.throws(() => r.integer("n", 0, 9), { code: "shape/out-of-range" });
  assert.equal(r.integer("n", -1, 9), -1);
  assert.throws(() => r.table("t", 1), { code: "shape/out-of-range" });
  assert.throws(() => r.member("word").oneOf(["yes", "no"]), { code: "shape/out-of-range" });
  assert.equal(r.member("word").oneOf(["yes", "maybe"]), "maybe");
  assert.throws(() => r.member("d").decimal(), { code: "bytes/bad-decimal" });
});

test("done() refuses members that nobody asked for; rest() gives them", () => {
  const r = read('{"a":1,"evil\\u0000name":2}');
  r.integer("a", 0, 1);
  assert.deepEqual(r.rest(), new Map([["evil\u0000name", 2]]));
  assert.throws(() => r.done(), { code: "shape/unknown-member" });
  r.optional("evil\u0000name");
  r.done();
});

test("messages stay short and clean whatever the names are", () => {
  const name = `${"x".repeat(100_000)}\u001b[31m`;
  const r = record(jsonObject({ [name]: 1 }), "statement");
  assert.throws(
    () => r.done(),
    (error: Error) => error.message.length < 400 && !error.message.includes("\u001b"),
  );
});

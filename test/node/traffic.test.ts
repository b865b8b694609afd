import assert from "node:assert/strict";
import { test } from "node:test";
import { Traffic } from "../../node/traffic.ts";

test("traffic: questions under way together are one round trip, one that waited for another is a second", () => {
  const traffic = new Traffic();
  const [a, b] = [traffic.ask("tiles", 1), traffic.ask("tiles", 1)];
  a(10);
  assert.equal(traffic.rounds, 1);
  const c = traffic.ask("query", 1);
  b(10);
  assert.equal(traffic.rounds, 1, "b began with a");
  c(0);
  assert.equal(traffic.rounds, 2);
  assert.deepEqual(
    traffic.all().map(({ stream, questions, asked, answered }) => [stream, questions, asked, answered]),
    [
      ["tiles", 2, 2, 20],
      ["query", 1, 1, 0],
    ],
  );
});

/** Counting, against a count by the words of the definitions. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { standingOf, stepsOf, Tally } from "../../../node/picture/count.ts";
import { withPoint } from "../../../node/picture/history.ts";
import type { Agreement, Said } from "../../../node/picture/types.ts";

/** Keys a1 and a2 are of one operator; x is nobody's who is counted. */
const speakerOf = (key: string): string | null => (key === "x" ? null : (key[0] ?? null));
const KEYS = ["a1", "a2", "b", "c", "d", "e", "x"];

function said(builder: string, sha256: string, changes: Partial<Said> = {}): Said {
  return { builder, sha256, kind: "positive", step: "s", retracted: false, ...changes };
}

function agreement(...all: readonly Said[]): Agreement | null {
  return standingOf(all, speakerOf).agreement;
}

test("count: how a target's builders stand to each other", () => {
  assert.equal(agreement(), null);
  assert.equal(agreement(said("a1", "1")), "single");
  assert.equal(agreement(said("a1", "1"), said("a2", "1")), "single");
  assert.equal(agreement(said("a1", "1"), said("b", "1")), "same");
  assert.equal(agreement(said("a1", "1"), said("b", "2")), "different");
  assert.equal(agreement(said("a1", "1"), said("b", "1"), said("c", "2")), "majority");
  assert.equal(agreement(said("a1", "1"), said("b", "1"), said("c", "2"), said("d", "2")), "split");
  assert.equal(agreement(said("a1", "1"), said("b", "1"), said("c", "2"), said("d", "3")), "split");
  assert.equal(agreement(said("a1", "1"), said("b", "2"), said("c", "3")), "different");
});

test("count: who contradicts himself agrees with nobody, also by another key of his", () => {
  assert.equal(agreement(said("b", "1"), said("b", "2")), "different");
  assert.equal(agreement(said("a1", "1"), said("a2", "2"), said("b", "1")), "different");
  assert.equal(agreement(said("a1", "1"), said("a2", "2"), said("b", "1"), said("c", "1")), "majority");
});

test("count: what is taken back, failed, differs, or is a stranger's has no vote", () => {
  assert.equal(agreement(said("b", "1"), said("c", "2", { retracted: true })), "single");
  assert.equal(agreement(said("b", "1"), said("c", "2", { kind: "differs" })), "single");
  assert.equal(agreement(said("b", "1"), said("x", "2")), "single");
  assert.equal(agreement(said("x", "2")), null);
});

test("count: steps are about different things; a target is as the worst of them", () => {
  assert.equal(agreement(said("a1", "1"), said("b", "2", { step: "t" })), "single");
  const all = [
    said("a1", "1"),
    said("b", "1"),
    said("a1", "3", { step: "t" }),
    said("b", "4", { step: "t" }),
  ];
  assert.deepEqual(standingOf(all, speakerOf), { voters: 2, agreement: "different", majority: "1" });
});

test("count: each step by itself, the largest first; who got several has no result, strangers none at all", () => {
  const steps = stepsOf(
    [
      said("a1", "1"),
      said("a2", "1"),
      said("b", "2"),
      said("c", "1"),
      said("d", "1"),
      said("d", "3"),
      said("x", "9"),
      said("x", "9", { step: "u" }),
      said("b", "5", { step: "t" }),
    ],
    speakerOf,
  );
  const results = [
    { sha256: "1", voters: 2 },
    { sha256: "2", voters: 1 },
    { sha256: "3", voters: 0 },
  ];
  assert.deepEqual(steps, [
    { step: "s", voters: 4, agreement: "split", majority: null, results },
    {
      step: "t",
      voters: 1,
      agreement: "single",
      majority: "5",
      results: [{ sha256: "5", voters: 1 }],
    },
  ]);
});

/** By the words: of each step the speakers' votes, and the camps of those who got the same. */
function naive(all: readonly Said[]): Agreement | null {
  const order: readonly Agreement[] = ["single", "same", "majority", "different", "split"];
  let worst: Agreement | null = null;
  for (const step of new Set(all.map((one) => one.step))) {
    const votes = all.filter(
      (one) =>
        one.step === step && one.kind === "positive" && !one.retracted && speakerOf(one.builder) !== null,
    );
    const speakers = [...new Set(votes.map(({ builder }) => speakerOf(builder)))];
    if (speakers.length === 0) continue;
    const results = speakers.map((speaker) => {
      const own = new Set(
        votes.filter(({ builder }) => speakerOf(builder) === speaker).map((one) => one.sha256),
      );
      return own.size === 1 ? [...own][0] : `torn ${speaker}`;
    });
    const camps = [...new Set(results)].map((result) => results.filter((one) => one === result).length);
    const most = Math.max(...camps);
    const isTorn = String(results[0]).startsWith("torn");
    const here =
      speakers.length === 1
        ? isTorn
          ? "different"
          : "single"
        : most === speakers.length
          ? "same"
          : most > speakers.length - most
            ? "majority"
            : most === 1
              ? "different"
              : "split";
    if (worst === null || order.indexOf(here) > order.indexOf(worst)) worst = here;
  }
  return worst;
}

const SAID: fc.Arbitrary<Said> = fc.record({
  builder: fc.constantFrom(...KEYS),
  kind: fc.constantFrom("positive", "positive", "positive", "failed", "differs"),
  step: fc.constantFrom("s", "s", "t"),
  sha256: fc.constantFrom("1", "1", "2", "3"),
  retracted: fc.boolean().map((yes) => yes),
});

test("count: any claims, in any order, are counted as the words say", () => {
  fc.assert(
    fc.property(fc.array(fc.array(SAID, { maxLength: 12 }), { maxLength: 8 }), fc.nat(), (targets, turn) => {
      const turned = targets.map((all) =>
        all.map((_, i) => all[(i + turn) % all.length] ?? all[0]).flatMap((one) => one ?? []),
      );
      const [tally, other] = [new Tally(speakerOf, KEYS), new Tally(speakerOf, KEYS)];
      for (const [i, all] of targets.entries()) {
        assert.equal(tally.add(all).agreement, naive(all));
        const [largest] = stepsOf(all, speakerOf);
        const { voters, majority } = standingOf(all, speakerOf);
        assert.deepEqual([largest?.voters ?? 0, largest?.majority ?? null], [voters, majority]);
        other.add(turned[i] ?? []);
      }
      const result = tally.result();
      assert.deepEqual(result, other.result());
      const classes = targets.map(naive);
      for (const [name, count] of Object.entries(result.agreement))
        assert.equal(count, classes.filter((one) => one === name).length, name);
      assert.equal(result.targets, classes.filter((one) => one !== null).length);
      const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
      assert.equal(sum(result.byBuilders.map((one) => one.targets)), result.targets);
      for (const { key, targets: votes, same, different } of result.builders) {
        assert.ok(same + different <= votes, key);
        assert.notEqual(key, "x");
      }
      for (const { a, b, same, different } of result.pairs) {
        const both = targets.filter((all) =>
          ["s", "t"].some((step) =>
            [a, b].every((key) =>
              all.some(
                (one) =>
                  one.builder === key && one.step === step && one.kind === "positive" && !one.retracted,
              ),
            ),
          ),
        );
        assert.equal(same + different, both.length, `${a} ${b}`);
        assert.ok(a < b);
      }
    }),
  );
});

test("count: what a builder did where it failed, stood with most, or stood apart", () => {
  const tally = new Tally(speakerOf, KEYS);
  tally.add([said("b", "1"), said("c", "1"), said("d", "2"), said("e", "9", { kind: "failed" })]);
  tally.add([said("b", "1"), said("e", "1", { kind: "failed" }), said("e", "1")]);
  const { builders, pairs } = tally.result();
  assert.deepEqual(builders, [
    { key: "b", targets: 2, same: 2, different: 0, failed: 0 },
    { key: "c", targets: 1, same: 1, different: 0, failed: 0 },
    { key: "d", targets: 1, same: 0, different: 1, failed: 0 },
    { key: "e", targets: 1, same: 1, different: 0, failed: 1 },
  ]);
  assert.deepEqual(pairs, [
    { a: "b", b: "c", same: 1, different: 0 },
    { a: "b", b: "d", same: 0, different: 1 },
    { a: "b", b: "e", same: 1, different: 0 },
    { a: "c", b: "d", same: 0, different: 1 },
  ]);
});

test("history: the last point of each hour for two days, of each day for 400, and the newest always", () => {
  const hour = 3_600_000;
  let history: readonly { readonly time: number }[] = [];
  const end = 500 * 24;
  for (let at = 0; at <= end; at += 0.5) history = withPoint(history, { time: at * hour });
  const hours = history.map(({ time }) => time / hour);
  assert.equal(hours.at(-1), end);
  const recent = hours.filter((at) => at >= end - 48);
  assert.deepEqual(recent, [...Array.from({ length: 48 }, (_, i) => end - 48 + i + 0.5), end]);
  const old = hours.filter((at) => at < end - 48);
  assert.deepEqual(
    old,
    Array.from({ length: 398 }, (_, i) => (end / 24 - 400 + i) * 24 + 23.5),
  );
  assert.ok(history.length <= 450);
  // A clock that was set back leaves nothing of the future.
  assert.deepEqual(
    withPoint(history, { time: 5 }).map(({ time }) => time),
    [0, 5].filter((at) => at === 5),
  );
});

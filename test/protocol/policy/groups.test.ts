import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ProtocolError } from "../../../protocol/errors.ts";
import { buildersUnder, tally, waysToMeet } from "../../../protocol/policy/groups.ts";
import { sitterOf } from "../../../protocol/policy/distinct.ts";
import type { Voter } from "../../../protocol/policy/distinct.ts";
import { choicesIn } from "../../../protocol/policy/seats.ts";
import type { Party, Requirement, Way } from "../../../protocol/policy/types.ts";
import { naiveMet } from "../../naive/quorum.ts";
import type { NaiveVoter } from "../../naive/quorum.ts";

const NAMES = ["a", "b", "c", "d", "e"] as const;

const builder = (name: string): Party => ({ kind: "builder", name });
const group = (k: number, ...of: readonly Party[]): Party => ({
  kind: "group",
  name: "g",
  k,
  of,
  builders: [...new Set(of.flatMap(buildersUnder))],
});

/** A requirement whose step does not matter may leave it out. */
type Asked = Omit<Requirement, "step"> & Partial<Requirement>;

function waysOf(asked: readonly Asked[]): readonly Way[] {
  return waysToMeet(asked.map((one) => ({ step: "rebuild", ...one })));
}

function met(asked: readonly Asked[], voters: readonly Voter[]): boolean {
  const { needed, taken } = tally(waysOf(asked), voters);
  return needed === taken;
}

/** `a@x` is a of the operator x, `a:review` what a says of that step. */
function voters(spec: string): readonly Voter[] {
  return spec.split(" ").map((word) => {
    const [who = "", ...voices] = word.split("@");
    const [name = "", step = "rebuild"] = who.split(":");
    return { sitter: sitterOf(name, step), voices: voices.length === 0 ? [name] : voices };
  });
}

test("each requirement has its step, and nobody sits for two", () => {
  const role = (...builders: readonly string[]): Party => ({ kind: "role", role: "r", builders });
  const rule: readonly Asked[] = [
    { k: 2, of: role("a", "b", "c"), step: "rebuild" },
    { k: 1, of: role("a", "r"), step: "review" },
  ];
  assert.equal(met(rule, voters("a b r")), false, "r did not review");
  assert.equal(met(rule, voters("a b r:review")), true);
  assert.equal(met(rule, voters("a b a:review")), false, "a sits once");
  assert.equal(met(rule, voters("a b c a:review")), true, "b and c for the one, a for the other");
  assert.equal(met(rule, voters("a@x b@y r:review@x")), false, "distinct over both");
  assert.equal(met(rule, voters("a:review b:review c:review")), false);
});

test("nested groups and operators that could sit on several seats", () => {
  const ab = group(1, builder("a"), builder("b"));
  const ac = group(1, builder("a"), builder("c"));
  const both: readonly Asked[] = [{ k: 2, of: [ab, ac] }];
  assert.equal(met(both, voters("a")), false, "one builder does not meet two groups");
  assert.equal(met(both, voters("a b")), true, "b sits for the first, a for the second");
  assert.equal(met(both, voters("a@x c@x")), false, "one operator, one seat");
  assert.equal(met(both, voters("a@x b@y c@x")), true);
  const pair = group(2, builder("a"), builder("b"));
  assert.equal(met([{ k: 1, of: pair }], voters("a c")), false, "a group of two is met by two only");
  assert.equal(met([{ k: 3, of: group(1, builder("a"), builder("b"), builder("c")) }], voters("a b")), false);
  assert.equal(
    met([{ k: 3, of: group(1, builder("a"), builder("b"), builder("c")) }], voters("a b c")),
    true,
  );
});

test("distinct over all requirements of a rule", () => {
  const role = (...builders: readonly string[]): Party => ({ kind: "role", role: "r", builders });
  const rule: readonly Asked[] = [
    { k: 1, of: role("a", "b") },
    { k: 1, of: role("a") },
  ];
  assert.equal(met(rule, voters("a")), false);
  assert.equal(met(rule, voters("a b")), true);
  assert.equal(met(rule, voters("a@x b@x")), false);
});

test("operators in several countries: no two may share either", () => {
  const three: readonly Asked[] = [{ k: 2, of: ["a", "b", "c"].map(builder) }];
  assert.equal(met(three, voters("a@X@DE b@X@FR")), false, "one operator");
  assert.equal(met(three, voters("b@X@FR c@Y@FR")), false, "one country");
  assert.equal(met(three, voters("a@X@DE b@X@FR c@Y@FR")), true, "a and c share nothing");
  assert.deepEqual(tally(waysOf(three), voters("a@X@DE b@X@FR")), { needed: 2, taken: 1 });
});

test("choices are counted where no one thing decides", () => {
  const [way = []] = waysOf([{ k: 3, of: ["a", "b", "c", "d"].map(builder) }]);
  assert.equal(choicesIn(way, voters("a@X@DE b@X@DE c@Y@FR d@Z@FR")), 1, "each operator in one country");
  assert.equal(choicesIn(way, voters("a@X@DE b@X@FR c@Y@FR d@Z@US")), 1 + 4 + 6 + 4);
});

test("how near: the way with the fewest seats open", () => {
  const rule: readonly Asked[] = [
    { k: 1, of: [group(3, builder("a"), builder("b"), builder("c")), group(2, builder("d"), builder("e"))] },
  ];
  assert.deepEqual(tally(waysOf(rule), voters("a b")), { needed: 3, taken: 2 });
  assert.deepEqual(
    tally(waysOf(rule), voters("a")),
    { needed: 2, taken: 0 },
    "two open in each: the shorter",
  );
});

test("too many ways or seats are a fault of the policy, found at reading", () => {
  const many = Array.from({ length: 20 }, (_, index) => group(2, builder(`x${index}`), builder(`y${index}`)));
  assert.throws(() => waysOf([{ k: 10, of: many }]), { code: "policy/too-complex" });
  let deep: Party = group(1, builder("a"), builder("b"));
  for (let level = 0; level < 40; level++) deep = group(2, deep, deep);
  assert.throws(() => waysOf([{ k: 1, of: [deep] }]), { code: "policy/too-complex" });
  let wide: Party = group(1, builder("a"), builder("b"));
  for (let level = 0; level < 200; level++) wide = group(1, wide, wide);
  assert.equal(waysOf([{ k: 1, of: [wide] }]).length, 1, "deep nesting alone costs nothing");
});

const { party } = fc.letrec<{ party: Party }>((tie) => ({
  party: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    fc.constantFrom(...NAMES).map(builder),
    fc
      .subarray([...NAMES], { minLength: 1 })
      .map((builders): Party => ({ kind: "role", role: "r", builders })),
    fc
      .array(tie("party"), { minLength: 1, maxLength: 3 })
      .chain((of) => fc.integer({ min: 1, max: of.length }).map((k) => group(k, ...of))),
  ),
}));
const step = fc.constantFrom("rebuild", "rebuild", "review");
const requirement: fc.Arbitrary<Requirement> = fc.oneof(
  fc.record({ k: fc.integer({ min: 1, max: 3 }), of: party, step }),
  fc
    .uniqueArray(party, { minLength: 1, maxLength: 3, selector: (one) => JSON.stringify(one) })
    .chain((of) => fc.record({ k: fc.integer({ min: 1, max: of.length }), of: fc.constant(of), step })),
);
const someVoters = fc
  .subarray([...NAMES])
  .chain((names) =>
    fc.tuple(
      ...names.map((name) =>
        fc
          .tuple(
            fc.constantFrom("x", "y", "z", name),
            fc.constantFrom("DE", "FR", name),
            fc.constantFrom(["rebuild"], ["rebuild"], ["review"], ["rebuild", "review"]),
          )
          .map(([operator, country, steps]) =>
            steps.map((one): NaiveVoter => ({ builder: name, step: one, voices: [operator, country] })),
          ),
      ),
    ),
  )
  .map((each) => each.flat());
/** Only operators, only countries, or both. */
const places = fc.constantFrom([0], [1], [0, 1]);

test("the matching agrees with trying everything", () => {
  fc.assert(
    fc.property(
      fc.array(requirement, { minLength: 1, maxLength: 2 }),
      someVoters,
      places,
      (requirements, all, at) => {
        const some = all.map((voter) => ({ ...voter, voices: at.map((place) => voter.voices[place] ?? "") }));
        let ways: readonly Way[];
        try {
          ways = waysToMeet(requirements);
        } catch (error) {
          assert.ok(error instanceof ProtocolError && error.code === "policy/too-complex");
          return;
        }
        // k of fewer parties has no way at all; a policy file can't say it.
        if (ways.length === 0) return;
        const { needed, taken } = tally(
          ways,
          some.map(({ builder: name, step: of, voices }) => ({ sitter: sitterOf(name, of), voices })),
        );
        assert.equal(needed === taken, naiveMet(requirements, some));
      },
    ),
    { numRuns: 2_000 },
  );
});

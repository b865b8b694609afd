/** Rules that ask for witnesses, held against a plain second opinion: who saw a claim, and that holding back never makes more of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { utf8 } from "../../../protocol/bytes/index.ts";
import { collectFound, judge } from "../../../protocol/verdict/index.ts";
import type { RawFindings, Verdict } from "../../../protocol/verdict/index.ts";
import { NETWORK, NOW, signer } from "./cast.ts";
import { tellFeed } from "./feeds.ts";
import { Scene } from "./scene.ts";

const WITNESSES = ["w1", "w2", "w3", "w4"] as const;
/** The claim stands at this index of a feed of three entries. */
const INDEX = 1;
const SIZE = 3;

interface Saw {
  readonly witness: (typeof WITNESSES)[number];
  readonly size: number;
  /** Minutes since then; below 0 its clock is ahead. */
  readonly minutes: number;
  readonly joined: boolean;
}

interface Model {
  readonly operators: readonly string[];
  readonly k: number;
  readonly named: readonly string[];
  readonly saw: readonly Saw[];
}

const model: fc.Arbitrary<Model> = fc
  .record({
    operators: fc.tuple(...WITNESSES.map((name) => fc.constantFrom(name, name, "X"))),
    k: fc.integer({ min: 1, max: 3 }),
    named: fc.subarray([...WITNESSES], { minLength: 1 }),
    saw: fc.array(
      fc.record({
        witness: fc.constantFrom(...WITNESSES),
        size: fc.integer({ min: 1, max: SIZE }),
        minutes: fc.constantFrom(-10, 1, 100),
        joined: fc.boolean(),
      }),
      { maxLength: 8 },
    ),
  })
  .filter(({ operators, k, named }) => new Set(named.map((name) => operatorOf(operators, name))).size >= k);

function operatorOf(operators: readonly string[], name: string): string {
  return operators[WITNESSES.findIndex((one) => one === name)] ?? name;
}

function sceneOf({ operators, k, named, saw }: Model, more = ""): Scene {
  const scene = new Scene();
  scene.tell("builder a");
  for (const name of WITNESSES) scene.tell(`witness ${name} operator=${operatorOf(operators, name)}`);
  const of = named.map((name) => `"${name}"`).join(", ");
  scene.tell(`rule require={ k = 1, of = "a" } witnesses={ k = ${k}, of = [${of}] }${more}`);
  scene.tell("a gives G as=pkg:deb/ubuntu/hello@2.10-3?arch=amd64");
  scene.tell("a gives F");
  scene.tell("a gives H as=pkg:deb/ubuntu/hello@2.10-3?arch=amd64");
  for (const { witness, size, minutes, joined } of saw)
    scene.tell(`${witness} saw a size=${size} age=${minutes}m${joined ? "" : " unjoined"}`);
  return scene;
}

async function verdictOn(scene: Scene, raw: RawFindings): Promise<Verdict> {
  const policy = scene.policy();
  const collected = await collectFound(raw, { policy, network: NETWORK, strict: false });
  return judge(scene.artifact(), { ...collected, ...scene.rest() }, policy, NOW);
}

/** The witnesses that count, said plainly: named, at a size that holds the claim, by a clock that is not ahead, on the feed's own history. */
function opinion({ saw, named }: Model, shown: readonly Saw[] = saw): readonly string[] {
  const isProven = (size: number): boolean =>
    size === SIZE || shown.some((one) => one.size === size && one.joined);
  return named.filter((name) =>
    saw.some(
      ({ witness, size, minutes }) => witness === name && size > INDEX && minutes > 0 && isProven(size),
    ),
  );
}

test("a claim counts exactly where enough operators of the witnesses named have seen it", async () => {
  await fc.assert(
    fc.asyncProperty(model, async (one) => {
      const verdict = await sceneOf(one).verdict();
      const expected = opinion(one);
      const count = new Set(expected.map((name) => operatorOf(one.operators, name))).size;
      assert.deepEqual(verdict.votes[0]?.witnesses, { saw: expected, count, needed: one.k });
      assert.equal(verdict.votes[0]?.vote, count >= one.k ? "agrees" : "excluded");
      assert.equal(verdict.verdict, count >= one.k ? "reproduced" : "pending");
    }),
    { numRuns: 300 },
  );
});

test("a claim that is to have been in a feed for an hour counts exactly where enough operators cosigned so long ago", async () => {
  await fc.assert(
    fc.asyncProperty(model, async (one) => {
      const scene = sceneOf(one, ' logged_for="1h"');
      const verdict = await scene.verdict();
      const long = opinion({ ...one, saw: one.saw.filter(({ minutes }) => minutes >= 60) }, one.saw);
      const count = new Set(long.map((name) => operatorOf(one.operators, name))).size;
      assert.equal(verdict.votes[0]?.vote, count >= one.k ? "agrees" : "excluded");
    }),
    { numRuns: 200 },
  );
});

test("fewer witnesses than a rule asks for change nothing, however far back they date what they cosigned", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: WITNESSES.length }),
      fc.integer({ min: 0, max: WITNESSES.length }),
      async (k, liars) => {
        const saw = WITNESSES.map((witness, i) => {
          return { witness, size: SIZE, minutes: i < liars ? 1_000_000 : 1, joined: true };
        });
        const story = { operators: [...WITNESSES], k, named: WITNESSES, saw };
        const verdict = await sceneOf(story, ' logged_for="1h"').verdict();
        assert.equal(verdict.verdict, liars >= k ? "reproduced" : "pending");
      },
    ),
    { numRuns: 40 },
  );
});

test("order and repetition change nothing, and what is held back never makes a claim count", async () => {
  await fc.assert(
    fc.asyncProperty(model, fc.nat(2 ** 10), async (one, mask) => {
      const scene = sceneOf(one);
      const raw = scene.raw();
      const { joins = [] } = raw;
      const whole = await verdictOn(scene, raw);
      const turned = {
        ...raw,
        heads: [...raw.heads.toReversed(), ...raw.heads],
        joins: [...joins.toReversed(), ...joins],
      };
      assert.deepEqual((await verdictOn(scene, turned)).votes, whole.votes);
      const some = <Item>(items: readonly Item[]): readonly Item[] =>
        items.filter((_, index) => ((mask >> (index % 10)) & 1) === 0);
      const less = await verdictOn(scene, { ...raw, heads: some(raw.heads), joins: some(joins) });
      const seen = whole.votes[0]?.witnesses?.saw ?? [];
      assert.ok(less.votes[0]?.witnesses?.saw.every((name) => seen.includes(name)));
    }),
    { numRuns: 150 },
  );
});

test("two heads of one size of a carrier: its order decides nothing, and the witnesses' time of one of them is enough", async () => {
  const scene = new Scene();
  for (const line of [
    "builder a",
    "witness w1",
    'rule require={ k = 1, of = "a" } witnesses={ k = 1 } max_head_age="1d"',
    "a gives F in=c",
    "w1 saw c size=1 age=60m",
  ])
    scene.tell(line);
  const one = scene.raw();
  const other = tellFeed({
    name: "c",
    entries: [{ bytes: utf8("another history"), by: signer("c") }],
    age: null,
    complete: false,
    fork: "none",
  });
  for (const heads of [
    [...one.heads, ...other.heads],
    [...other.heads, ...one.heads],
  ]) {
    const verdict = await verdictOn(scene, { ...one, heads });
    assert.deepEqual(
      verdict.votes.map(({ vote }) => vote),
      ["agrees"],
    );
    assert.equal(verdict.decision, "allow");
  }
});

test("two clients whose quorums overlap never both take one of two branches: k1 + k2 > n + f", async () => {
  const n = WITNESSES.length;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 1 }),
      fc.integer({ min: 1, max: n }),
      fc.array(fc.boolean(), { minLength: n, maxLength: n }),
      async (liars, k1, sides) => {
        const k2 = n + liars + 1 - k1;
        if (k2 > n) return;
        // An honest witness cosigns one branch; the first `liars` cosign both.
        const takes = async (k: number, side: boolean): Promise<boolean> => {
          const saw = WITNESSES.filter((_, i) => i < liars || sides[i] === side).map((witness) => {
            return { witness, size: SIZE, minutes: 1, joined: true };
          });
          const verdict = await sceneOf({ operators: [...WITNESSES], k, named: WITNESSES, saw }).verdict();
          return verdict.verdict === "reproduced";
        };
        assert.ok(!((await takes(k1, true)) && (await takes(k2, false))));
      },
    ),
    { numRuns: 100 },
  );
});

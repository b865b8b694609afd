/** Patterns of rules: what Python's fnmatch matches, which in-toto's rules are written for, is what matches here. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { matcherOf } from "../../protocol/intoto/match.ts";
import { Random } from "../sim/random.ts";
import { ODD } from "./draw.ts";
import { InToto, lacksInToto } from "./in-toto.ts";

const PAIRS = 8_000;
const SIGNS = ["a", "b", "c", "-", "!", "]", "[", "*", "?", "^", "/", ".", "\\", "\u{1F600}"] as const;

function drawn(random: Random, most: number): string {
  return Array.from({ length: random.below(most + 1) }, () => random.pick(SIGNS)).join("");
}

/** A set, of which random signs alone would make few, and a name with one sign in its place. */
function withSet(random: Random): readonly [string, string] {
  const [before, after] = [drawn(random, 1), drawn(random, 1)];
  const set = `[${random.chance(0.4) ? "!" : ""}${drawn(random, 5)}]`;
  return [before + set + after, before + random.pick(SIGNS) + after];
}

function pair(random: Random, at: number): readonly [string, string] {
  const name = drawn(random, random.chance(0.5) ? 3 : 6);
  if (at < ODD.length) return [ODD[at] ?? "", name];
  return random.chance(0.5) ? withSet(random) : [drawn(random, 4), name];
}

test(`${PAIRS} patterns and names: the same as Python's fnmatch`, { skip: lacksInToto() }, async () => {
  const random = new Random(5);
  const pairs = Array.from({ length: PAIRS }, (_, at) => pair(random, at));
  const { matches } = await new InToto().ask<{ readonly matches: readonly boolean[] }>({
    do: "fnmatch",
    pairs,
  });
  for (const [at, [pattern, name]] of pairs.entries()) {
    assert.equal(
      matcherOf(pattern)(name),
      matches[at],
      `${JSON.stringify(pattern)} on ${JSON.stringify(name)}`,
    );
  }
  const matching = matches.filter(Boolean).length;
  assert.ok(matching > PAIRS / 20, `${matching} match`);
});

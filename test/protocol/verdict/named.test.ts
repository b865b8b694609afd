/** Which of the sources that builders name are tried: whoever names thousands crowds out none but its own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MAX_SOURCES_EACH } from "../../../protocol/limits.ts";
import { readPolicy } from "../../../protocol/policy/index.ts";
import { toSpkiPem } from "../../../protocol/crypto/index.ts";
import { namedIn } from "../../../protocol/verdict/named.ts";
import { decide } from "../../../protocol/verdict/quorum.ts";
import type { Speaker, Spoken } from "../../../protocol/verdict/voices.ts";
import { signer } from "./cast.ts";

const HONEST = ["a", "b", "c"] as const;
const FLOODING = ["x", "y"] as const;
const NAMES = [...HONEST, ...FLOODING];
const K = 2;

const POLICY = readPolicy(
  `version = 1\n${NAMES.map((name) => `[builders.${name}]\nkey = ${JSON.stringify(toSpkiPem(signer(name).key))}\n`).join("")}[[rules]]\nname = "debian"\nmatch = "pkg:deb/debian/*"\nrequire = { k = ${K}, of = ${JSON.stringify(NAMES)} }\nsource = "same"\n`,
);

/** Names that come before and after the honest ones'. */
const source = fc.integer({ min: 100, max: 999 }).map((number) => `sha256:${number}`);

function claims(most: number): fc.Arbitrary<readonly Spoken[]> {
  const claim = fc.uniqueArray(source, { minLength: 1, maxLength: 3 }).map((names) => ({
    step: "rebuild",
    sources: new Set(names),
    object: null,
    link: null,
  }));
  return fc.array(claim, { minLength: 1, maxLength: most });
}

/** Honest builders name few sources, those that flood name many together. */
const said = fc.record({
  honest: fc.tuple(...HONEST.map(() => claims(Math.floor(MAX_SOURCES_EACH / 3) - 1))),
  common: fc.option(source),
  flood: fc.array(source, { minLength: 60, maxLength: 120 }),
});

function speaking(name: string, spoken: readonly Spoken[]): Speaker {
  const builder = POLICY.builders.get(name);
  assert.ok(builder);
  return { builder, spoken };
}

const nobody = { stated: (): null => null, vouched: (): null => null };

test("no flood of sources keeps one from counting that enough others name", () => {
  const [rule] = POLICY.rules;
  assert.ok(rule);
  fc.assert(
    fc.property(said, fc.nat(), ({ honest, common, flood }, seed) => {
      const some = honest.map((spoken, at) =>
        speaking(HONEST[at] ?? "", common === null || at === 2 ? spoken : withSource(spoken, common)),
      );
      const floods = FLOODING.map((name) =>
        speaking(
          name,
          flood.map((one) => ({ step: "rebuild", sources: new Set([one]), object: null, link: null })),
        ),
      );
      // Said without any bound: is there a source that enough of the honest ones name?
      const all = new Set(some.flatMap(({ spoken }) => spoken.flatMap(({ sources }) => [...sources])));
      const isEnough = [...all].some(
        (name) => some.filter(({ spoken }) => spoken.some((one) => one.sources.has(name))).length >= K,
      );
      const alone = decide(rule, some, [], nobody);
      assert.equal(alone.outcome === "met", isEnough);
      if (isEnough) assert.equal(decide(rule, [...some, ...floods], [], nobody).outcome, "met");
      const turned = [...floods, ...some].map((one) => ({ ...one, spoken: turn(one.spoken, seed) }));
      assert.deepEqual(
        decide(rule, turn(turned, seed), [], nobody),
        decide(rule, [...some, ...floods], [], nobody),
        "the order in which they speak does not show",
      );
    }),
    { numRuns: 150 },
  );
});

test("of one that names many, those count that most of its own claims name", () => {
  const dsc = "sha256:zz";
  const spoken = Array.from({ length: 40 }, (_, run) => ({
    sources: new Set([dsc, `sha256:${String(run).padStart(2, "0")}`]),
  }));
  const named = namedIn(spoken);
  assert.equal(named.length, MAX_SOURCES_EACH);
  assert.ok(named.includes(dsc), "each run has a record of its own, and all have one source");
  assert.deepEqual(namedIn(spoken.toReversed()), named);
});

function withSource([first, ...others]: readonly Spoken[], name: string): readonly Spoken[] {
  return first === undefined ? [] : [{ ...first, sources: new Set([...first.sources, name]) }, ...others];
}

function turn<Item>(items: readonly Item[], seed: number): readonly Item[] {
  const at = items.length === 0 ? 0 : seed % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}

/** Verdicts where it is open which rule is for a file: by the strictest of those that may be. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readPolicy } from "../../../protocol/policy/index.ts";
import type { AptListing } from "../../../protocol/policy/index.ts";
import { collectFound, judge } from "../../../protocol/verdict/index.ts";
import type { Verdict } from "../../../protocol/verdict/index.ts";
import { NETWORK, NOW } from "./cast.ts";
import { Scene } from "./scene.ts";

const DEBIAN: AptListing = { origin: "Debian", suites: ["bookworm"] };
const OTHERS: AptListing = { origin: "Others", suites: ["x"] };

/** What a file of a's alone is worth by two rules: of Debian two are needed, of all else one. */
async function verdictOn(
  says: readonly string[],
  rules: readonly [debian: string, others: string],
  listed?: readonly AptListing[],
): Promise<Verdict> {
  const scene = new Scene();
  for (const line of [
    "builder a",
    "builder b",
    "builder c",
    'rule require={ k = 2, of = ["a", "b"] }',
    ...says,
  ])
    scene.tell(line);
  const [builders = ""] = scene.policyText().split("[[rules]]");
  const [debian, others] = rules;
  const text = `${builders}[[rules]]\nname = "debian"\nmatch = "pkg:deb/debian/*"\napt_origin = "Debian"\n${debian}\n[[rules]]\nname = "others"\nmatch = "pkg:deb/debian/*"\n${others}\n`;
  const policy = readPolicy(text);
  const collected = await collectFound(scene.raw(), { policy, network: NETWORK, strict: false });
  const artifact = { ...scene.artifact(), ...(listed === undefined ? {} : { listed }) };
  return judge(artifact, { ...collected, ...scene.rest() }, policy, NOW);
}

const [TWO, ONE] = ['require = { k = 2, of = ["a", "b"] }', 'require = { k = 1, of = ["a", "b", "c"] }'];

test("with lists the rule is the one for them; without, the stricter one counts, and it is said", async () => {
  const found = async (listed?: readonly AptListing[]): Promise<unknown> => {
    const { rule, verdict, decision } = await verdictOn(["a gives F"], [TWO, ONE], listed);
    return [rule, verdict, decision];
  };
  assert.deepEqual(await found([DEBIAN]), ["debian", "pending", "refuse"]);
  assert.deepEqual(await found([OTHERS]), ["others", "reproduced", "allow"]);
  for (const listed of [undefined, [], [DEBIAN, OTHERS]])
    assert.deepEqual(await found(listed), ["debian", "pending", "refuse"]);
  const { reasons } = await verdictOn(["a gives F"], [TWO, ONE]);
  assert.match(
    reasons.join("\n"),
    /apt's lists do not tell which rule is for it: by the strictest of "debian", "others"/,
  );
});

test("the stricter one may be the later one, and says what is the worst", async () => {
  const lax = await verdictOn(["a gives F"], [ONE, TWO]);
  assert.deepEqual([lax.rule, lax.decision], ["others", "refuse"]);
  // c is heard by one of them alone.
  const torn = await verdictOn(["a gives F", "c gives G"], [TWO, ONE]);
  assert.deepEqual([torn.rule, torn.verdict], ["others", "contradicted"]);
  const warned = await verdictOn(["a gives G"], [`${TWO}\nmode = "ignore"`, `${ONE}\nmode = "warn"`]);
  assert.deepEqual([warned.rule, warned.verdict, warned.decision], ["others", "contradicted", "refuse"]);
});

test("where no rule may be for it too, the default is one of those that count", async () => {
  const scene = await verdictOn(
    ["a gives F", "b gives F"],
    [TWO, ONE.replace("require", 'apt_origin = "Others"\nrequire')],
  );
  assert.deepEqual([scene.rule, scene.problem, scene.decision], [null, "no-rule", "warn"]);
});

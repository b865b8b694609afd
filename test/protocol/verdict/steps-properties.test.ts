/** Verdicts by steps against a plain second one (test/naive/steps.ts), and what holds of all of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { toHex } from "../../../protocol/bytes/index.ts";
import { collectFound, judge, verdictJson } from "../../../protocol/verdict/index.ts";
import type { RawFindings, Verdict } from "../../../protocol/verdict/index.ts";
import { naiveVerdictOfSteps } from "../../naive/steps.ts";
import type { Build, Signing, StepsModel } from "../../naive/steps.ts";
import { digest, NETWORK, NOW } from "./cast.ts";
import { Scene } from "./scene.ts";

const taken = fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.constant(true));

/** Mostly honest, so that not all of them are contradicted. */
function mostly<Value>(usual: Value, ...others: readonly Value[]): fc.Arbitrary<Value> {
  return fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, fc.constantFrom(...others));
}

const builds: fc.Arbitrary<Build> = fc.record({
  by: fc.constantFrom("a", "b", "c"),
  file: mostly<Build["file"]>("U", "V", "F"),
  bare: mostly<Build["bare"]>("N", "M", null),
  taken,
});
const signings: fc.Arbitrary<Signing> = fc.record({
  by: fc.constantFrom("r", "s", "t"),
  gives: mostly<Signing["gives"]>("F", "G"),
  from: mostly<Signing["from"]>("U", "V", "N", "F", null),
  taken,
});
const models: fc.Arbitrary<StepsModel> = fc
  .record({
    from: fc.constantFrom("materials", "normal-form", "both", "same"),
    form: mostly<StepsModel["form"]>("N", "M", null),
    built: fc.constantFrom(1, 2),
    signed: fc.constantFrom(1, 2),
    onContradiction: mostly<StepsModel["onContradiction"]>("refuse", "majority", "warn"),
    builds: fc.array(builds, { maxLength: 5 }),
    signings: fc.array(signings, { minLength: 1, maxLength: 4 }),
  })
  // What was reviewed is mostly what was built.
  .map((model) => (model.from === "same" ? { ...model, builds: model.builds.map(reviewed) } : model));

function reviewed(one: Build): Build {
  return one.file === "V" ? one : { ...one, file: one.file === "U" ? "F" : "U" };
}

const FROM = {
  materials: '"materials"',
  "normal-form": '"normal-form"',
  both: '["materials", "normal-form"]',
  same: '"same"',
};

function sceneOf(model: StepsModel): Scene {
  const scene = new Scene();
  for (const name of ["a", "b", "c"]) scene.tell(`builder ${name}`);
  for (const name of ["r", "s", "t"]) scene.tell(`builder ${name} role=release`);
  scene.tell("match pkg:generic/tool");
  scene.tell("file purl=pkg:generic/tool@1 file=tool.exe");
  if (model.form !== null) scene.tell(`form F is=${model.form}`);
  scene.tell(
    `rule steps=[{ name = "build", require = { k = ${model.built}, of = ["a", "b", "c"] } }, { name = "sign", from = ${FROM[model.from]}, require = { k = ${model.signed}, of = "role:release" } }] on_contradiction="${model.onContradiction}"`,
  );
  // Each is told apart, so that what is taken back is that alone.
  const said = [
    ...model.builds.map(
      ({ by, file, bare }, at) =>
        `${by} gives ${file} step=build age=${at + 1}h${bare === null ? "" : ` bare=${bare}`}`,
    ),
    ...model.signings.map(
      ({ by, gives, from }, at) =>
        `${by} gives ${gives} step=sign age=${at + 1}h${from === null ? "" : ` from=tool.exe:${from}`}`,
    ),
  ];
  for (const line of said) scene.tell(line);
  for (const [at, one] of [...model.builds, ...model.signings].entries())
    if (one.taken) scene.tell(`${one.by} takes-back ${at + 1}`);
  return scene;
}

const order = (file: string): string => toHex(digest(file));

test("the judge and the plain second one agree about two steps", async () => {
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(models, async (model) => {
      const { verdict, decision, chain = [] } = await sceneOf(model).verdict();
      assert.deepEqual(
        { verdict, decision, steps: chain.map((step) => step.verdict) },
        naiveVerdictOfSteps(model, order),
      );
      seen.set(`${model.from} ${verdict}`, (seen.get(`${model.from} ${verdict}`) ?? 0) + 1);
    }),
    { numRuns: 250, seed: 8 },
  );
  assert.equal(seen.size, 12, "each way of hanging together came to each verdict");
});

async function verdictOn(scene: Scene, raw: RawFindings): Promise<Verdict> {
  const policy = scene.policy();
  const collected = await collectFound(raw, { policy, network: NETWORK, strict: false });
  return judge(scene.artifact(), { ...collected, ...scene.rest() }, policy, NOW);
}

const asText = (verdict: Verdict): unknown =>
  verdictJson(verdict, { path: null, state: "none", elapsedMs: 0 });

test("order, repetition and unknown keys never change a verdict by steps", async () => {
  await fc.assert(
    fc.asyncProperty(models, fc.nat(), async (model, seed) => {
      const scene = sceneOf(model);
      const raw = scene.raw();
      const noisy = sceneOf(model);
      noisy.tell("strangers 2 F");
      const more = noisy.raw();
      const turned = <Item>(items: readonly Item[]): readonly Item[] => {
        const at = items.length === 0 ? 0 : seed % items.length;
        return [...items.slice(at), ...items.slice(0, at)].toReversed();
      };
      const shuffled: RawFindings = {
        entries: turned([...more.entries, ...raw.entries]),
        envelopes: turned(raw.entries.map(({ entry }) => entry)),
        heads: turned([...more.heads, ...raw.heads]),
        evidence: turned(more.evidence),
      };
      assert.deepEqual(asText(await verdictOn(scene, shuffled)), asText(await verdictOn(scene, raw)));
    }),
    { numRuns: 60, seed: 8 },
  );
});

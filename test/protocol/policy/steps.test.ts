/** Steps of a rule: how they are read, and said in words. `steps.ts` has what is wrong with some. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { explainRule, heardBy, nameBefore, readPolicy, stepRules } from "../../../protocol/policy/index.ts";
import { withSteps } from "./steps.ts";

test("a rule with steps is that of the last one, and has the one before; it is explained step by step", () => {
  const policy = readPolicy(
    withSteps(
      [
        '{ name = "build", require = { k = 1, of = "tu-example" } }',
        '{ name = "sign", from = ["normal-form", "materials"], require = { k = 1, of = "uni-other" }, renames = { "-u.exe" = ".exe", ".bin" = "-long.exe" } }',
        '{ name = "review", from = "same", require = { k = 2, of = "role:rebuilder", distinct = "operator" } }',
      ],
      'source = "same"\nlogged_by = "uni-other"\nlogged = true\nmode = "warn"\n',
    ),
  );
  const [rule] = policy.rules;
  assert.ok(rule);
  const [build, sign, review] = stepRules(rule);
  assert.ok(build && sign && review);
  assert.equal(review, rule);
  assert.deepEqual(
    [build, sign, review].map(({ steps, before, source, loggedBy, logged, mode }) => [
      steps.join(),
      before?.from ?? null,
      source !== null,
      loggedBy !== null,
      logged,
      mode,
    ]),
    [
      ["build", null, true, false, true, "warn"],
      ["sign", ["materials", "normal-form"], false, false, true, "warn"],
      ["review", ["same"], false, true, true, "warn"],
    ],
  );
  assert.ok(sign.before);
  for (const [after, before] of [
    ["tool.exe", "tool-u.exe"],
    ["tool-long.exe", "tool.bin"],
    ["tool.dmg", "tool.dmg"],
  ] as const)
    assert.equal(nameBefore(sign.before, after), before);
  assert.deepEqual(
    heardBy(rule, policy).map(({ name }) => name),
    ["tu-example", "uni-other"],
  );
  const text = explainRule(rule, policy).join("\n");
  assert.match(text, /asks who did 3 steps, one after the other; the last is about the file itself\./);
  assert.match(text, /Step 1 "build": the same SHA-256 from tu-example; a builder counts once\./);
  assert.match(
    text,
    /Step 2 "sign" after "build" \(whoever counts names what that gave among the materials; without its signature the file is what that gave; …\.exe was …-u\.exe; …-long\.exe was …\.bin\)/,
  );
  assert.match(text, /Step 3 "review" after "sign" \(of the very file of that step\)/);
  assert.match(text, /All that count must have recorded one source/);
});

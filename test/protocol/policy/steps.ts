/** Policies that are none for the steps of their rules. */
import { HEAD, RULE } from "./faults.ts";
import type { Fault } from "./faults.ts";

const BUILD = '{ name = "build", require = { k = 1, of = "tu-example" } }';
const SIGN = '{ name = "sign", from = "materials", require = { k = 1, of = "uni-other" } }';

/** A policy whose only rule has these steps; `more` stands below them. */
export function withSteps(steps: readonly string[], more: string = ""): string {
  return `${HEAD}${RULE.replace(/require = .*/, `steps = [${steps.join(", ")}]`)}${more}`;
}

/** The two steps, one of them with something else in it. */
function changed(from: string, to: string): string {
  return withSteps([BUILD, SIGN].map((step) => step.replace(from, to)));
}

const renamed = (table: string, from: string = "materials"): string =>
  changed('from = "materials"', `from = "${from}", renames = ${table}`);

export const GOOD_STEPS: string = withSteps([BUILD, SIGN]);

export const STEP_FAULTS: readonly Fault[] = [
  ["one step", withSteps([BUILD]), "policy/bad-rule", "policy.toml:12:1"],
  ["no step", withSteps([]), "policy/bad-rule"],
  [
    "nine steps",
    withSteps(Array.from({ length: 9 }, (_, n) => BUILD.replace("build", `build${n}`))),
    "shape/out-of-range",
  ],
  [
    "steps beside require",
    GOOD_STEPS.replace("steps =", 'require = { k = 1, of = "tu-example" }\nsteps ='),
    "policy/bad-rule",
  ],
  ["steps beside step", withSteps([BUILD, SIGN], 'step = "build"\n'), "policy/bad-rule", "policy.toml:13:1"],
  ["steps beside rebuilt_within", withSteps([BUILD, SIGN], 'rebuilt_within = "7d"\n'), "policy/bad-rule"],
  [
    "steps beside a layout",
    withSteps(
      [BUILD, SIGN],
      `layout = "l"\n[layouts.l]\nfile = "l.layout"\nkeys = ["owner.example+b61a057e+ATvfCp5dfM9KfJobUvai7zLWwOVLehoNuysuY/WxuKfJ"]\n`,
    ),
    "policy/bad-rule",
  ],
  ["two steps of one name", changed("sign", "build"), "policy/duplicate-name"],
  ["a step without a name", changed('name = "sign", ', ""), "shape/missing"],
  ["a step of nothing", changed('"sign"', '""'), "policy/bad-name"],
  ["a step that requires nothing", changed(', require = { k = 1, of = "uni-other" }', ""), "shape/missing"],
  [
    "a step with more to it",
    changed('name = "sign"', 'name = "sign", mode = "warn"'),
    "shape/unknown-member",
  ],
  [
    "a requirement of another step",
    changed('of = "uni-other"', 'of = "uni-other", step = "rebuild"'),
    "policy/bad-rule",
  ],
  [
    "a step that nobody can meet",
    changed('k = 1, of = "uni-other"', 'k = 2, of = "uni-other"'),
    "policy/never-met",
  ],
  [
    "the first from something",
    changed('name = "build"', 'name = "build", from = "materials"'),
    "policy/bad-rule",
  ],
  [
    "the first renames",
    changed('name = "build"', 'name = "build", renames = { ".a" = ".b" }'),
    "policy/bad-rule",
  ],
  ["from nothing", changed('"materials"', "[]"), "policy/bad-rule"],
  ["from something unknown", changed('"materials"', '"products"'), "shape/out-of-range"],
  ["from one thing twice", changed('"materials"', '["materials", "materials"]'), "policy/duplicate-name"],
  [
    "the same, and without its signature",
    changed('"materials"', '["same", "normal-form"]'),
    "policy/bad-rule",
  ],
  ["an ending that stays", renamed('{ ".exe" = ".exe" }'), "policy/bad-rule"],
  ["no endings", renamed("{}"), "policy/bad-rule"],
  ["one name that was two", renamed('{ "-a.exe" = ".exe", "-b.exe" = ".exe" }'), "policy/duplicate-name"],
  ["an ending of nothing", renamed('{ "" = ".exe" }'), "policy/bad-name"],
  ["an ending with a folder", renamed('{ "/a.exe" = ".exe" }'), "policy/bad-name"],
  ["an ending of 65 characters", renamed(`{ "${"x".repeat(65)}" = ".exe" }`), "policy/bad-name"],
  ["the same file renamed", renamed('{ "-a.exe" = ".exe" }', "same"), "policy/bad-rule"],
  [
    "seventeen endings",
    renamed(`{ ${Array.from({ length: 17 }, (_, n) => `"-${n}" = ".${n}"`).join(", ")} }`),
    "shape/out-of-range",
  ],
];

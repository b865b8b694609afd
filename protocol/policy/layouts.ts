/** `[layouts.NAME]` of a policy, and rules that leave it to one: `layout = "NAME"`. */
import { quote, reading } from "../bytes/index.ts";
import type { RecordShape, Shape } from "../bytes/index.ts";
import { keyName, parsePublicKey } from "../crypto/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import { isParameterName, isParameterValue } from "../intoto/index.ts";
import { MAX_BUILDER_KEYS, MAX_LAYOUT_PARAMETERS, MAX_PATH_BYTES, MAX_POLICY_LAYOUTS } from "../limits.ts";
import { assertName } from "./labels.ts";
import type { PolicyLayout } from "./types.ts";

/** Folders and a name, none of which begins with a dot or a hyphen: beside the policy, never above it. */
const FILE = /^(?:[A-Za-z0-9_][A-Za-z0-9_.+~-]*\/)*[A-Za-z0-9_][A-Za-z0-9_.+~-]*$/;

/** All layouts that the policy names; none is read here (`attachLayouts`). Throws `shape/…`, `policy/…`. */
export function readLayouts(shape: Shape | undefined): ReadonlyMap<string, PolicyLayout> {
  const layouts = new Map<string, PolicyLayout>();
  for (const [name, entry] of shape?.table(MAX_POLICY_LAYOUTS) ?? []) {
    assertName(entry, name);
    layouts.set(name, readPolicyLayout(entry.record(), name));
  }
  return layouts;
}

function readPolicyLayout(fields: RecordShape, name: string): PolicyLayout {
  const file = fields.string("file", MAX_PATH_BYTES);
  if (!FILE.test(file))
    fields
      .member("file")
      .fail(
        "policy/bad-name",
        `${quote(file)} is no file beside the policy: letters, digits and . _ + ~ - in names, / between them`,
      );
  const keys = readOwners(fields.member("keys"));
  const k = fields.optional("k")?.integer(1, MAX_BUILDER_KEYS) ?? keys.length;
  if (k > keys.length)
    fields
      .member("k")
      .fail("policy/never-met", `${k} owners have to sign it, and ${keys.length} keys are listed`);
  const parameters = readParameters(fields.optional("parameters"));
  fields.done();
  return Object.freeze({
    name,
    file,
    owners: Object.freeze({ keys, k }),
    parameters,
    found: Object.freeze({ kind: "absent" }),
  });
}

/** Two writings of one key are one key, and would be one signature. */
function readOwners(shape: Shape): readonly PublicKey[] {
  const keys = new Map<string, PublicKey>();
  for (const item of shape.list(MAX_BUILDER_KEYS)) {
    const text = item.string();
    const key = reading(
      "policy/bad-key",
      () => item.where,
      () => parsePublicKey(text.trim()),
    );
    if (keys.has(keyName(key))) item.fail("policy/duplicate-name", "this key is listed twice");
    keys.set(keyName(key), key);
  }
  if (keys.size === 0) shape.fail("policy/bad-key", "keys is empty: anybody could have written the layout");
  return Object.freeze([...keys.values()]);
}

function readParameters(shape: Shape | undefined): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const [name, entry] of shape?.table(MAX_LAYOUT_PARAMETERS) ?? []) {
    const value = entry.string();
    if (!isParameterName(name))
      entry.fail("policy/bad-name", `${quote(name)} is no parameter: 1 to 64 of A-Z a-z 0-9 _ -`);
    if (!isParameterValue(value))
      entry.fail("policy/bad-name", `${quote(value)}: 1 to 256 of A-Z a-z 0-9 _ . + ~ : / - expected`);
    parameters.set(name, value);
  }
  return parameters;
}

/** What a rule says of votes, which a layout says of steps; each with what to do instead. */
const OF_VOTES: readonly (readonly [member: string, instead: string])[] = [
  ["require", "the layout says who has to sign what: take out require, or layout"],
  ["step", "the layout says which steps there are"],
  ["steps", "the layout says which steps there are: take out steps, or layout"],
  ["on_contradiction", "functionaries who disagree are a contradiction, as in-toto has it"],
  ["on_difference", "functionaries who disagree are a contradiction, as in-toto has it"],
  ["max_head_age", "a layout ends when it expires"],
  ["max_attestation_age", "links have no time; a layout ends when it expires"],
  ["view", "a layout asks for links, not for whole feeds"],
  ["logged_by", "make listing it a step of the layout"],
  ["source", "the layout says what each step is made from, by its rules on materials"],
  ["rebuilt_within", "nobody is told how late a step is"],
];

/** The layout that a rule leaves it to; null where it has none. Throws `policy/unknown-name`, `policy/bad-rule` for members that go with `require` only. */
export function readLayoutName(
  fields: RecordShape,
  layouts: ReadonlyMap<string, PolicyLayout>,
): PolicyLayout | null {
  const shape = fields.optional("layout");
  if (shape === undefined) return null;
  const name = shape.string();
  const layout = layouts.get(name);
  if (layout === undefined)
    return shape.fail("policy/unknown-name", `${quote(name)} is no layout of this policy: [layouts.NAME]`);
  for (const [member, instead] of OF_VOTES)
    fields.optional(member)?.fail("policy/bad-rule", `it does not go with layout: ${instead}`);
  return layout;
}

/** Reads a policy file: TOML in, a frozen `Policy` out; every fault with its line and column. */
import { readToml, record, toHex, utf8 } from "../bytes/index.ts";
import type { RecordShape, Shape } from "../bytes/index.ts";
import { keyName, sha256 } from "../crypto/index.ts";
import {
  MAX_LABEL_BYTES,
  MAX_PINNED_WITNESSES,
  MAX_POLICY_BUILDERS,
  MAX_POLICY_BYTES,
  MAX_POLICY_GROUPS,
  MAX_POLICY_RULES,
} from "../limits.ts";
import { readBuilder, refuseSharedKeys } from "./builders.ts";
import { membersOf } from "./circles.ts";
import { readExceptions } from "./exceptions.ts";
import { assertLabel, assertName } from "./labels.ts";
import { readLayouts } from "./layouts.ts";
import { readRule } from "./rules.ts";
import type { KnownToRules } from "./rules.ts";
import { readGroup } from "./parties.ts";
import type { Builder, Group, Policy, Rule, Witness } from "./types.ts";
import { readWitness, refuseUsedKey } from "./witnesses.ts";

/**
 * Reads a policy (protocol/spec/policy.md). `name` is what messages call the file. Unknown members are errors. Throws `toml/…`,
 * `shape/…` and `policy/…`; each message begins with `name:line:column`.
 */
export function readPolicy(source: Uint8Array | string, name = "policy.toml"): Policy {
  const document = readToml(source, { maxBytes: MAX_POLICY_BYTES, name });
  const file = record(document.value, document.place);
  readVersion(file.member("version"));
  const witnesses = readWitnesses(file.optional("witnesses"));
  // Who does what may be for layouts alone to say.
  const named = file.optional("layouts") === undefined ? file.member("builders") : file.optional("builders");
  const builders = readBuilders(named, witnesses);
  const groups = readGroups(file.optional("groups"), builders);
  refuseUsedKeys(file.optional("witnesses"), witnesses, builders);
  const layouts = readLayouts(file.optional("layouts"));
  const rules = readRules(file.member("rules"), { builders, groups, witnesses, layouts });
  const exceptions = readExceptions(file.optional("exceptions"));
  const fallback = readDefault(file.optional("default")?.record());
  file.done();
  return Object.freeze({
    version: 1,
    sha256: toHex(sha256(typeof source === "string" ? utf8(source) : source)),
    builders,
    groups,
    witnesses,
    layouts,
    rules,
    whole: null,
    exceptions,
    default: fallback,
  });
}

function readVersion(shape: Shape): void {
  const version = shape.integer(0, Number.MAX_SAFE_INTEGER);
  if (version !== 1) shape.fail("policy/unsupported-version", `version 1 is read here, not ${version}`);
}

function readBuilders(
  shape: Shape | undefined,
  witnesses: ReadonlyMap<string, Witness>,
): ReadonlyMap<string, Builder> {
  const builders = new Map<string, Builder>();
  const holders = new Map<string, string>();
  for (const [name, entry] of shape?.table(MAX_POLICY_BUILDERS) ?? []) {
    assertName(entry, name);
    const builder = readBuilder(entry.record(), name, witnesses);
    refuseSharedKeys(entry, builder, holders);
    builders.set(name, builder);
  }
  return builders;
}

function readGroups(
  shape: Shape | undefined,
  builders: ReadonlyMap<string, Builder>,
): ReadonlyMap<string, Group> {
  const groups = new Map<string, Group>();
  const entries = shape?.table(MAX_POLICY_GROUPS) ?? new Map<string, Shape>();
  const members = membersOf(entries);
  for (const [name, entry] of entries) {
    assertName(entry, name);
    if (builders.has(name))
      entry.fail("policy/duplicate-name", "a builder has this name already; choose another one");
    groups.set(
      name,
      readGroup(entry.record(), name, { builders, groups, reading: { group: name, members } }),
    );
  }
  return groups;
}

function readWitnesses(shape: Shape | undefined): ReadonlyMap<string, Witness> {
  const witnesses = new Map<string, Witness>();
  for (const [name, entry] of shape?.table(MAX_PINNED_WITNESSES) ?? []) {
    assertName(entry, name);
    witnesses.set(name, readWitness(entry.record(), name));
  }
  return witnesses;
}

/** A key of a witness is nobody else's, in whatever guise (RULES R2): who has the material could have seen what he signs. */
function refuseUsedKeys(
  shape: Shape | undefined,
  witnesses: ReadonlyMap<string, Witness>,
  builders: ReadonlyMap<string, Builder>,
): void {
  const holders = new Map(
    [...builders.values()].flatMap(({ name, keys }) => keys.map((key) => [keyName(key), name] as const)),
  );
  for (const [name, entry] of shape?.table(MAX_PINNED_WITNESSES) ?? []) {
    const witness = witnesses.get(name);
    if (witness !== undefined) refuseUsedKey(entry, witness, holders);
  }
}

function readRules(shape: Shape, known: KnownToRules): readonly Rule[] {
  const names = new Set<string>();
  const rules = shape.list(MAX_POLICY_RULES).map((entry) => {
    const fields = entry.record();
    const name = fields.string("name", MAX_LABEL_BYTES);
    assertLabel(fields.member("name"));
    if (names.has(name))
      fields.member("name").fail("policy/duplicate-name", "another rule has this name already");
    names.add(name);
    return readRule(fields, name, known);
  });
  return Object.freeze(rules);
}

function readDefault(fields: RecordShape | undefined): Policy["default"] {
  const mode = fields?.optional("mode")?.oneOf(["warn", "refuse", "ignore"] as const) ?? "warn";
  fields?.done();
  return Object.freeze({ mode });
}

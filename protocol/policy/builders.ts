/** `[builders.NAME]` of a policy. */
import { keyName } from "../crypto/index.ts";
import { reading } from "../bytes/index.ts";
import type { RecordShape, Shape } from "../bytes/index.ts";
import { parseOrigin } from "../feed/index.ts";
import { MAX_BUILDER_FEEDS, MAX_BUILDER_KEYS, MAX_BUILDER_ROLES } from "../limits.ts";
import { readTraits } from "./distinct.ts";
import { assertLabel, assertName } from "./labels.ts";
import { readKeyList } from "./revocations.ts";
import type { ReadKeys } from "./revocations.ts";
import type { Builder, Witness } from "./types.ts";

/** One builder; `witnesses` are the policy's. */
export function readBuilder(
  fields: RecordShape,
  name: string,
  witnesses: ReadonlyMap<string, Witness>,
): Builder {
  const { keys, revoked } = readKeys(fields, witnesses);
  const operator = fields.optional("operator");
  if (operator !== undefined) assertLabel(operator);
  const builder: Builder = Object.freeze({
    name,
    keys,
    revoked,
    operator: operator?.string() ?? name,
    roles: readList(fields.optional("roles"), MAX_BUILDER_ROLES, readRole),
    traits: readTraits(fields),
    feeds: readList(fields.optional("feeds"), MAX_BUILDER_FEEDS, readFeed),
  });
  fields.done();
  return builder;
}

/** One key would be two votes, in whatever guise: `holders` has the key materials read so far and whose they are. */
export function refuseSharedKeys(shape: Shape, builder: Builder, holders: Map<string, string>): void {
  for (const key of builder.keys) {
    const spki = keyName(key);
    const holder = holders.get(spki);
    if (holder !== undefined && holder !== builder.name) {
      shape.fail(
        "policy/shared-key",
        `${builder.name} and ${holder} have a key in common; a key is one builder's`,
      );
    }
    holders.set(spki, builder.name);
  }
}

function readKeys(fields: RecordShape, witnesses: ReadonlyMap<string, Witness>): ReadKeys {
  const one = fields.optional("key");
  const several = fields.optional("keys");
  if ((one === undefined) === (several === undefined)) {
    fields.shape.fail("policy/bad-key", "exactly one of key = … and keys = [ … ] expected");
  }
  const read = readKeyList(one === undefined ? (several?.list(MAX_BUILDER_KEYS) ?? []) : [one], witnesses);
  if (read.keys.length === 0)
    fields.shape.fail("policy/bad-key", "keys is empty: a builder without a key has no vote");
  return read;
}

function readRole(shape: Shape): string {
  const role = shape.string();
  assertName(shape, role);
  return role;
}

function readFeed(shape: Shape): string {
  const origin = shape.string();
  reading(
    "policy/bad-feed",
    () => shape.where,
    () => parseOrigin(origin),
  );
  return origin;
}

/** A list of different values. */
function readList<Value>(
  shape: Shape | undefined,
  max: number,
  read: (item: Shape) => Value,
): readonly Value[] {
  const items = new Set<Value>();
  for (const item of shape?.list(max) ?? []) {
    const value = read(item);
    if (items.has(value)) item.fail("policy/duplicate-name", "listed twice");
    items.add(value);
  }
  return Object.freeze([...items]);
}

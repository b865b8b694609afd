/** `[groups.NAME]` and what a requirement's `of` names: builders, earlier groups, roles. */
import { counted, quote } from "../bytes/index.ts";
import type { RecordShape, Shape } from "../bytes/index.ts";
import { MAX_SEATS, MAX_POLICY_BUILDERS } from "../limits.ts";
import { circleThrough } from "./circles.ts";
import { buildersUnder } from "./groups.ts";
import type { Builder, Group, Party } from "./types.ts";

/** What may be named at a place of the file: all builders, and the groups that stand above. */
export interface Known {
  readonly builders: ReadonlyMap<string, Builder>;
  readonly groups: ReadonlyMap<string, Group>;
  /** Which group is being read, and what all of the file list: to say why one that stands below can't be named. */
  readonly reading?: {
    readonly group: string;
    readonly members: ReadonlyMap<string, readonly string[]>;
  };
}

const ROLE = "role:";

/** One group: `any`, `all`, or `k` with `of`. Throws `policy/bad-group`, `policy/unknown-name`, `policy/duplicate-name`. */
export function readGroup(fields: RecordShape, name: string, known: Known): Group {
  const any = fields.optional("any");
  const all = fields.optional("all");
  const of = fields.optional("of");
  const k = fields.optional("k");
  fields.done();
  const list = any ?? all ?? of;
  if (
    list === undefined ||
    [any, all, of].filter(Boolean).length !== 1 ||
    (k === undefined) !== (of === undefined)
  ) {
    return fields.shape.fail(
      "policy/bad-group",
      "exactly one of any = [ … ], all = [ … ] and k = 2 with of = [ … ] expected",
    );
  }
  const parties = readParties(list, known);
  const needed = k?.integer(1, MAX_SEATS) ?? (all === undefined ? 1 : parties.length);
  if (needed > parties.length) {
    fields.shape.fail(
      "policy/never-met",
      `${needed} of ${counted(parties.length, "member")} can never be met`,
    );
  }
  const builders = Object.freeze([...new Set(parties.flatMap(buildersUnder))]);
  return Object.freeze({ kind: "group", name, k: needed, of: parties, builders });
}

/** A list of different parties, at least one. */
export function readParties(list: Shape, known: Known): readonly Party[] {
  const names = new Set<string>();
  const parties = list.list(MAX_POLICY_BUILDERS).map((item) => {
    const name = item.string();
    if (names.has(name)) item.fail("policy/duplicate-name", `${quote(name)} is listed twice`);
    names.add(name);
    return readParty(item, known);
  });
  if (parties.length === 0) list.fail("policy/bad-group", "an empty list can never be met");
  return Object.freeze(parties);
}

/** A builder, an earlier group, or `role:NAME`. */
export function readParty(item: Shape, known: Known): Party {
  const name = item.string();
  if (name.startsWith(ROLE)) return readRole(item, name.slice(ROLE.length), known);
  const group = known.groups.get(name);
  if (group !== undefined) return group;
  if (!known.builders.has(name)) {
    refuseBelow(item, name, known);
    item.fail(
      "policy/unknown-name",
      `${quote(name)} is no builder and no group that stands above; roles are written "role:…"`,
    );
  }
  return Object.freeze({ kind: "builder", name });
}

/** Throws where the name is that of a group which is not yet read. */
function refuseBelow(item: Shape, name: string, { reading }: Known): void {
  if (reading === undefined || !reading.members.has(name)) return;
  const circle = circleThrough(reading.group, name, reading.members);
  if (circle !== null)
    item.fail("policy/circular-group", `a group can't be part of itself: ${circle.join(", which has ")}`);
  item.fail("policy/unknown-name", `the group ${quote(name)} stands below: move it up`);
}

function readRole(item: Shape, role: string, known: Known): Party {
  const builders = [...known.builders.values()]
    .filter((builder) => builder.roles.includes(role))
    .map((builder) => builder.name);
  if (builders.length === 0) item.fail("policy/unknown-name", `no builder has the role ${quote(role)}`);
  return Object.freeze({ kind: "role", role, builders: Object.freeze(builders) });
}

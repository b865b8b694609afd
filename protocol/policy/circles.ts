/** Groups that are part of themselves. */
import { isJsonArray, isJsonObject } from "../bytes/index.ts";
import type { Shape } from "../bytes/index.ts";

/** Which names each group lists, before anything of it is read. */
export function membersOf(groups: ReadonlyMap<string, Shape>): ReadonlyMap<string, readonly string[]> {
  return new Map(
    [...groups].map(([name, { value }]) => {
      const lists = isJsonObject(value) ? [...value.values()].filter(isJsonArray) : [];
      return [name, lists.flat().filter((member) => typeof member === "string")];
    }),
  );
}

/** How the group comes back to itself through this member of it: `a, b, a`; null where it does not. */
export function circleThrough(
  group: string,
  member: string,
  members: ReadonlyMap<string, readonly string[]>,
): readonly string[] | null {
  /** By name: through which group it was come to first. */
  const from = new Map<string, string | null>([[member, null]]);
  for (const name of from.keys()) {
    if (name === group) return [group, ...wayTo(name, from)];
    for (const next of members.get(name) ?? []) if (!from.has(next)) from.set(next, name);
  }
  return null;
}

function wayTo(name: string, from: ReadonlyMap<string, string | null>): readonly string[] {
  const way: string[] = [];
  for (let at: string | null = name; at !== null; at = from.get(at) ?? null) way.unshift(at);
  return way;
}

/** Keys of builders that counted by a domain's policies before an update, and count no more: taken out, or revoked. */
import { formatTime, MAX_REMOVED_KEYS, toHex } from "../../protocol/index.ts";
import type { Policy } from "../../protocol/index.ts";
import { roleName } from "./domain.ts";
import type { Domain } from "./domain.ts";
import { policiesOf } from "./policies.ts";
import type { RemovedKey } from "./state.ts";

/**
 * All keys that are removed now, role by role: those removed before, without those that came back, and what this update takes away. A
 * role whose policy can't be read says nothing, and removes nothing; one to which nothing is delegated any more removes all.
 */
export function removedBetween(before: Domain, after: Domain, now: number): readonly RemovedKey[] {
  const present = new Map(policiesOf(after).map(({ role, policy }) => [roleName(role), countedIn(policy)]));
  const time = Date.parse(formatTime(now));
  const fresh = policiesOf(before).flatMap(({ policy, role: path }) => {
    const role = roleName(path);
    const counted = present.get(role);
    if (counted === undefined && (after.targets.has(role) || after.lacking.has(role))) return [];
    const version = (after.targets.get(role) ?? after.targets.get(""))?.version ?? 0;
    return [...countedIn(policy)]
      .filter(([key]) => counted?.has(key) !== true)
      .map(([key, builder]) => ({ builder, key, role, version, time }));
  });
  const all = new Map<string, RemovedKey>();
  for (const one of [...before.state.removed, ...fresh]) {
    const name = `${one.role} ${one.key}`;
    if (present.get(one.role)?.has(one.key) !== true && !all.has(name)) all.set(name, one);
  }
  return [...all.values()].slice(-MAX_REMOVED_KEYS);
}

/** Keys whose word counts, in hex, and whose they are. */
function countedIn({ builders }: Policy): ReadonlyMap<string, string> {
  return new Map(
    [...builders.values()].flatMap(({ name, keys, revoked }) => {
      const gone = new Set(revoked.map(({ key }) => toHex(key.raw)));
      return keys.flatMap(({ raw }) => (gone.has(toHex(raw)) ? [] : [[toHex(raw), name] as const]));
    }),
  );
}

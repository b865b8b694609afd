/** Keys of builders that a domain's policies had before an update, and have no more. */
import { formatTime, MAX_REMOVED_KEYS, toHex } from "../../protocol/index.ts";
import type { Policy } from "../../protocol/index.ts";
import { roleName } from "./domain.ts";
import type { Domain } from "./domain.ts";
import { policiesOf } from "./policies.ts";
import type { RemovedKey } from "./state.ts";

/**
 * All keys that are removed now: those removed before, without those that came back, and what this update takes away. A role whose policy
 * can't be read says nothing, and removes nothing.
 */
export function removedBetween(before: Domain, after: Domain, now: number): readonly RemovedKey[] {
  const isKept = new Set(policiesOf(after).flatMap(({ policy }) => keysOf(policy).map(({ key }) => key)));
  const readable = new Set(policiesOf(after).map(({ role }) => roleName(role)));
  const fresh = policiesOf(before).flatMap(({ policy, role }) => {
    const name = roleName(role);
    const version = after.targets.get(name)?.version ?? 0;
    if (!readable.has(name) && (after.targets.has(name) || after.lacking.has(name))) return [];
    return keysOf(policy)
      .filter(({ key }) => !isKept.has(key))
      .map(({ builder, key }) => ({ builder, key, role: name, version, time: Date.parse(formatTime(now)) }));
  });
  const all = new Map<string, RemovedKey>();
  for (const one of [...before.state.removed, ...fresh])
    if (!isKept.has(one.key) && !all.has(one.key)) all.set(one.key, one);
  return [...all.values()].slice(-MAX_REMOVED_KEYS);
}

function keysOf({ builders }: Policy): readonly { readonly builder: string; readonly key: string }[] {
  return [...builders.values()].flatMap(({ name, keys }) =>
    keys.map(({ raw }) => ({ builder: name, key: toHex(raw) })),
  );
}

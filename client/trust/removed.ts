/** Keys of builders that counted by a domain's policies before an update, and count no more, or not from a time on: taken out, or revoked. */
import { formatTime, MAX_REMOVED_KEYS, toHex } from "../../protocol/index.ts";
import type { Policy } from "../../protocol/index.ts";
import { roleName } from "./domain.ts";
import type { Domain } from "./domain.ts";
import { policiesOf } from "./policies.ts";
import type { DomainState, RemovedKey } from "./state.ts";

/** When the word of a key ends, in ms since 1970, and whose it is; null = it counts for good. */
interface Counted {
  readonly builder: string;
  readonly until: number | null;
}

/**
 * All keys that are removed now, or at a time that the domain has named, role by role: those removed before, without those that came back, and
 * what this update takes away (`before` null: the first that is known of the domain takes nothing away). A role whose policy can't be read says
 * nothing, and removes nothing; one to which nothing is delegated any more removes all.
 */
export function removedBetween(before: Domain | null, after: Domain, now: number): readonly RemovedKey[] {
  const present = new Map(policiesOf(after).map(({ role, policy }) => [roleName(role), keysIn(policy)]));
  const isKnown = (role: string): boolean =>
    present.has(role) || !(after.targets.has(role) || after.lacking.has(role));
  const isGone = (role: string, key: string): boolean => {
    const counted = present.get(role)?.get(key);
    return isKnown(role) && (counted === undefined || !isCounting(counted, now));
  };
  const removed = ({ builder }: Counted, key: string, role: string, time: number): RemovedKey => {
    const version = (after.targets.get(role) ?? after.targets.get(""))?.version ?? 0;
    return { builder, key, role, version, time };
  };
  const known = after.state.removed.filter(({ role, key, time }) =>
    isKnown(role) ? time <= now && isGone(role, key) : true,
  );
  const fresh = (before === null ? [] : policiesOf(before)).flatMap(({ policy, role: path }) => {
    const role = roleName(path);
    return [...keysIn(policy)]
      .filter(([key, counted]) => isCounting(counted, now) && isGone(role, key))
      .map(([key, counted]) => removed(counted, key, role, Date.parse(formatTime(now))));
  });
  const later = [...present].flatMap(([role, keys]) =>
    [...keys].flatMap(([key, counted]) => {
      const { until } = counted;
      return until === null || until <= now ? [] : removed(counted, key, role, until);
    }),
  );
  const all = new Map<string, RemovedKey>();
  for (const one of [...known, ...fresh, ...later]) {
    const name = `${one.role} ${one.key}`;
    if (!all.has(name)) all.set(name, one);
  }
  return [...all.values()].slice(-MAX_REMOVED_KEYS);
}

/** Those of them that count no more at this time: one that is revoked as of a time to come counts until then. */
export function removedAt({ removed }: DomainState, now: number): readonly RemovedKey[] {
  return removed.filter(({ time }) => time <= now);
}

function isCounting({ until }: Counted, now: number): boolean {
  return until === null || until > now;
}

/** By key, in hex. */
function keysIn({ builders }: Policy): ReadonlyMap<string, Counted> {
  return new Map(
    [...builders.values()].flatMap(({ name, keys, revoked }) => {
      const ends = new Map(revoked.map(({ key, atMs }) => [toHex(key.raw), atMs]));
      return keys.map(({ raw }) => {
        const key = toHex(raw);
        return [key, { builder: name, until: ends.get(key) ?? null }] as const;
      });
    }),
  );
}

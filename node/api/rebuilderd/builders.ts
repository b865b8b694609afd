/** Whose attestations are served, and under which host name each. */
import { keyIdKha, sameKey } from "../../../protocol/index.ts";
import type { PublicKey } from "../../../protocol/index.ts";

/** A key of a builder, and until when it counts (ms since 1970; null = no end is known). */
export interface ServedKey {
  readonly key: PublicKey;
  readonly until: number | null;
}

/** A builder as the policy names it. */
export interface ServedBuilder {
  readonly name: string;
  readonly keys: readonly ServedKey[];
}

/** A builder and its host name, which stands in front of `.localhost`. */
export interface Host {
  readonly label: string;
  readonly builder: ServedBuilder;
}

const KEY_ID_SHOWN = 8;

/**
 * Host names of builders, which are what the policy calls them, in lowercase and with `-` for what no host name has. Two of one name (in
 * two policies, or told apart by case) have the beginning of their first key's id behind it. A builder that is named twice alike is one.
 */
export function hostsOf(builders: readonly ServedBuilder[]): readonly Host[] {
  const distinct = builders.filter(
    (one, at) =>
      one.keys.length > 0 &&
      builders.findIndex((other) => labelOf(other) === labelOf(one) && sameKeys(other, one)) === at,
  );
  const byLabel = Map.groupBy(distinct, labelOf);
  return distinct.map((builder) => {
    const label = labelOf(builder);
    const isAlone = byLabel.get(label)?.length === 1;
    return { label: isAlone ? label : `${label}-${keyMark(builder)}`, builder };
  });
}

/** Whose host this is: `NAME.localhost`, or NAME in front of any of `suffixes` (in lower case); with or without a port. */
export function builderAt(hosts: readonly Host[], header: string, suffixes: readonly string[]): Host | null {
  const name = hostName(header);
  return hosts.find(({ label }) => suffixes.some((suffix) => name === `${label}.${suffix}`)) ?? null;
}

/** The name in a `Host`, without its port. */
export function hostName(header: string): string {
  return header.replace(/:[0-9]+$/, "").toLowerCase();
}

function labelOf({ name }: ServedBuilder): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]/g, "-")
    .replaceAll(/^[.-]+|[.-]+$/g, "");
}

function keyMark({ keys: [first] }: ServedBuilder): string {
  return first === undefined ? "" : keyIdKha(first.key).slice(0, KEY_ID_SHOWN);
}

function sameKeys(a: ServedBuilder, b: ServedBuilder): boolean {
  return (
    a.keys.length === b.keys.length &&
    a.keys.every(({ key }) => b.keys.some((other) => sameKey(other.key, key)))
  );
}

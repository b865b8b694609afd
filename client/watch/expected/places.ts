/** Which feeds are read for what a policy expects. */
import { isPublisher, origin, parseOrigin, toHex } from "../../../protocol/index.ts";
import type { Builder, Policy, Rule } from "../../../protocol/index.ts";

/** How long is waited before anybody is told, in ms. */
export interface Patience {
  /** For a quorum, where a rule does not say it (`rebuilt_within`); null = then nobody waits. */
  readonly rebuiltMs: number | null;
  /** For the statement of a source that a rule asks for. */
  readonly statedMs: number;
}

/** A feed that is read. */
export interface Place {
  readonly origin: string;
  /** Its own key, 64 hex digits. */
  readonly key: string;
  /** From its first entry on, since a publisher lists there what is to be rebuilt; else what comes from now on. */
  readonly isWhole: boolean;
}

const PUBLISHER = "publisher";

/** Whether what the builder lists is to be rebuilt by the rule: the rule names it, or it has the role. */
export function publishes(rule: Rule, builder: Builder): boolean {
  return isPublisher(rule, builder) || builder.roles.includes(PUBLISHER);
}

/** How long a quorum of the rule may take, ms; null = as long as it likes. */
export function rebuiltWithin({ rebuiltWithinMs }: Rule, { rebuiltMs }: Patience): number | null {
  return rebuiltWithinMs ?? rebuiltMs;
}

/** The feeds of this network that carry what builders of these policies sign. */
export function placesOf(
  policies: readonly Policy[],
  network: string,
  patience: Patience,
): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  for (const policy of policies) {
    for (const builder of policy.builders.values()) {
      const isWhole = policy.rules.some(
        (rule) => publishes(rule, builder) && rebuiltWithin(rule, patience) !== null,
      );
      for (const feed of feedsOf(builder, network)) {
        const known = places.get(feed.origin)?.isWhole ?? false;
        places.set(feed.origin, { ...feed, isWhole: isWhole || known });
      }
    }
  }
  return places;
}

function feedsOf({ feeds, keys }: Builder, network: string): readonly Omit<Place, "isWhole">[] {
  const own = keys.filter(({ type }) => type === "ed25519").map(({ raw }) => origin(network, raw));
  const named = feeds.length > 0 ? feeds : own;
  return named.flatMap((one) => {
    const { network: of, key } = parseOrigin(one);
    return of === network ? [{ origin: one, key: toHex(key) }] : [];
  });
}

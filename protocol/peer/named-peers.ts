import { shuffled } from "./lot.ts";
import type { NamedPeer } from "./provider-effects.ts";
import { spread } from "./region.ts";
import type { PeerName } from "./types.ts";

/**
 * At most `most` of those that were named: whom most name first, of these by lot, and of one network not many (RULES R26). One liar among
 * those asked names as many as it likes, but is alone in it.
 */
export function likeliest(named: readonly NamedPeer[], rng: () => number, most: number): readonly PeerName[] {
  const drawn = shuffled(named, rng).toSorted((a, b) => b.by - a.by);
  return spread(drawn, ({ net }) => net)
    .slice(0, most)
    .map(({ peer }) => peer);
}

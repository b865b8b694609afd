import type { Effect, Event, PeerName } from "../../protocol/peer/index.ts";
import type { World } from "./world.ts";

type Asking = Extract<Effect, { readonly kind: "lookup" | "region" | "recall" | "near" }>;

/** After how many ms the DHT answers a node, and what. What needs a walk takes its time. */
export function askDht(world: World, name: PeerName, effect: Asking): readonly [number, Event] {
  const { token } = effect;
  if (effect.kind === "near") {
    const near = effect.keys.map((key) => world.isNear(name, key));
    return [0, { kind: "near", token, near }];
  }
  const walk = 30 + world.random.below(200);
  if (effect.kind === "lookup")
    return [walk, { kind: "closest", token, peers: world.closest(name, effect.key) }];
  if (effect.kind === "region")
    return [walk, { kind: "region", token, peers: world.region(name, effect.key) }];
  return [walk, { kind: "recalled", token, value: world.headRecords.recall(effect.key) }];
}

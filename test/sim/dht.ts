import type { Effect, Event, PeerName } from "../../protocol/peer/index.ts";
import type { World } from "./world.ts";

type Asking = Extract<
  Effect,
  { readonly kind: "lookup" | "region" | "recall" | "near" | "provide" | "providers" | "call" }
>;

/** ms for what nobody waits for, always the same: it draws nothing that others would have drawn. */
const PROVIDER_WALK = 130;

/** After how many ms the DHT answers a node, and what. What needs a walk takes its time. */
export function askDht(world: World, name: PeerName, effect: Asking): readonly [number, Event] {
  const { token } = effect;
  if (effect.kind === "near") {
    const near = effect.keys.map((key) => world.isNear(name, key));
    return [0, { kind: "near", token, near }];
  }
  if (effect.kind === "call") {
    world.connect(name, effect.peer);
    const isThere = world.network.connected(name, effect.peer);
    return [
      50,
      isThere ? { kind: "called", token } : { kind: "failed", token, code: "transport/unreachable" },
    ];
  }
  const { key } = effect;
  if (effect.kind === "provide") {
    world.providerRecords.announce(key, name, world.now);
    return [PROVIDER_WALK, { kind: "provided", token, peers: world.closest(name, key).length }];
  }
  if (effect.kind === "providers")
    return [PROVIDER_WALK, { kind: "named", token, peers: world.providerRecords.named(key, world.now) }];
  const walk = 30 + world.random.below(200);
  switch (effect.kind) {
    case "lookup":
      return [walk, { kind: "closest", token, peers: world.closest(name, key) }];
    case "region":
      return [walk, { kind: "region", token, peers: world.region(name, key) }];
    case "recall":
      return [walk, { kind: "recalled", token, value: world.headRecords.recall(key) }];
  }
}

/** What the rig's DHT answers: everybody sees the same of it. */
import type { Effect, Event } from "../../../protocol/peer/index.ts";
import type { HeadRecords } from "../../sim/head-records.ts";
import type { ProviderRecords } from "../../sim/provider-records.ts";
import { regionAmong } from "./rig-places.ts";

type Asking = Extract<
  Effect,
  { readonly kind: "lookup" | "region" | "recall" | "near" | "provide" | "providers" }
>;

/** Somebody whom the DHT may name. */
interface Known {
  readonly name: string;
  readonly light: boolean;
}

/** Who asks. */
interface Asker extends Known {
  readonly isNear: (slot: Uint8Array) => boolean;
}

/** What the answers are made of. */
export interface RigDht<Peer extends Known> {
  readonly now: number;
  readonly peers: ReadonlyMap<string, Peer>;
  readonly headRecords: HeadRecords;
  readonly providerRecords: ProviderRecords;
}

export function askRigDht(rig: RigDht<Known>, asker: Asker, effect: Asking): Event {
  const { token } = effect;
  const others = [...rig.peers.values()].filter((peer) => peer !== asker && !peer.light);
  switch (effect.kind) {
    case "lookup":
      return { kind: "closest", token, peers: others.map(({ name }) => name) };
    case "region":
      return { kind: "region", token, peers: regionAmong(others, effect.key) };
    case "recall":
      return { kind: "recalled", token, value: rig.headRecords.recall(effect.key) };
    case "near":
      return { kind: "near", token, near: effect.keys.map(asker.isNear) };
    case "provide":
      rig.providerRecords.announce(effect.key, asker.name, rig.now);
      return { kind: "provided", token, peers: 1 };
    case "providers":
      return { kind: "named", token, peers: rig.providerRecords.named(effect.key, rig.now) };
  }
}

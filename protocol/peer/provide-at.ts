import { PROVIDE_TIMEOUT_MS } from "../limits.ts";
import { slotsOf } from "./slots.ts";
import type { Turn } from "./turn.ts";

/** Tells the DHT at both slots of a key that this peer has what it stands for; then whether each had somebody who took it. */
export function provideAt(turn: Turn, key: Uint8Array, ended: (isTold: boolean) => void): void {
  const slots = slotsOf(key);
  const told: number[] = [];
  const one = (peers: number): void => {
    if (told.push(peers) === slots.length) ended(told.every((count) => count > 0));
  };
  for (const slot of slots) turn.provide(slot, PROVIDE_TIMEOUT_MS, one, () => one(0));
}

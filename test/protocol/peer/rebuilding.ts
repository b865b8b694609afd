/** Own feeds that are stopped and recovered in the rig. */
import type { SignedHead } from "../../../protocol/feed/index.ts";
import { beginRecovery } from "../../../protocol/peer/index.ts";
import type { Kept, Row, StoreStep } from "../../../protocol/peer/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";
import type { RowStore } from "./rows-store.ts";

export const alice: Builder = new Builder(1);
export const link = (number: number): Uint8Array => alice.link(packageNumber(number), "same");
export const COUNT = 300;
export const feed: MemoryFeed = new MemoryFeed(1, NETWORK).append(
  ...Array.from({ length: COUNT }, (_, i) => link(i)),
);

export function run<T>(steps: Generator<StoreStep, T, readonly Row[]>, store: RowStore): T {
  let step = steps.next();
  while (step.done !== true) {
    const wanted = step.value;
    if (wanted.kind === "write") {
      store.apply(wanted.ops);
      step = steps.next([]);
      continue;
    }
    step = steps.next(store.whole(wanted.range));
  }
  return step.value;
}

/** A publisher of all entries, stopped. With `surplus`, power failed before the last of them got a head. */
export function publisher(surplus: number): { readonly rig: Rig; readonly peer: RigPeer } {
  const rig = new Rig();
  const peer = rig.peer("a", { seed: alice.seed, first: true });
  peer.publish(...feed.entries.slice(0, COUNT - surplus));
  if (surplus > 0) {
    peer.fault = (effect) => (effect.kind === "sign" ? "hang" : null);
    peer.publish(...feed.entries.slice(COUNT - surplus));
  }
  peer.stop();
  peer.fault = () => null;
  return { rig, peer };
}

export const begin = (peer: RigPeer, file: SignedHead | null = null): Kept =>
  run(beginRecovery(NETWORK, alice.key.raw, file, []), peer.store);

/** Opens the store with a peer that follows the feed. */
export function follower(rig: Rig, peer: RigPeer): RigPeer {
  const other = rig.peer("b", {
    follow: { origins: [feed.origin] },
    recovers: { origin: feed.origin, known: null },
  });
  other.stop();
  other.store = peer.store;
  other.start();
  return other;
}

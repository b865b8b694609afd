/** A feed, keys of witnesses, and what a peer says of a cosigned head that is gossiped to it. */
import { writeCosignatureNotice } from "../../../protocol/wire/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK } from "./rig.ts";
import type { Rig, RigPeer } from "./rig.ts";

export const alice: Builder = new Builder(1);
export const feed: MemoryFeed = new MemoryFeed(1, NETWORK).append(
  ...Array.from({ length: 20 }, (_, i) => alice.link(packageNumber(i), "same")),
);
export const FOLLOWS: { readonly follow: { readonly origins: readonly string[] } } = {
  follow: { origins: [feed.origin] },
};

function seedOf(number: number): Uint8Array {
  return new Uint8Array(32).fill(100 + number);
}
export const seeds: readonly Uint8Array[] = Array.from({ length: 12 }, (_, i) => seedOf(i));
export const first: Uint8Array = seedOf(0);
export const second: Uint8Array = seedOf(1);

/** The code of the verdict, else the verdict. */
export function said(peer: RigPeer, note: Uint8Array, from = "x"): string {
  const verdict = peer.gossiped("cosignatures", writeCosignatureNotice(note), from);
  return verdict?.kind === "verdict" ? (verdict.code ?? verdict.verdict) : "nothing";
}

export function secondsOf(rig: Rig): number {
  return Math.floor(rig.now / 1_000);
}

/** What an answer has of the bundles that were asked for, and what of that is kept. */
import { octetsIn } from "../bytes/index.ts";
import { leafHashes } from "../feed/index.ts";
import { joinBlobs, splitBlobs } from "../wire/index.ts";
import { isOversized } from "./oversized.ts";
import { isBundle, widthOf } from "./segment.ts";
import type { Segment } from "./segment.ts";

/** A bundle that was checked. */
export interface Bundle {
  readonly number: number;
  readonly entries: readonly Uint8Array[];
  /** Hashes of the entries, one after the other. */
  readonly leaves: Uint8Array;
  readonly octets: number;
}

/** A bundle that is kept, and the octets that are free once it has gone, all those before it having gone. */
export interface KeptBundle extends Bundle {
  readonly holds: number;
}

const NONE = new Uint8Array(0);

/**
 * The bundles from number `first` on, `count` at most, up to the first that is not all there, that is another one, and so the source's lie, or that
 * belongs there and has an entry that is too large.
 */
export function bundlesIn(
  segment: Segment,
  { first, count }: { readonly first: number; readonly count: number },
  blobs: readonly Uint8Array[],
): { readonly bundles: readonly Bundle[]; readonly wrong: "lie" | "oversized" | null } {
  const bundles: Bundle[] = [];
  for (let at = 0; bundles.length < count;) {
    const number = first + bundles.length;
    const width = widthOf(segment, number);
    const entries = blobs.slice(at, at + width);
    if (entries.length < width) break;
    const leaves = leafHashes(entries);
    if (!isBundle(segment, number, leaves)) return { bundles, wrong: "lie" };
    if (entries.some(isOversized)) return { bundles, wrong: "oversized" };
    at += width;
    bundles.push({ number, entries, leaves, octets: octetsIn(entries) });
  }
  return { bundles, wrong: null };
}

/**
 * These bundles, in their order, of an answer of so many octets: entries are views of it, and keep it alive until the last of them has gone. Where
 * less than half of it would be kept they are copied out of it, so that what waits here, and then for the store, is not mostly something else.
 */
export function kept(bundles: readonly Bundle[], answer: number): readonly KeptBundle[] {
  const octets = bundles.reduce((sum, bundle) => sum + bundle.octets, 0);
  if (2 * octets < answer) return bundles.map(copied);
  return bundles.map((bundle, i) => ({ ...bundle, holds: i === bundles.length - 1 ? answer : 0 }));
}

/** As the entries stand in an answer: so the store takes them as they are. */
function copied(bundle: Bundle): KeptBundle {
  const blobs = joinBlobs(bundle.entries, NONE);
  return { ...bundle, entries: splitBlobs(blobs) ?? [], holds: blobs.length };
}

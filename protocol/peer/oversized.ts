/**
 * Entries with more octets than any may have (RULES R8). Where one stands under a head that is signed, its feed's key is who put it there, and nobody
 * who serves it is at fault: the feed ends here below that entry.
 */
import { MAX_ENTRY_BYTES } from "../limits.ts";
import type { Context } from "./context.ts";
import type { FeedState } from "./feed-state.ts";

export function isOversized(entry: Uint8Array): boolean {
  return entry.length > MAX_ENTRY_BYTES;
}

/** Those of these entries that are taken; they are shown to belong behind `feed.range`. From the first one on that is too large none is, for good. */
export function takable(
  { counters }: Context,
  feed: FeedState,
  entries: readonly Uint8Array[],
): readonly Uint8Array[] {
  const at = entries.findIndex(isOversized);
  if (at === -1) return entries;
  feed.endsAt = feed.range.size + at;
  counters.add("entry-too-big");
  return entries.slice(0, at);
}

/** What is asked of a witness, for feeds in memory. */
import {
  fromUtf8,
  headBody,
  parseSignatureLine,
  toBase64,
  verifyCosignatureLine,
} from "../protocol/index.ts";
import type { Cosigner } from "../protocol/index.ts";
import type { MemoryFeed } from "./sim/memory-feed.ts";

/** A request that leads from `old` to `size`. */
export function addCheckpoint(
  feed: MemoryFeed,
  old: number,
  size: number,
  note: Uint8Array = feed.note(size),
): string {
  const proof = old === 0 || old >= size ? [] : feed.consistency(old, size);
  return `old ${old}\n${proof.map((hash) => `${toBase64(hash)}\n`).join("")}\n${fromUtf8(note)}`;
}

/** The time of a line as it was answered; throws where it does not hold for the feed's head of that size. */
export function timeOfLine(feed: MemoryFeed, size: number, line: string, witness: Cosigner): number {
  const body = headBody({ origin: feed.origin, size, root: feed.root(size) });
  return verifyCosignatureLine(body, parseSignatureLine(line), witness);
}

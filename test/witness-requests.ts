/** What is asked of a witness, for feeds in memory. */
import {
  cosignatureLine,
  cosignatureMessage,
  fromUtf8,
  headBody,
  parseSignatureLine,
  publicFromSeed,
  signDomain,
  toBase64,
  verifyCosignatureLine,
  withSignatureLine,
  witnessName,
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

/** The witness of a seed. */
export function witnessOf(seed: Uint8Array, network = "test"): Cosigner {
  const raw = publicFromSeed(seed);
  return { name: witnessName(network, raw), raw };
}

/** A head of the feed with what the witness of this seed says of it at a time in seconds, under a name that is its key unless told otherwise. */
export function cosignedNote(
  feed: MemoryFeed,
  size: number,
  seed: Uint8Array,
  time: number,
  name: string = witnessOf(seed, feed.network).name,
): Uint8Array {
  const body = headBody({ origin: feed.origin, size, root: feed.root(size) });
  const signature = signDomain(seed, cosignatureMessage(time, body));
  const line = cosignatureLine({ name, raw: publicFromSeed(seed) }, time, signature);
  return withSignatureLine(feed.note(size), line);
}

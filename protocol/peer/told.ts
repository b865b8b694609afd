/** What a peer tells of its feeds when it is asked for heads, and how an asker names what it has, so that it is not told again. */
import { utf8 } from "../bytes/index.ts";
import { sha256 } from "../crypto/index.ts";
import type { SignedHead } from "../feed/index.ts";
import { KNOWN_NAME_BYTES } from "../limits.ts";
import { sameHead } from "./feed-state.ts";
import type { FeedState } from "./feed-state.ts";

/** Names of notes: a head is told of many times, and hashed once. */
const names = new WeakMap<Uint8Array, Uint8Array>();

/** The name of a head as it is told, by its octets. */
export function nameOfNote(note: Uint8Array): Uint8Array {
  const known = names.get(note) ?? sha256(note).subarray(0, KNOWN_NAME_BYTES);
  names.set(note, known);
  return known;
}

/** The name of "this feed has forked, and I have the proof". */
export function nameOfFork(feed: FeedState): Uint8Array {
  return sha256(utf8(`forked ${feed.origin}`)).subarray(0, KNOWN_NAME_BYTES);
}

/** A feed's heads as others are told: the held one with its time line, the accepted one, the unresolved ones. */
export function notesOf(feed: FeedState): Uint8Array[] {
  const { proven, head, timed, unresolved } = feed;
  const heads = [proven, head, timed, ...unresolved].filter((other): other is SignedHead => other !== null);
  const notes: Uint8Array[] = [];
  for (const [i, one] of heads.entries()) {
    const bearer = timed !== null && sameHead(one, timed) ? timed : one;
    if (heads.findIndex((other) => sameHead(other, one)) === i) notes.push(bearer.note);
  }
  return notes;
}

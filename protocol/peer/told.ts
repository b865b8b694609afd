/** What a peer tells of its feeds when it is asked for heads, and how an asker names what it has, so that it is not told again. */
import { toHex, utf8 } from "../bytes/index.ts";
import { sha256 } from "../crypto/index.ts";
import { parseCheckpoint } from "../feed/index.ts";
import type { Checkpoint, SignedHead } from "../feed/index.ts";
import { ProtocolError } from "../errors.ts";
import { KNOWN_NAME_BYTES, MAX_CHECKPOINT_BYTES } from "../limits.ts";
import { sameHead } from "./feed-state.ts";
import type { FeedState } from "./feed-state.ts";

/** First octet of evidence, `{`; a note never begins with it. */
const EVIDENCE_START = 0x7b;

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

/** A feed's heads as others are told: the held one with its time line, the accepted one, the unresolved ones; then what witnesses cosigned. */
export function notesOf(feed: FeedState): Uint8Array[] {
  const { proven, head, timed, unresolved, cosigned } = feed;
  const heads = [proven, head, timed, ...unresolved].filter((other): other is SignedHead => other !== null);
  const notes: Uint8Array[] = [];
  for (const [i, one] of heads.entries()) {
    const bearer = timed !== null && sameHead(one, timed) ? timed : one;
    if (heads.findIndex((other) => sameHead(other, one)) === i) notes.push(bearer.note);
  }
  return feed.forked ? notes : [...notes, ...cosigned.map(({ note }) => note)];
}

/** What an asker has, by the names in its question. */
export class KnownNames {
  /** Of each name whether it was met: 1, or 0. */
  readonly same: Uint8Array;
  readonly #places = new Map<string, number>();

  /** `row` is names one after the other; one that stands there twice has the last of its places. */
  constructor(row: Uint8Array = new Uint8Array(0)) {
    this.same = new Uint8Array(row.length / KNOWN_NAME_BYTES);
    for (let i = 0; i < this.same.length; i++)
      this.#places.set(toHex(row.subarray(i * KNOWN_NAME_BYTES, (i + 1) * KNOWN_NAME_BYTES)), i);
  }

  /** Whether the asker does not have it; marks it as met where it has. */
  isNews(name: Uint8Array): boolean {
    const place = this.#places.get(toHex(name));
    if (place !== undefined) this.same[place] = 1;
    return place === undefined;
  }

  /** The answer's field: none for an asker that names nothing. */
  get answered(): { readonly same?: Uint8Array } {
    return this.same.length === 0 ? {} : { same: this.same };
  }
}

/** Whether a blob of an answer is evidence, and no head. */
export function isEvidence(blob: Uint8Array): boolean {
  return blob[0] === EVIDENCE_START;
}

/** Reads a blob that is a head, unverified. Throws `peer/bad-head`, and as `parseCheckpoint`. */
export function parseTold(blob: Uint8Array): Checkpoint {
  if (blob.length > MAX_CHECKPOINT_BYTES)
    throw new ProtocolError("peer/bad-head", `a head of ${blob.length} octets`);
  return parseCheckpoint(blob);
}

/** Heads of feeds: checkpoints under the rules of samebits, verified by the key that their origin names (RULES R1, R10, R15). */
import { equalBytes, fromUtf8, quote, toHex } from "../bytes/index.ts";
import { NOTE_ED25519, noteKeyId, verifyEd25519 } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_FEED_SIZE } from "../limits.ts";
import { headBody, parseCheckpoint } from "./checkpoint.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { cosignatureLine, isCosignatureOf, verifyCosignatureLine } from "./cosignature.ts";
import { parseNote, withSignatureLine, writeNote } from "./note.ts";
import type { NoteSignature } from "./note.ts";
import { parseOrigin } from "./origin.ts";

declare const verified: unique symbol;

/** A head whose signature by the feed's own key holds; only `verifyCheckpoint` and `verifyHead` make one. Frozen. */
export interface SignedHead {
  readonly origin: string;
  /** The feed's raw Ed25519 key. */
  readonly key: Uint8Array;
  readonly size: number;
  readonly root: Uint8Array;
  /** The exact octets that were verified, with all their lines. */
  readonly note: Uint8Array;
  /** The feed's own signature over origin, size and root. */
  readonly signature: Uint8Array;
  /** Seconds since 1970 of the feed's own time line (RULES R10), or null if the note has none. */
  readonly time: number | null;
  readonly [verified]: true;
}

/**
 * Verifies a checkpoint of a feed of `network`: the key comes from the origin; exactly one line is the feed's signature; at most one
 * is its time line, which must hold too; lines of others are let be. Throws `note/…`, `checkpoint/…`, `cosignature/…`.
 */
export function verifyCheckpoint(bytes: Uint8Array, network: string): SignedHead {
  return verifyParsedCheckpoint(parseCheckpoint(bytes), network);
}

/** The same for one that was read before. */
export function verifyParsedCheckpoint(checkpoint: Checkpoint, network: string): SignedHead {
  const { origin } = checkpoint;
  const parsed = parseOrigin(origin);
  if (parsed.network !== network) {
    throw new ProtocolError(
      "checkpoint/other-network",
      `${quote(origin)} is a feed of another network than ${network}`,
    );
  }
  return verifyBy(checkpoint, parsed.key);
}

/** Verifies a checkpoint of a feed, in whatever network its origin names. Throws as `verifyCheckpoint`. */
export function verifyHead(bytes: Uint8Array): SignedHead {
  const checkpoint = parseCheckpoint(bytes);
  return verifyBy(checkpoint, parseOrigin(checkpoint.origin).key);
}

/**
 * Verifies what a feed's folder has as the newest head whose time is known, beside `head`. Null where it is the larger of the two: then it
 * was written later, and what stands below it may not be there. Throws as `verifyHead`, and `checkpoint/not-timed`.
 */
export function verifyTimed(bytes: Uint8Array, head: SignedHead): SignedHead | null {
  const timed = verifyHead(bytes);
  if (timed.origin !== head.origin || timed.time === null)
    throw new ProtocolError("checkpoint/not-timed", `this is no head of ${quote(head.origin)} with a time`);
  return timed.size > head.size ? null : timed;
}

function verifyBy(checkpoint: Checkpoint, key: Uint8Array): SignedHead {
  const { origin, size, root, note, body, signatures } = checkpoint;
  assertFeedHead(checkpoint);
  const mine = signatures.filter((line) => line.name === origin);
  const keyId4 = ownKeyId(origin, key);
  const own = mine.filter((line) => equalBytes(line.keyId4, keyId4));
  const signature = onlyLine(own, "signature")?.signature;
  if (signature === undefined)
    throw new ProtocolError("checkpoint/unsigned", `no line is signed by ${quote(origin)}`);
  if (!verifyEd25519(key, body, signature)) {
    throw new ProtocolError("checkpoint/bad-signature", `the signature of ${quote(origin)} does not hold`);
  }
  const self = { name: origin, raw: key };
  const timeLine = onlyLine(
    mine.filter((line) => !own.includes(line) && isCosignatureOf(line, self)),
    "time line",
  );
  const time = timeLine === undefined ? null : verifyCosignatureLine(body, timeLine, self);
  return Object.freeze({
    origin,
    key,
    size,
    root,
    note: new Uint8Array(note),
    signature,
    time,
  }) as SignedHead;
}

/** The checkpoint with one line, for a signature that was made over `headBody`. Throws as `headBody`. */
export function signedCheckpoint(
  origin: string,
  size: number,
  root: Uint8Array,
  signature: Uint8Array,
): Uint8Array {
  const { key } = parseOrigin(origin);
  const body = headBody({ origin, size, root });
  return writeNote(fromUtf8(body), [{ name: origin, keyId4: ownKeyId(origin, key), signature }]);
}

/** Signs a head. `sign` makes the feed's Ed25519 signature. Throws `checkpoint/size-zero`, `checkpoint/too-large`. */
export function signCheckpoint(
  origin: string,
  size: number,
  root: Uint8Array,
  sign: (bytes: Uint8Array) => Uint8Array,
): Uint8Array {
  assertFeedSize(size);
  return signedCheckpoint(origin, size, root, sign(headBody({ origin, size, root })));
}

/** The head's checkpoint with the feed's signature alone, as gossip carries it (RULES R6). */
export function onlyOwnLine(head: SignedHead): Uint8Array {
  return signedCheckpoint(head.origin, head.size, head.root, head.signature);
}

/** A head as a name among heads of all feeds. */
export function nameOfHead(head: Pick<SignedHead, "origin" | "size" | "root">): string {
  return `${head.origin} ${head.size} ${toHex(head.root)}`;
}

/** The head without lines of other names than its origin: what strangers put beside them is not kept with it. */
export function ownLines(head: SignedHead): SignedHead {
  const { signatures } = parseNote(head.note);
  const own = signatures.filter(({ name }) => name === head.origin);
  if (own.length === signatures.length) return head;
  return Object.freeze({ ...head, note: writeNote(fromUtf8(headBody(head)), own) });
}

/** The head's checkpoint with the feed's own time line, for a signature over `cosignatureMessage(time, headBody(head))`. */
export function withOwnTime(head: SignedHead, time: number, signature: Uint8Array): Uint8Array {
  return withSignatureLine(head.note, cosignatureLine({ name: head.origin, raw: head.key }, time, signature));
}

function assertFeedHead(checkpoint: Checkpoint): void {
  assertFeedSize(checkpoint.size);
  if (checkpoint.extensions.length > 0) {
    throw new ProtocolError("checkpoint/extension", "a feed's checkpoint has three lines and no extension");
  }
}

function assertFeedSize(size: number): void {
  if (size === 0)
    throw new ProtocolError("checkpoint/size-zero", "a feed never signs a head without entries");
  if (size > MAX_FEED_SIZE) {
    throw new ProtocolError(
      "checkpoint/too-large",
      `a feed has at most ${MAX_FEED_SIZE} entries, not ${size}`,
    );
  }
}

function onlyLine(lines: readonly NoteSignature[], what: string): NoteSignature | undefined {
  if (lines.length > 1) {
    throw new ProtocolError(
      "checkpoint/repeated-line",
      `${lines.length} lines are the feed's ${what}; one is expected`,
    );
  }
  return lines[0];
}

function ownKeyId(origin: string, key: Uint8Array): Uint8Array {
  return noteKeyId(origin, NOTE_ED25519, key);
}

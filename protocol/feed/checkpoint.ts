/** Checkpoints of any log, unverified: c2sp.org/tlog-checkpoint. */
import { fromBase64, fromDecimal, reading, toBase64, toDecimal, utf8 } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { HASH_BYTES, assertHash } from "./merkle.ts";
import { parseNote } from "./note.ts";
import type { NoteSignature } from "./note.ts";

/** What a checkpoint's text says. Frozen. */
export interface CheckpointBody {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  /** Lines after the root; feeds of samebits have none. */
  readonly extensions: readonly string[];
}

/** A checkpoint as read; none of its signatures is verified. Frozen. */
export interface Checkpoint extends CheckpointBody {
  /** The octets that were read, which must not change afterwards. */
  readonly note: Uint8Array;
  /** The octets that are signed. */
  readonly body: Uint8Array;
  readonly signatures: readonly NoteSignature[];
}

/** Origin, size and root as the octets that a feed's key signs. Throws `checkpoint/malformed`, `tree/bad-hash`. */
export function headBody(head: {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}): Uint8Array {
  assertHash(head.root);
  const text = `${head.origin}\n${toDecimal(head.size)}\n${toBase64(head.root)}\n`;
  if (parseCheckpointBody(text).origin !== head.origin) throw malformed("its origin is not one line");
  return utf8(text);
}

/** Reads a checkpoint's text: three lines, then extension lines. Sizes go up to 2^53 - 1. Throws `checkpoint/malformed`. */
export function parseCheckpointBody(text: string): CheckpointBody {
  if (!text.endsWith("\n")) throw malformed("it does not end with a line feed");
  const [origin = "", size, root, ...extensions] = text.slice(0, -1).split("\n");
  if (origin === "") throw malformed("its first line, the origin, is empty");
  if (size === undefined || root === undefined) throw malformed("it needs three lines: origin, size, root");
  if (extensions.includes("")) throw malformed("it holds an empty line");
  const hash = reading("checkpoint/malformed", "root", () => fromBase64(root));
  if (hash.length !== HASH_BYTES) throw malformed(`its root has ${hash.length} octets, not ${HASH_BYTES}`);
  return Object.freeze({
    origin,
    size: reading("checkpoint/malformed", "size", () => fromDecimal(size)),
    root: hash,
    extensions: Object.freeze(extensions),
  });
}

/** Reads a checkpoint with its signature lines. Throws `note/…`, `checkpoint/malformed`. */
export function parseCheckpoint(bytes: Uint8Array): Checkpoint {
  const { text, signatures } = parseNote(bytes);
  return Object.freeze({ ...parseCheckpointBody(text), note: bytes, body: utf8(text), signatures });
}

function malformed(what: string): ProtocolError {
  return new ProtocolError("checkpoint/malformed", `checkpoint: ${what}`);
}

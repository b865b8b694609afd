/** What a witness is asked and how it decides: c2sp.org/tlog-witness, `add-checkpoint`. The file of what it cosigned is its caller's. */
import { equalBytes, fromBase64, fromDecimal, fromUtf8, reading } from "../bytes/index.ts";
import type { Vkey } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_PROOF_HASHES, MAX_WITNESS_REQUEST_BYTES } from "../limits.ts";
import { parseCheckpointBody } from "./checkpoint.ts";
import type { CheckpointBody } from "./checkpoint.ts";
import { EMPTY_ROOT, checkConsistency } from "./merkle.ts";
import { parseNote, verifyNote } from "./note.ts";
import type { Note } from "./note.ts";

/** A request as read; nothing in it is verified. Frozen. */
export interface AddCheckpoint {
  /** Size of the checkpoint from which the proof leads. */
  readonly old: number;
  readonly proof: readonly Uint8Array[];
  /** The checkpoint: what it says, its lines, and its octets. */
  readonly body: CheckpointBody;
  /** Null where its lines can't be read: then none of them is a signature that holds. */
  readonly note: Note | null;
  readonly bytes: Uint8Array;
}

/** The newest head of one origin that a witness cosigned. */
export interface Witnessed {
  readonly size: number;
  readonly root: Uint8Array;
}

/** `cosign`: to be done only once `next` is written where it survives a crash. All else is an answer. */
export type WitnessDecision =
  | { readonly kind: "cosign"; readonly next: Witnessed }
  | { readonly kind: "unknown-origin" | "unsigned" | "old-too-large" | "not-consistent" }
  /** The size to begin from, 0 where none was cosigned. */
  | { readonly kind: "conflict"; readonly size: number };

const OLD_LINE = "old ";

/** Reads a request: `old <size>`, at most 63 hashes, an empty line, a checkpoint. Throws `witness/malformed`, `checkpoint/…`. */
export function readAddCheckpoint(bytes: Uint8Array): AddCheckpoint {
  if (bytes.length > MAX_WITNESS_REQUEST_BYTES) {
    throw malformed(`it has more than ${MAX_WITNESS_REQUEST_BYTES} octets`);
  }
  const whole = reading("witness/malformed", "request", () => fromUtf8(bytes));
  const end = whole.indexOf("\n\n");
  if (end < 0) throw malformed("no empty line ends the proof");
  const [first = "", ...hashes] = whole.slice(0, end).split("\n");
  if (!first.startsWith(OLD_LINE)) throw malformed("its first line is not: old <size>");
  if (hashes.length > MAX_PROOF_HASHES) throw malformed(`a proof has at most ${MAX_PROOF_HASHES} hashes`);
  // The lines above are ASCII, or one of the readers below refuses them: characters are octets.
  const note = bytes.slice(end + 2);
  const request = reading("witness/malformed", "request", () => ({
    old: fromDecimal(first.slice(OLD_LINE.length)),
    proof: Object.freeze(hashes.map((hash) => fromBase64(hash))),
  }));
  const split = whole.lastIndexOf("\n\n");
  if (split === end) throw malformed("no empty line ends the checkpoint's text");
  const body = parseCheckpointBody(whole.slice(end + 2, split + 1));
  return Object.freeze({ ...request, body, note: linesOf(note), bytes: note });
}

/**
 * Decides on a request. `keys` are the origin's, null where it is none that this witness knows; `held` is what it cosigned last. Between
 * this and the writing of `next` nothing else of the origin may be decided: else a smaller head could be written over a larger one.
 */
export function decideAddCheckpoint(
  { old, proof, body, note }: AddCheckpoint,
  keys: readonly Vkey[] | null,
  held: Witnessed | null,
): WitnessDecision {
  if (keys === null) return { kind: "unknown-origin" };
  if (!isSigned(note, keys)) return { kind: "unsigned" };
  const { size, root } = body;
  if (old > size) return { kind: "old-too-large" };
  const last = held ?? { size: 0, root: EMPTY_ROOT };
  if (old !== last.size) return { kind: "conflict", size: last.size };
  // An origin of which nothing was cosigned has the empty tree: no other root is one of size 0.
  if (size === last.size && !equalBytes(root, last.root)) return { kind: "conflict", size: last.size };
  return extendsIt(last, body, proof) ? { kind: "cosign", next: { size, root } } : { kind: "not-consistent" };
}

function linesOf(bytes: Uint8Array): Note | null {
  try {
    return parseNote(bytes);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return null;
  }
}

function isSigned(note: Note | null, keys: readonly Vkey[]): boolean {
  return note !== null && holds(() => verifyNote(note, keys));
}

function extendsIt(last: Witnessed, next: Witnessed, proof: readonly Uint8Array[]): boolean {
  return holds(() => checkConsistency(last.size, next.size, last.root, next.root, proof));
}

function holds(check: () => unknown): boolean {
  try {
    check();
    return true;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return false;
  }
}

function malformed(what: string): ProtocolError {
  return new ProtocolError("witness/malformed", `add-checkpoint: ${what}`);
}

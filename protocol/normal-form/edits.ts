/** A normal form is a file with a few edits: what they are, and how they are made while the file goes by. */
import { ProtocolError } from "../errors.ts";
import { MAX_FORM_EDITS } from "../limits.ts";

/** Offsets are those of the file as it is, before any edit. */
export type Edit =
  /** Octets that are left out. */
  | { readonly kind: "cut"; readonly at: number; readonly length: number }
  /** Octets in whose place as many zeros stand. */
  | { readonly kind: "zero"; readonly at: number; readonly length: number }
  /** `bytes` stand in the place of `length` octets; of none, they are put in between, or behind the end. */
  | { readonly kind: "put"; readonly at: number; readonly length: number; readonly bytes: Uint8Array };

/** Edits in order, none of which touches another, all within the file: only `editsOf` makes them. */
export type Edits = readonly Edit[];

export function cut(at: number, length: number): Edit {
  return Object.freeze({ kind: "cut", at, length });
}

export function zero(at: number, length: number): Edit {
  return Object.freeze({ kind: "zero", at, length });
}

export function put(at: number, length: number, bytes: Uint8Array): Edit {
  return Object.freeze({ kind: "put", at, length, bytes });
}

/** Puts edits in order, and drops those of nothing. Throws `normal-form/malformed` where two overlap, or one is beyond the file. */
export function editsOf(size: number, edits: readonly Edit[]): Edits {
  const sorted = edits
    .filter((edit) => edit.length > 0 || (edit.kind === "put" && edit.bytes.length > 0))
    .toSorted((a, b) => a.at - b.at);
  if (sorted.length > MAX_FORM_EDITS) {
    throw new ProtocolError(
      "normal-form/too-big",
      `${sorted.length} places of the file would change; at most ${MAX_FORM_EDITS} may`,
    );
  }
  let free = 0;
  for (const { at, length } of sorted) {
    if (at < free || at + length > size) {
      throw new ProtocolError(
        "normal-form/malformed",
        `octet ${at}: a part of ${length} octets overlaps another, or the file's end at octet ${size}; nothing was cut`,
      );
    }
    free = at + length;
  }
  return Object.freeze(sorted);
}

/** How many octets a file has after these edits. */
export function editedSize(size: number, edits: Edits): number {
  return edits.reduce((sum, edit) => sum - edit.length + lengthAfter(edit), size);
}

function lengthAfter(edit: Edit): number {
  if (edit.kind === "cut") return 0;
  return edit.kind === "zero" ? edit.length : edit.bytes.length;
}

const ZEROS = new Uint8Array(4_096);

/**
 * The edited file, piece by piece, while its octets are taken from `chunks`. Pieces are views of chunks or of edits: use each before the
 * next is asked for. Holds one chunk at a time, whatever the file's size.
 */
export function* applyEdits(edits: Edits, chunks: Iterable<Uint8Array>): Generator<Uint8Array, void, void> {
  let at = 0;
  let next = 0;
  for (const chunk of chunks) {
    const end = at + chunk.length;
    let from = at;
    while (from < end) {
      const edit = edits[next];
      const stop = edit === undefined ? end : Math.min(end, Math.max(edit.at, from));
      if (stop > from) yield chunk.subarray(from - at, stop - at);
      from = stop;
      if (edit === undefined || edit.at > from || from === end) break;
      if (from === edit.at) yield* instead(edit);
      from = Math.min(end, edit.at + edit.length);
      if (from === edit.at + edit.length) next++;
    }
    at = end;
  }
  // What stands at the very end of the file replaces nothing.
  for (const edit of edits.slice(next)) if (edit.at === at) yield* instead(edit);
}

function* instead(edit: Edit): Generator<Uint8Array, void, void> {
  if (edit.kind === "put" && edit.bytes.length > 0) yield edit.bytes;
  if (edit.kind !== "zero") return;
  for (let left = edit.length; left > 0; left -= ZEROS.length) {
    yield ZEROS.subarray(0, Math.min(left, ZEROS.length));
  }
}

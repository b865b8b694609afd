/** A head with the line of one witness: the form in which cosignatures go through the mesh (spec/checkpoint.md, spec/wire.md). */
import { fromUtf8 } from "../bytes/index.ts";
import { NOTE_ED25519, noteKeyId } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import { headBody, parseCheckpoint } from "./checkpoint.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { verifyCosignatureLine } from "./cosignature.ts";
import type { Cosigner } from "./cosignature.ts";
import { onlyOwnLine, ownLines } from "./head.ts";
import type { SignedHead } from "./head.ts";
import { isOfKey, withSignatureLine, writeNote } from "./note.ts";
import type { NoteSignature } from "./note.ts";
import { parseOrigin } from "./origin.ts";

/** A head that a witness has cosigned; both lines hold. Frozen. */
export interface CosignedHead {
  /** Without the witness's line. */
  readonly head: SignedHead;
  readonly witness: Cosigner;
  /** Seconds since 1970, by the witness's clock. */
  readonly time: number;
  /** The head's checkpoint with the feed's line and, behind it, the witness's. */
  readonly note: Uint8Array;
}

/** The same as read: nothing in it is verified. */
export interface CosignedNote {
  readonly checkpoint: Checkpoint;
  readonly line: NoteSignature;
}

/** Reads a checkpoint whose first line is named by its origin, and whose second, the last, is not. Throws `note/…`, `checkpoint/malformed`, `cosignature/not-one`. */
export function parseCosigned(bytes: Uint8Array): CosignedNote {
  const checkpoint = parseCheckpoint(bytes);
  const [own, line, ...more] = checkpoint.signatures;
  const isOne = own?.name === checkpoint.origin && line !== undefined && line.name !== checkpoint.origin;
  if (!isOne || more.length > 0) {
    throw new ProtocolError(
      "cosignature/not-one",
      `a cosigned head has the feed's line and one of a witness, not ${checkpoint.signatures.length} of others`,
    );
  }
  return { checkpoint, line };
}

/** Verifies a witness's line of a head. Throws `cosignature/malformed`, `cosignature/bad-signature`. */
export function cosignedBy(head: SignedHead, line: NoteSignature, witness: Cosigner): CosignedHead {
  const time = verifyCosignatureLine(headBody(head), line, witness);
  const note = withSignatureLine(onlyOwnLine(head), line);
  return Object.freeze({ head: ownLines(head), witness, time, note });
}

/**
 * Takes a checkpoint of many lines apart: first with those of its origin alone, then the feed's signature with each line of another name.
 * Nothing is verified. Throws `checkpoint/bad-origin`.
 */
export function separate({ origin, body, signatures }: Checkpoint): readonly Uint8Array[] {
  const key = { name: origin, keyId4: noteKeyId(origin, NOTE_ED25519, parseOrigin(origin).key) };
  const own = signatures.filter(({ name }) => name === origin);
  const others = signatures.filter(({ name }) => name !== origin);
  const signature = own.filter((line) => isOfKey(line, key));
  const text = fromUtf8(body);
  return [own, ...others.map((line) => [...signature, line])]
    .filter((lines) => lines.length > 0)
    .map((lines) => writeNote(text, lines));
}

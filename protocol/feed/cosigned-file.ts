/** The files `cosigned` and `cosigned-past` of a feed's folder: heads with a witness's line each, for whoever counts witnesses and can ask nobody (spec/feed.md, "Tiles"). */
import { equalBytes, fromUtf8, quote, reading, utf8 } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_CHECKPOINT_BYTES, MAX_TOLD_COSIGNATURES, MAX_TOLD_PAST } from "../limits.ts";
import { isCosignatureOf, readCosignatureLine } from "./cosignature.ts";
import type { Cosigner } from "./cosignature.ts";
import { parseCosigned } from "./cosigned.ts";
import type { CosignedNote } from "./cosigned.ts";
import { verifyParsedCheckpoint } from "./head.ts";
import type { SignedHead } from "./head.ts";
import { parseOrigin } from "./origin.ts";

/** Between two notes, each of which has one such place itself: behind its text. */
const BETWEEN = "\n\n";

/** The octets of the file: notes as they go through the mesh, an empty line between two. The first `most` are taken; null of none. */
export function writeCosigned(
  notes: readonly Uint8Array[],
  most: number = MAX_TOLD_COSIGNATURES,
): Uint8Array | null {
  const some = notes.slice(0, most).map(fromUtf8);
  return some.length === 0 ? null : utf8(some.join("\n"));
}

/** Reads the file, which has `most` heads at most. Nothing in it is verified. Throws `cosignature/bad-file`, `note/…`, `checkpoint/malformed`, `cosignature/not-one`. */
export function readCosigned(
  bytes: Uint8Array,
  most: number = MAX_TOLD_COSIGNATURES,
): readonly CosignedNote[] {
  const octets = most * (MAX_CHECKPOINT_BYTES + 1);
  if (bytes.length > octets) throw badFile(`${bytes.length} octets where ${octets} are the most`);
  const text = reading(
    "cosignature/bad-file",
    () => "the heads with witnesses' lines",
    () => fromUtf8(bytes),
  );
  const parts = text.replace(/\n$/, "").split(BETWEEN);
  if (parts.length / 2 > most) throw badFile(`more than ${most} heads`);
  const notes = Array.from({ length: Math.floor(parts.length / 2) }, (_, i) =>
    utf8(`${parts.slice(2 * i, 2 * i + 2).join(BETWEEN)}\n`),
  );
  const again = writeCosigned(notes, most);
  if (again === null || !equalBytes(again, bytes))
    throw badFile("it is not notes of two parts with an empty line between each two");
  if (notes.some(({ length }) => length > MAX_CHECKPOINT_BYTES))
    throw badFile(`a head has at most ${MAX_CHECKPOINT_BYTES} octets`);
  return notes.map(parseCosigned);
}

/**
 * The feed's heads in the file `cosigned` beside `head`, whose signatures by the feed's key hold; what the witnesses' lines are worth is for
 * those to see who know their keys. Larger ones than `head` are left out: they were written later, and what stands below them may not be there.
 * Throws as `readCosigned` and `verifyHead`, and `checkpoint/bad-origin` for what is another feed's.
 */
export function verifyCosigned(
  bytes: Uint8Array,
  head: Pick<SignedHead, "origin" | "size">,
  most: number = MAX_TOLD_COSIGNATURES,
): readonly SignedHead[] {
  return readCosigned(bytes, most)
    .map((one) => headOf(one, head))
    .filter(({ size }) => size <= head.size);
}

/**
 * Of the heads in the file `cosigned-past` beside `head` those that each of these witnesses is said to have cosigned last by each of these times, in
 * seconds since 1970; checked as by `verifyCosigned`, and throws as that.
 */
export function verifyPast(
  bytes: Uint8Array,
  head: Pick<SignedHead, "origin" | "size">,
  { witnesses, times }: { readonly witnesses: readonly Cosigner[]; readonly times: readonly number[] },
): readonly SignedHead[] {
  const read = readCosigned(bytes, MAX_TOLD_PAST).filter(({ checkpoint }) => checkpoint.size <= head.size);
  const wanted = witnesses.flatMap((witness) => {
    const own = read
      .filter(({ line }) => isCosignatureOf(line, witness))
      .map((note) => ({ note, time: readCosignatureLine(note.line).time }))
      .toSorted((a, b) => a.time - b.time);
    return times.flatMap((until) => own.findLast(({ time }) => time <= until)?.note ?? []);
  });
  return [...new Set(wanted)].map((one) => headOf(one, head));
}

function headOf({ checkpoint }: CosignedNote, { origin }: Pick<SignedHead, "origin">): SignedHead {
  if (checkpoint.origin !== origin)
    throw new ProtocolError("checkpoint/bad-origin", `it has a head of ${quote(checkpoint.origin)}`);
  return verifyParsedCheckpoint(checkpoint, parseOrigin(origin).network);
}

function badFile(why: string): ProtocolError {
  return new ProtocolError("cosignature/bad-file", `no file of cosigned heads: ${why}`);
}

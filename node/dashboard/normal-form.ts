/** What a dropped file is without its signatures, worked out in the page: some tables of it are read, and then it goes by in pieces. */
import { isWholeForm, normalForm, ProtocolError, toHex } from "../../protocol/index.ts";
import type { Edits, FileForm } from "../../protocol/index.ts";
import { startHash } from "./hash-file.ts";

const PIECE_BYTES = 2 * 1024 * 1024;

/** As `FileForm` has it. Rejects where the file can't be read. */
export async function formOf(file: Blob): Promise<FileForm> {
  try {
    const reading = normalForm(file.size, { lenient: false });
    let step = reading.next();
    while (step.done !== true) {
      const { offset, length } = step.value;
      step = reading.next(await octetsAt(file, offset, offset + length));
    }
    const { edits, format } = step.value;
    return { sha256: toHex(await digest(file, edits)), isWhole: isWholeForm(format) };
  } catch (error) {
    if (error instanceof ProtocolError) return { why: `${error.message} (${error.code})` };
    throw error;
  }
}

async function digest(file: Blob, edits: Edits): Promise<Uint8Array> {
  const hash = startHash();
  let at = 0;
  const upTo = async (end: number): Promise<void> => {
    for (; at < end; at = Math.min(at + PIECE_BYTES, end))
      hash.update(await octetsAt(file, at, Math.min(at + PIECE_BYTES, end)));
  };
  for (const edit of edits) {
    await upTo(edit.at);
    if (edit.kind === "put") hash.update(edit.bytes);
    if (edit.kind === "zero") hash.update(new Uint8Array(edit.length));
    at = edit.at + edit.length;
  }
  await upTo(file.size);
  return hash.digest();
}

async function octetsAt(file: Blob, from: number, to: number): Promise<Uint8Array> {
  return new Uint8Array(await file.slice(from, to).arrayBuffer());
}

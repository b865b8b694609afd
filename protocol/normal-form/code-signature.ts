/** The signature inside a Mach-O file (Apple's cs_blobs.h): one blob of others, which stand one after the other. */
import { viewOf } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_CODE_SIGNATURE_BLOBS } from "../limits.ts";
import { attempt, isZero } from "./reads.ts";
import type { FileView } from "./reads.ts";
import { CONTENT, readSignedData } from "./signed-data.ts";

const SUPER_BLOB = 0xfade_0cc0;
const HEADER_BYTES = 8;
const INDEX_BYTES = 8;
const ALIGNMENT = 8;
const CODE_DIRECTORY = 0xfade_0c02;
const CMS = 0xfade_0b01;
const CODE_DIRECTORY_BYTES = 44;
const HASH_BYTES: ReadonlySet<number> = new Set([20, 32, 48]);

type Slot = readonly [slot: number, what: { readonly magic: number; readonly name: string }];
const slot = (number: number, magic: number, name: string): Slot => [number, { magic, name }];

/** By slot: what blob stands there, and what it is. */
const SLOTS: ReadonlyMap<number, Slot[1]> = new Map([
  ...[0, 0x1000, 0x1001, 0x1002, 0x1003, 0x1004].map((each) => slot(each, CODE_DIRECTORY, "code directory")),
  slot(2, 0xfade_0c01, "requirements"),
  slot(5, 0xfade_7171, "entitlements"),
  slot(7, 0xfade_7172, "entitlements (DER)"),
  ...[8, 9, 10, 11].map((each) => slot(each, 0xfade_8181, "launch constraint")),
  slot(0x1_0000, CMS, "CMS"),
]);

export interface CodeSignature {
  /** Where in the file it begins. */
  readonly at: number;
  readonly octets: Uint8Array;
  /** Octets of the program before it, which it is over. */
  readonly codeBytes: number;
}

/** Says in words what it is: signed by whom is in the CMS, if there is one. */
export function readCodeSignature(view: FileView, signature: CodeSignature): string {
  const { at, octets } = signature;
  const read = attempt(view, at, () => blobs(signature));
  if (read === null) return "not read";
  const { length, names, signers } = read;
  if (!isZero(octets.subarray(length))) view.complain(at + length, "something stands behind the signature");
  return `${names.join(", ")}${signers === null ? "; ad hoc" : `; ${signers} signed`}`;
}

function blobs({ octets, codeBytes }: CodeSignature): {
  readonly length: number;
  readonly names: readonly string[];
  readonly signers: number | null;
} {
  if (octets.length < HEADER_BYTES + 4) throw bad("a signature that is cut short");
  const view = viewOf(octets);
  const [magic, length, count] = [view.getUint32(0), view.getUint32(4), view.getUint32(8)];
  if (magic !== SUPER_BLOB || length > octets.length)
    throw bad(`a blob 0x${magic.toString(16)} of ${length} octets`);
  if (count === 0 || count > MAX_CODE_SIGNATURE_BLOBS) throw bad(`${count} blobs in a signature`);
  let end = HEADER_BYTES + 4 + INDEX_BYTES * count;
  if (end > length) throw bad("an index that is cut short");
  const index = Array.from({ length: count }, (_, i) => ({
    slot: view.getUint32(12 + INDEX_BYTES * i),
    offset: view.getUint32(16 + INDEX_BYTES * i),
  }));
  const names: string[] = [];
  let signers: number | null = null;
  if (new Set(index.map(({ slot }) => slot)).size !== count) throw bad("a slot that is twice there");
  for (const { slot, offset } of index.toSorted((a, b) => a.offset - b.offset)) {
    const { magic: due, name } = SLOTS.get(slot) ?? { magic: 0, name: "" };
    // lld begins each at a multiple of 8.
    const isNext =
      offset === end ||
      (offset === Math.ceil(end / ALIGNMENT) * ALIGNMENT && isZero(octets.subarray(end, offset)));
    if (!isNext || offset + HEADER_BYTES > length)
      throw bad(`a blob at ${offset} of the signature, not at ${end}`);
    const [kind, size] = [view.getUint32(offset), view.getUint32(offset + 4)];
    if (kind !== due || size < HEADER_BYTES || size > length - offset) {
      throw bad(`a blob 0x${kind.toString(16)} of ${size} octets in slot ${slot}`);
    }
    const blob = octets.subarray(offset, offset + size);
    if (kind === CODE_DIRECTORY) codeDirectory(blob, codeBytes);
    if (kind === CMS && size > HEADER_BYTES) signers = cms(blob.subarray(HEADER_BYTES));
    names.push(name);
    end = offset + size;
  }
  if (end !== length) throw bad(`${length - end} octets of the signature belong to no blob`);
  return { length, names, signers };
}

/** Hashes of the program's pages, to its end, and what they are of. */
function codeDirectory(blob: Uint8Array, codeBytes: number): void {
  if (blob.length < CODE_DIRECTORY_BYTES) throw bad("a code directory that is cut short");
  const view = viewOf(blob);
  const [hashes, identifier, special, pages] = [16, 20, 24, 28].map((at) => view.getUint32(at));
  const size = view.getUint8(36);
  const isOne =
    hashes !== undefined &&
    identifier !== undefined &&
    special !== undefined &&
    pages !== undefined &&
    HASH_BYTES.has(size) &&
    view.getUint32(32) === codeBytes &&
    identifier >= CODE_DIRECTORY_BYTES &&
    identifier < hashes - special * size &&
    hashes + pages * size === blob.length;
  if (!isOne)
    throw bad("a code directory whose hashes are not those of the program before it, or not all of it");
}

function cms(octets: Uint8Array): number {
  const { length, signers } = readSignedData(octets, CONTENT.data);
  if (length !== octets.length) throw bad(`${octets.length - length} octets stand behind the CMS`);
  return signers;
}

function bad(problem: string): ProtocolError {
  return new ProtocolError("normal-form/not-a-signature", problem);
}

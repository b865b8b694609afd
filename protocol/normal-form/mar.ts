/** MAR, the archives by which Mozilla's programs, and Tor Browser, update themselves (wiki.mozilla.org, Software_Update:MAR). */
import { Cursor, equalBytes, u32be, u64be, viewOf } from "../bytes/index.ts";
import { MAX_MAR_INDEX_BYTES, MAX_MAR_SECTIONS, MAX_MAR_SIGNATURES } from "../limits.ts";
import { cut, put } from "./edits.ts";
import type { CutSignature, Found } from "./form.ts";
import { malformed, octetsAt, tooBig } from "./reads.ts";
import type { FileReading, FileView } from "./reads.ts";

/** `MAR1`, and where the index is: with it an archive of the old kind begins, which has no signatures. */
const OLD_HEADER_BYTES = 8;
/** And its size, and how many signatures follow. */
const HEADER_BYTES = 20;
const SIGNATURE_HEADER_BYTES = 8;
const SECTION_HEADER_BYTES = 8;
const ENTRY_BYTES = 12;

/** RSA with PKCS #1, version 1.5. */
const ALGORITHMS: ReadonlyMap<number, string> = new Map([
  [1, "SHA-1"],
  [2, "SHA-384"],
]);
/** RSA of 2,048 and of 4,096 bits. */
const SIGNATURE_BYTES: ReadonlySet<number> = new Set([256, 512]);

interface Index {
  readonly at: number;
  /** Its entries, without the length before them. */
  readonly octets: Uint8Array;
  /** In it, where each entry begins. */
  readonly entries: readonly number[];
  /** Where contents begin: the least offset. */
  readonly contents: number;
}

/**
 * The signatures are cut; their count is zero, and the archive's size, the index's place and all offsets in it are those of what is left: what
 * `signmar -r` writes.
 */
export function* readMar(view: FileView): FileReading<Found> {
  const { size } = view;
  const start = new Cursor(yield* octetsAt(size, { offset: 4, length: 4 }, "the header"));
  const index = yield* indexAt(size, start.u32());
  if (index.contents === OLD_HEADER_BYTES) return { edits: [], signatures: [] };
  const header = new Cursor(yield* octetsAt(size, { offset: 8, length: 12 }, "the header"));
  const said = header.take(8);
  const count = header.u32();
  if (!equalBytes(said, u64be(size))) {
    throw malformed(8, `the archive says another size than the ${size} octets that it has`);
  }
  if (count > MAX_MAR_SIGNATURES) throw tooBig(16, "an archive, in signatures,", count, MAX_MAR_SIGNATURES);
  const signatures: CutSignature[] = [];
  let end = HEADER_BYTES;
  while (signatures.length < count) {
    const signature = yield* signatureAt(view, end, index.contents);
    signatures.push(signature);
    end += signature.length;
  }
  yield* sections(size, end, index.contents);
  const gone = end - HEADER_BYTES;
  if (gone === 0) return { edits: [], signatures };
  const edits = [
    put(4, 4, u32be(index.at - gone)),
    put(8, 8, u64be(size - gone)),
    put(16, 4, u32be(0)),
    cut(HEADER_BYTES, gone),
    put(index.at + 4, index.octets.length, moved(index, gone)),
  ];
  return { edits, signatures };
}

function* indexAt(size: number, at: number): FileReading<Index> {
  const length = new Cursor(yield* octetsAt(size, { offset: at, length: 4 }, "the index")).u32();
  if (length > MAX_MAR_INDEX_BYTES) throw tooBig(at, "an index", length, MAX_MAR_INDEX_BYTES);
  if (at < OLD_HEADER_BYTES || at + 4 + length !== size) {
    throw malformed(at, `the index of ${length} octets does not end with the file, at octet ${size}`);
  }
  const octets = yield* octetsAt(size, { offset: at + 4, length }, "the index");
  const view = viewOf(octets);
  const entries: number[] = [];
  let contents = at;
  for (let next = 0; next < length;) {
    const end = octets.indexOf(0, next + ENTRY_BYTES);
    if (end === -1) throw malformed(at + 4 + next, "an entry of the index is cut short");
    const [offset, octetsOfFile] = [view.getUint32(next), view.getUint32(next + 4)];
    if (offset < OLD_HEADER_BYTES || offset + octetsOfFile > at) {
      throw malformed(
        at + 4 + next,
        `a file of ${octetsOfFile} octets at octet ${offset} is not before the index`,
      );
    }
    contents = Math.min(contents, offset);
    entries.push(next);
    next = end + 1;
  }
  if (contents > OLD_HEADER_BYTES && contents < HEADER_BYTES) {
    throw malformed(contents, "a file begins within the header");
  }
  return { at, octets, entries, contents };
}

function* signatureAt(view: FileView, at: number, contents: number): FileReading<CutSignature> {
  const read = { offset: at, length: SIGNATURE_HEADER_BYTES };
  const header = new Cursor(yield* octetsAt(view.size, read, "a signature"));
  const [algorithm, length] = [header.u32(), header.u32()];
  const end = at + SIGNATURE_HEADER_BYTES + length;
  if (end > contents)
    throw malformed(at, `a signature of ${length} octets overlaps the files at octet ${contents}`);
  const name = ALGORITHMS.get(algorithm);
  if (name === undefined || !SIGNATURE_BYTES.has(length)) {
    view.complain(
      at,
      `a signature of ${length} octets by algorithm ${algorithm}: 1 and 2 are read, of 256 or 512 octets`,
    );
  }
  const detail = `RSA of ${8 * length} bits, ${name ?? `algorithm ${algorithm}`}`;
  return { kind: "mar", at, length: end - at, detail };
}

/** What follows the signatures, product and channel as a rule: it is not cut, but reaches to the first file. */
function* sections(size: number, from: number, contents: number): FileReading<void> {
  if (from === contents) return;
  let at = from;
  const count = new Cursor(yield* octetsAt(size, { offset: at, length: 4 }, "additional sections")).u32();
  if (count > MAX_MAR_SECTIONS)
    throw tooBig(at, "an archive, in additional sections,", count, MAX_MAR_SECTIONS);
  at += 4;
  for (let i = 0; i < count; i++) {
    const length = new Cursor(
      yield* octetsAt(size, { offset: at, length: 4 }, "an additional section"),
    ).u32();
    if (length < SECTION_HEADER_BYTES || at + length > contents) {
      throw malformed(at, `an additional section of ${length} octets where ${contents - at} are left`);
    }
    at += length;
  }
  if (at !== contents)
    throw malformed(at, `nothing says what the ${contents - at} octets before the first file are`);
}

/** The index's entries, each `gone` octets further to the front. */
function moved({ octets, entries }: Index, gone: number): Uint8Array {
  const copy = octets.slice();
  const view = viewOf(copy);
  for (const at of entries) view.setUint32(at, view.getUint32(at) - gone);
  return copy;
}

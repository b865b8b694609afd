/** Mach-O programs of macOS, thin and fat: the signature at the end of __LINKEDIT (Apple's mach-o/loader.h, fat.h). */
import { viewOf } from "../bytes/index.ts";
import { MAX_CODE_SIGNATURE_BYTES, MAX_FAT_SLICES, MAX_LOAD_COMMANDS_BYTES } from "../limits.ts";
import { readCodeSignature } from "./code-signature.ts";
import { cut, put } from "./edits.ts";
import type { Edit } from "./edits.ts";
import type { CutSignature, Found } from "./form.ts";
import { isZero, malformed, octetsAt, tooBig } from "./reads.ts";
import type { FileReading, FileView } from "./reads.ts";

const MAGIC_32 = 0xfeed_face;
const MAGIC_64 = 0xfeed_facf;
const FAT_MAGIC = 0xcafe_babe;
const FAT_HEADER_BYTES = 8;
const FAT_ARCH_BYTES = 20;
/** Slices begin on pages; 2^15 is the largest alignment that Apple's tools take. */
const LARGEST_ALIGNMENT = 15;

const CODE_SIGNATURE = 0x1d;
const CODE_SIGNATURE_BYTES = 16;
const SEGMENT = 0x01;
const SEGMENT_64 = 0x19;
const LINKEDIT = "__LINKEDIT";
/** Signatures begin at a multiple of 16. */
const ALIGNMENT = 16;
/** Pages of arm64, which are four of Intel's. */
const PAGE_BYTES = 16_384;

/** A program for one processor: the file, or a part of it. */
interface Slice {
  readonly at: number;
  readonly length: number;
}

/** What signing changes in a slice; offsets are those of the slice. */
interface Layout {
  readonly header: number;
  readonly commands: Uint8Array;
  /** In the commands: where __LINKEDIT's begins. */
  readonly linkedit: number | null;
  readonly is64: boolean;
  readonly fileOffset: number;
  /** In the commands, and the signature that it names. */
  readonly signature: { readonly command: number; readonly at: number; readonly length: number } | null;
}

/** A slice's normal form: edits, its length then, and what was cut. */
interface SliceForm {
  readonly edits: readonly Edit[];
  readonly length: number;
  readonly signature: CutSignature | null;
}

export function* readThin(view: FileView): FileReading<Found | null> {
  const form = yield* sliceForm(view, { at: 0, length: view.size });
  if (form === null) return null;
  return { edits: form.edits, signatures: form.signature === null ? [] : [form.signature] };
}

/** Each slice has its normal form, and begins where its alignment lets it then. Null for a class of Java's, which begins alike. */
export function* readFat(view: FileView): FileReading<Found | null> {
  const header = viewOf(
    yield* octetsAt(view.size, { offset: 0, length: FAT_HEADER_BYTES }, "the fat header"),
  );
  const count = header.getUint32(4);
  if (header.getUint32(0) !== FAT_MAGIC || count > MAX_FAT_SLICES) return null;
  const tableBytes = count * FAT_ARCH_BYTES;
  const table = yield* octetsAt(
    view.size,
    { offset: FAT_HEADER_BYTES, length: tableBytes },
    "the fat header",
  );
  const numbers = viewOf(table);
  const copy = table.slice();
  const edits: Edit[] = [];
  const signatures: CutSignature[] = [];
  let [end, newEnd] = [FAT_HEADER_BYTES + tableBytes, FAT_HEADER_BYTES + tableBytes];
  for (let place = 0; place < tableBytes; place += FAT_ARCH_BYTES) {
    const at = numbers.getUint32(place + 8);
    const length = numbers.getUint32(place + 12);
    const power = numbers.getUint32(place + 16);
    if (power > LARGEST_ALIGNMENT || at % 2 ** power !== 0 || at < end || at + length > view.size) {
      throw malformed(
        FAT_HEADER_BYTES + place,
        `a slice of ${length} octets at octet ${at}, aligned to 2^${power}, is not behind octet ${end} within the file`,
      );
    }
    // Looked at before it is read: it may be gigabytes.
    if (at - end >= 2 ** power)
      throw malformed(end, `${at - end} octets between two slices, more than align them`);
    const gap = yield* octetsAt(view.size, { offset: end, length: at - end }, "what is between slices");
    if (!isZero(gap)) throw malformed(end, "something stands between two slices");
    const form = yield* sliceForm(view, { at, length });
    if (form === null) throw malformed(at, "a slice is no Mach-O file");
    const start = Math.ceil(newEnd / 2 ** power) * 2 ** power;
    assert32(at, start, form.length);
    edits.push(put(end, at - end, new Uint8Array(start - newEnd)), ...form.edits);
    if (form.signature !== null) signatures.push(form.signature);
    viewOf(copy).setUint32(place + 8, start);
    viewOf(copy).setUint32(place + 12, form.length);
    [end, newEnd] = [at + length, start + form.length];
  }
  if (end !== view.size) throw malformed(end, `${view.size - end} octets stand behind the last slice`);
  return { edits: [put(FAT_HEADER_BYTES, tableBytes, copy), ...edits], signatures };
}

/** Null for what is no Mach-O file of this order of octets. */
function* sliceForm(view: FileView, slice: Slice): FileReading<SliceForm | null> {
  const layout = yield* layoutOf(view, slice);
  if (layout === null) return null;
  const { linkedit, signature, fileOffset } = layout;
  if (linkedit === null) {
    if (signature !== null) throw malformed(slice.at, "a signature without the segment in which it would be");
    return { edits: [], length: slice.length, signature: null };
  }
  const end = signature?.at ?? slice.length;
  const padded = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
  const edits: Edit[] = [];
  let cutSignature: CutSignature | null = null;
  if (signature !== null) {
    cutSignature = yield* codeSignature(view, slice, signature);
    edits.push(cut(slice.at + signature.at, signature.length));
  }
  edits.push(put(slice.at + slice.length, 0, new Uint8Array(padded - end)));
  edits.push(...commandEdits(slice, layout, padded - fileOffset));
  return { edits, length: padded, signature: cutSignature };
}

function* codeSignature(
  view: FileView,
  slice: Slice,
  { at, length }: { readonly at: number; readonly length: number },
): FileReading<CutSignature> {
  const place = slice.at + at;
  if (length > MAX_CODE_SIGNATURE_BYTES) throw tooBig(place, "a signature", length, MAX_CODE_SIGNATURE_BYTES);
  const octets = yield* octetsAt(view.size, { offset: place, length }, "the signature");
  const detail = readCodeSignature(view, { at: place, octets, codeBytes: at });
  return { kind: "code-signature", at: place, length, detail };
}

function* layoutOf(view: FileView, { at, length }: Slice): FileReading<Layout | null> {
  if (length < 32) return null;
  const head = viewOf(yield* octetsAt(view.size, { offset: at, length: 32 }, "the Mach-O header"));
  const magic = head.getUint32(0, true);
  if (magic !== MAGIC_32 && magic !== MAGIC_64) return null;
  const is64 = magic === MAGIC_64;
  const header = is64 ? 32 : 28;
  const [count, size] = [head.getUint32(16, true), head.getUint32(20, true)];
  if (size > MAX_LOAD_COMMANDS_BYTES) throw tooBig(at, "load commands", size, MAX_LOAD_COMMANDS_BYTES);
  if (header + size > length)
    throw malformed(at, `load commands of ${size} octets reach beyond the program's ${length}`);
  const commands = yield* octetsAt(view.size, { offset: at + header, length: size }, "load commands");
  return readCommands({ at, length }, { header, is64, count, commands });
}

interface Commands {
  readonly header: number;
  readonly is64: boolean;
  readonly count: number;
  readonly commands: Uint8Array;
}

function readCommands(slice: Slice, { header, is64, count, commands }: Commands): Layout {
  const view = viewOf(commands);
  let linkedit: number | null = null;
  let command: number | null = null;
  let seen = 0;
  let next = 0;
  for (; next < commands.length; seen++) {
    const place = slice.at + header + next;
    const size = next + 8 <= commands.length ? view.getUint32(next + 4, true) : 0;
    if (size < 8 || size % 4 !== 0 || size > commands.length - next)
      throw malformed(place, `a load command of ${size} octets`);
    const kind = view.getUint32(next, true);
    if (kind === CODE_SIGNATURE) {
      if (command !== null || size !== CODE_SIGNATURE_BYTES)
        throw malformed(place, "a second signature, or one of another kind");
      command = next;
    }
    if (
      kind === (is64 ? SEGMENT_64 : SEGMENT) &&
      segmentName(commands.subarray(next, next + size)) === LINKEDIT
    ) {
      if (linkedit !== null || size < (is64 ? 72 : 56))
        throw malformed(place, "a second segment __LINKEDIT, or one cut short");
      linkedit = next;
    }
    next += size;
  }
  if (seen !== count) throw malformed(slice.at, `${seen} load commands, its header says ${count}`);
  const fileOffset = linkedit === null ? 0 : checkLinkedit(slice, view, linkedit, is64);
  if (command === null) return { header, commands, linkedit, is64, fileOffset, signature: null };
  const [at, length] = [view.getUint32(command + 8, true), view.getUint32(command + 12, true)];
  if (at < fileOffset || at % ALIGNMENT !== 0 || at + length !== slice.length || length === 0) {
    throw malformed(
      slice.at + header + command,
      `a signature of ${length} octets at octet ${at} does not end with the program, at octet ${slice.length}`,
    );
  }
  return { header, commands, linkedit, is64, fileOffset, signature: { command, at, length } };
}

/** Where the segment begins in the slice, whose end it must be. */
function checkLinkedit(slice: Slice, view: DataView, at: number, is64: boolean): number {
  const read = (place64: number, place32: number): bigint =>
    is64 ? view.getBigUint64(at + place64, true) : BigInt(view.getUint32(at + place32, true));
  const [memory, offset, length] = [read(32, 28), read(40, 32), read(48, 36)];
  if (offset + length !== BigInt(slice.length) || memory < length) {
    throw malformed(
      slice.at,
      `the segment __LINKEDIT of ${length} octets at octet ${offset}, ${memory} in memory, does not end with the program, at octet ${slice.length}`,
    );
  }
  return Number(offset);
}

function segmentName(command: Uint8Array): string {
  return new TextDecoder("latin1").decode(command.subarray(8, 24)).replace(/\0.*$/s, "");
}

/** Header and commands without the signature's, with the segment's new length. */
function commandEdits(slice: Slice, layout: Layout, length: number): readonly Edit[] {
  const { header, linkedit, is64, signature } = layout;
  if (linkedit === null) return [];
  const commands = layout.commands.slice();
  const view = viewOf(commands);
  const memory = Math.ceil(length / PAGE_BYTES) * PAGE_BYTES;
  if (is64) {
    view.setBigUint64(linkedit + 32, BigInt(memory), true);
    view.setBigUint64(linkedit + 48, BigInt(length), true);
  } else {
    assert32(slice.at, memory, length);
    view.setUint32(linkedit + 28, memory, true);
    view.setUint32(linkedit + 36, length, true);
  }
  const edits = [put(slice.at + header, commands.length, commands)];
  if (signature === null) return edits;
  commands.copyWithin(signature.command, signature.command + CODE_SIGNATURE_BYTES);
  commands.fill(0, commands.length - CODE_SIGNATURE_BYTES);
  const counts = new Uint8Array(8);
  viewOf(counts).setUint32(0, countOf(layout) - 1, true);
  viewOf(counts).setUint32(4, commands.length - CODE_SIGNATURE_BYTES, true);
  return [...edits, put(slice.at + 16, 8, counts)];
}

/** Numbers of 32 bits, which zeros at a slice's end can carry beyond them. */
function assert32(at: number, ...numbers: readonly number[]): void {
  if (numbers.some((number) => number > 0xffff_ffff))
    throw malformed(at, "without its signature a program would end behind the 4 GB that a number can say");
}

function countOf({ commands }: Layout): number {
  const view = viewOf(commands);
  let count = 0;
  for (let at = 0; at < commands.length; at += view.getUint32(at + 4, true)) count++;
  return count;
}

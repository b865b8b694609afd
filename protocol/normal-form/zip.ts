/** Zip files (APPNOTE 6.3) as far as an APK is one: one directory, at the end, no zip64. Every offset is checked. */
import { ProtocolError } from "../errors.ts";
import { MAX_ZIP_DIRECTORY_BYTES } from "../limits.ts";
import { viewOf } from "../bytes/index.ts";
import { malformed, octetsAt, tooBig } from "./reads.ts";
import type { FileReading } from "./reads.ts";

const END_BYTES = 22;
const LONGEST_COMMENT = 65_535;
const RECORD_BYTES = 46;
const LOCAL_BYTES = 30;
const END_MARK = 0x0605_4b50;
const RECORD_MARK = 0x0201_4b50;
const LOCAL_MARK = 0x0403_4b50;
const DESCRIPTOR_MARK = 0x0807_4b50;
/** Flag: sizes and CRC follow the data. */
const DESCRIPTOR = 0x0008;

/** A file of a zip file, as the directory has it. */
export interface ZipEntry {
  readonly name: string;
  /** Its record in the directory. */
  readonly record: Uint8Array;
  /** Where in the file its record stands, and where its local header. */
  readonly recordAt: number;
  readonly at: number;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  /** Comment and extra field, which say nothing to whoever unpacks it. */
  readonly extraBytes: number;
}

export interface Zip {
  /** In the order of the directory. */
  readonly entries: readonly ZipEntry[];
  readonly directory: { readonly at: number; readonly length: number };
  /** Where the end record begins, which ends the file. */
  readonly endAt: number;
}

/** A file's local header and data: what of the zip file is its own. */
export interface ZipLocal {
  readonly header: Uint8Array;
  readonly name: string;
  readonly extra: Uint8Array;
  readonly dataAt: number;
  /** Behind its data, and what follows them where flags say so. */
  readonly end: number;
}

/** Reads the directory. Throws `normal-form/malformed`, `normal-form/unsupported` for zip64, `normal-form/too-big`. */
export function* readZip(size: number): FileReading<Zip> {
  const length = Math.min(size, END_BYTES + LONGEST_COMMENT);
  const tail = yield* octetsAt(size, { offset: size - length, length }, "the end of a zip file");
  const endAt = size - length + endRecord(tail, size - length);
  const end = viewOf(tail.subarray(endAt - (size - length)));
  const [count, directoryBytes, at] = [
    end.getUint16(10, true),
    end.getUint32(12, true),
    end.getUint32(16, true),
  ];
  if (count === 0xffff || directoryBytes === 0xffff_ffff || at === 0xffff_ffff) {
    throw new ProtocolError(
      "normal-form/unsupported",
      `octet ${endAt}: a zip file of the 64-bit kind is not read`,
    );
  }
  if (end.getUint32(4) !== 0 || end.getUint16(8, true) !== count) {
    throw malformed(endAt, "a zip file of several parts, or whose counts of files differ");
  }
  if (at + directoryBytes !== endAt) {
    throw malformed(endAt, `the directory of ${directoryBytes} octets at octet ${at} does not end here`);
  }
  if (directoryBytes > MAX_ZIP_DIRECTORY_BYTES)
    throw tooBig(at, "a directory", directoryBytes, MAX_ZIP_DIRECTORY_BYTES);
  const octets = yield* octetsAt(size, { offset: at, length: directoryBytes }, "the directory");
  return { entries: records(octets, at, count), directory: { at, length: directoryBytes }, endAt };
}

/** Where in the tail the end record begins: there must be one place where it can. */
function endRecord(tail: Uint8Array, tailAt: number): number {
  const view = viewOf(tail);
  const found: number[] = [];
  for (let at = 0; at + END_BYTES <= tail.length; at++) {
    if (tail[at] !== 0x50 || view.getUint32(at, true) !== END_MARK) continue;
    if (at + END_BYTES + view.getUint16(at + 20, true) === tail.length) found.push(at);
  }
  const [one, other] = found;
  if (one === undefined) throw malformed(tailAt, "no end of a zip file's directory is found");
  if (other !== undefined) {
    throw malformed(
      tailAt + one,
      `the directory ends here, or at octet ${tailAt + other}: readers differ in which they take`,
    );
  }
  return one;
}

function records(octets: Uint8Array, directoryAt: number, count: number): readonly ZipEntry[] {
  const view = viewOf(octets);
  const entries: ZipEntry[] = [];
  let at = 0;
  while (at < octets.length) {
    const recordAt = directoryAt + at;
    if (at + RECORD_BYTES > octets.length || view.getUint32(at, true) !== RECORD_MARK) {
      throw malformed(recordAt, "no record of a file stands here in the directory");
    }
    const nameBytes = view.getUint16(at + 28, true);
    const extraBytes = view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    const end = at + RECORD_BYTES + nameBytes + extraBytes;
    const local = view.getUint32(at + 42, true);
    if (end > octets.length) throw malformed(recordAt, "a record reaches beyond the directory");
    if (view.getUint16(at + 34, true) !== 0 || local + LOCAL_BYTES > directoryAt) {
      throw malformed(
        recordAt,
        `a file at octet ${local} of part ${view.getUint16(at + 34, true)} is not before the directory`,
      );
    }
    entries.push({
      name: latin1(octets.subarray(at + RECORD_BYTES, at + RECORD_BYTES + nameBytes)),
      record: octets.subarray(at, end),
      recordAt,
      at: local,
      flags: view.getUint16(at + 8, true),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      extraBytes,
    });
    at = end;
  }
  if (entries.length !== count)
    throw malformed(directoryAt, `${entries.length} files in the directory, its end says ${count}`);
  return entries;
}

/** A file's own part. It ends at or before `limit`, where the next begins. Throws `normal-form/malformed`. */
export function* readLocal(size: number, entry: ZipEntry, limit: number): FileReading<ZipLocal> {
  const { at, packed, name } = entry;
  const header = yield* octetsAt(size, { offset: at, length: LOCAL_BYTES }, "a file's local header");
  const view = viewOf(header);
  if (view.getUint32(0, true) !== LOCAL_MARK) throw malformed(at, "no local header of a file stands here");
  const [nameBytes, extraBytes] = [view.getUint16(26, true), view.getUint16(28, true)];
  const more = yield* octetsAt(
    size,
    { offset: at + LOCAL_BYTES, length: nameBytes + extraBytes },
    "a file's name",
  );
  const localName = latin1(more.subarray(0, nameBytes));
  if (localName !== name) throw malformed(at, "a file has another name in the directory");
  const dataAt = at + LOCAL_BYTES + nameBytes + extraBytes;
  let end = dataAt + packed;
  if ((entry.flags & DESCRIPTOR) !== 0) end += yield* descriptor(size, entry, end);
  if (end > limit)
    throw malformed(at, `a file's data end at octet ${end}, and overlap what begins at octet ${limit}`);
  return { header, name: localName, extra: more.subarray(nameBytes), dataAt, end };
}

/** How many octets follow the data: CRC and sizes, with a mark or without. */
function* descriptor(
  size: number,
  { crc, packed, size: unpacked }: ZipEntry,
  at: number,
): FileReading<number> {
  const view = viewOf(yield* octetsAt(size, { offset: at, length: 16 }, "what follows a file's data"));
  const start = view.getUint32(0, true) === DESCRIPTOR_MARK ? 4 : 0;
  const said = [0, 4, 8].map((place) => view.getUint32(start + place, true));
  if (said[0] !== crc || said[1] !== packed || said[2] !== unpacked) {
    throw malformed(at, "what follows a file's data is not what the directory says");
  }
  return start + 12;
}

/** Each octet as the character of that number: TextDecoder's latin1 is another one. */
function latin1(octets: Uint8Array): string {
  return String.fromCharCode(...octets);
}

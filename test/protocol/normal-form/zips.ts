/** Zip files made by hand, with whatever is wrong in them. */
import { deflateRawSync } from "node:zlib";
import { concat, utf8, viewOf } from "../../../protocol/bytes/index.ts";
import { crc32 } from "../../../protocol/normal-form/inflate.ts";

const NONE = new Uint8Array(0);

export interface ZipFile {
  readonly name: string;
  readonly data: Uint8Array;
  /** Of the local header. */
  readonly extra?: Uint8Array;
  /** In the directory. */
  readonly comment?: Uint8Array;
  /** Behind the packed data, and counted as such. */
  readonly behind?: Uint8Array;
  /** What the directory says in the place of what is so. */
  readonly crc?: number;
  readonly at?: number;
  readonly packed?: number;
}

export function zipOf(files: readonly ZipFile[]): Uint8Array {
  const locals: Uint8Array[] = [];
  const records: Uint8Array[] = [];
  let at = 0;
  for (const file of files) {
    const { name, extra = NONE, comment = NONE, behind = NONE } = file;
    const packed = concat(new Uint8Array(deflateRawSync(file.data)), behind);
    const [crc, size] = [file.crc ?? crc32(file.data), file.packed ?? packed.length];
    const common = (octets: Uint8Array, start: number, extraBytes: number): void => {
      const view = viewOf(octets);
      view.setUint16(start, 20, true);
      view.setUint16(start + 4, 8, true);
      view.setUint32(start + 10, crc, true);
      view.setUint32(start + 14, size, true);
      view.setUint32(start + 18, file.data.length, true);
      view.setUint16(start + 22, name.length, true);
      view.setUint16(start + 24, extraBytes, true);
    };
    const local = new Uint8Array(30);
    viewOf(local).setUint32(0, 0x0403_4b50, true);
    common(local, 4, extra.length);
    const record = new Uint8Array(46);
    viewOf(record).setUint32(0, 0x0201_4b50, true);
    common(record, 6, 0);
    viewOf(record).setUint16(32, comment.length, true);
    viewOf(record).setUint32(42, file.at ?? at, true);
    const whole = concat(local, utf8(name), extra, packed);
    locals.push(whole);
    records.push(concat(record, utf8(name), comment));
    at += whole.length;
  }
  const directory = concat(...records);
  const end = new Uint8Array(22);
  viewOf(end).setUint32(0, 0x0605_4b50, true);
  viewOf(end).setUint16(8, files.length, true);
  viewOf(end).setUint16(10, files.length, true);
  viewOf(end).setUint32(12, directory.length, true);
  return ended(concat(...locals), concat(directory, end));
}

/** `tail`, a directory and its end, behind `files`. */
export function ended(files: Uint8Array, tail: Uint8Array): Uint8Array {
  const file = concat(files, tail);
  viewOf(file).setUint32(file.length - 6, files.length, true);
  return file;
}

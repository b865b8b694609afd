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
  readonly size?: number;
  /** In both headers: flags, and method 0 instead of DEFLATE, or any other number. */
  readonly flags?: number;
  readonly method?: number;
  /** Sizes and CRC follow the data, as ditto writes; the local header has zeros, or has them too. */
  readonly follow?: boolean | "too";
  /** Of Unix, in the directory; and the system that it is said to be of, with attributes of DOS. */
  readonly mode?: number;
  readonly system?: number;
  readonly attributes?: number;
  readonly internal?: number;
  /** In the directory. */
  readonly centralExtra?: Uint8Array;
  /** What stands before the local header and is no file's. */
  readonly before?: Uint8Array;
}

export function zipOf(files: readonly ZipFile[]): Uint8Array {
  const locals: Uint8Array[] = [];
  const records: Uint8Array[] = [];
  let at = 0;
  for (const file of files) {
    const { name, extra = NONE, comment = NONE, behind = NONE } = file;
    const { follow = false, method = 8, mode, centralExtra = NONE, before = NONE } = file;
    const octetsOfName = utf8(name);
    const packed = concat(method === 0 ? file.data : new Uint8Array(deflateRawSync(file.data)), behind);
    const numbers = [
      file.crc ?? crc32(file.data),
      file.packed ?? packed.length,
      file.size ?? file.data.length,
    ];
    const common = (octets: Uint8Array, start: number, said: readonly number[], extraBytes: number): void => {
      const view = viewOf(octets);
      view.setUint16(start, 20, true);
      view.setUint16(start + 2, (file.flags ?? 0) | (follow === false ? 0 : 8), true);
      view.setUint16(start + 4, method, true);
      for (const [i, number] of said.entries()) view.setUint32(start + 10 + 4 * i, number, true);
      view.setUint16(start + 22, octetsOfName.length, true);
      view.setUint16(start + 24, extraBytes, true);
    };
    const local = new Uint8Array(30);
    viewOf(local).setUint32(0, 0x0403_4b50, true);
    common(local, 4, follow === true ? [0, 0, 0] : numbers, extra.length);
    const record = new Uint8Array(46);
    viewOf(record).setUint32(0, 0x0201_4b50, true);
    common(record, 6, numbers, centralExtra.length);
    viewOf(record).setUint16(32, comment.length, true);
    if (mode !== undefined) {
      record[5] = 3;
      viewOf(record).setUint16(40, mode, true);
    }
    if (file.system !== undefined) record[5] = file.system;
    if (file.internal !== undefined) record[36] = file.internal;
    if (file.attributes !== undefined) record[38] = file.attributes;
    at += before.length;
    viewOf(record).setUint32(42, file.at ?? at, true);
    const whole = concat(local, octetsOfName, extra, packed, follow === false ? NONE : descriptor(numbers));
    locals.push(before, whole);
    records.push(concat(record, octetsOfName, centralExtra, comment));
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

function descriptor(numbers: readonly number[]): Uint8Array {
  const octets = new Uint8Array(16);
  for (const [i, number] of [0x0807_4b50, ...numbers].entries())
    viewOf(octets).setUint32(4 * i, number, true);
  return octets;
}

/** `tail`, a directory and its end, behind `files`. */
export function ended(files: Uint8Array, tail: Uint8Array): Uint8Array {
  const file = concat(files, tail);
  viewOf(file).setUint32(file.length - 6, files.length, true);
  return file;
}

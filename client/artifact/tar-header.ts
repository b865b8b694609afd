/** A header of a tar archive (POSIX.1-2017, pax; GNU's long names and numbers), as dpkg and pacman read it. */
import { fromUtf8, ProtocolError } from "../../protocol/index.ts";

export const TAR_BLOCK_BYTES = 512;

/** What a header, or a record before it, says that is looked at. */
export interface TarHeader {
  readonly name: string;
  readonly size: number;
  /** Its one octet; `0` also where it is NUL, as old archives have it. */
  readonly type: string;
}

/** What pax records say in the place of the header that follows. */
export type TarRecords = Partial<Pick<TarHeader, "name" | "size">>;

/** A header or record that can't be right. */
export class BrokenTar extends Error {}

const NAME = [0, 100] as const;
const SIZE = [124, 136] as const;
const CHECKSUM = [148, 156] as const;
const TYPE = 156;
const MAGIC = [257, 265] as const;
const PREFIX = [345, 500] as const;
/** Magic and version: POSIX's, and GNU's, which has other things in the place of the prefix. Of others readers differ in which it is. */
const POSIX = "ustar\u{0}00";
const GNU = "ustar  \u{0}";
/** Files, links, devices, folders and pipes; names and records of what follows. Others are read in as many ways as there are readers. */
const TYPES = "01234567xgLK";
/** A file with holes: its records name it anew and say where its octets go. */
const SPARSE = "GNU.sparse.";
const SPACE = 0x20;
const EQUALS = 0x3d;
/** The first octet of a number that is not written in digits. */
const BINARY = 0x80;

/** The header in a block; null where nothing but zeros is, which ends an archive. Throws BrokenTar. */
export function readTarHeader(block: Uint8Array): TarHeader | null {
  if (block.every((octet) => octet === 0)) return null;
  const sum = block.reduce(
    (all, octet, at) => all + (at >= CHECKSUM[0] && at < CHECKSUM[1] ? SPACE : octet),
    0,
  );
  if (octal(block.subarray(...CHECKSUM)) !== sum) throw new BrokenTar("its sum is another");
  const magic = latin1(block.subarray(...MAGIC));
  if (magic !== POSIX && magic !== GNU) throw new BrokenTar("it is of no known kind");
  const name = textOf(block.subarray(...NAME));
  const prefix = magic === GNU ? "" : textOf(block.subarray(...PREFIX));
  const type = String.fromCharCode(block[TYPE] || 0x30);
  if (!TYPES.includes(type)) throw new BrokenTar("a member of no known type");
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    size: numberOf(block.subarray(...SIZE)),
    // A folder, as archives wrote it before folders had a type.
    type: type === "0" && name.endsWith("/") ? "5" : type,
  };
}

/** Records `LENGTH NAME=VALUE\n`, of which names and sizes count; of two the last. Throws BrokenTar, also for those of files with holes. */
export function readTarRecords(bytes: Uint8Array): TarRecords {
  const records: { name?: string; size?: number } = {};
  for (let at = 0; at < bytes.length;) {
    const [, digits = "", space = ""] =
      /^([1-9][0-9]{0,8})( )/.exec(latin1(bytes.subarray(at, at + 10))) ?? [];
    const end = at + Number(digits);
    if (space === "" || end > bytes.length || bytes[end - 1] !== 0x0a)
      throw new BrokenTar("a record's length");
    // Values that are not looked at may be any octets, such as attributes of a file.
    const record = bytes.subarray(at + digits.length + 1, end - 1);
    const equals = record.indexOf(EQUALS);
    if (equals === -1) throw new BrokenTar("a record without a value");
    const [name, value] = [latin1(record.subarray(0, equals)), record.subarray(equals + 1)];
    if (name.startsWith(SPARSE)) throw new BrokenTar("a file with holes");
    if (name === "path") records.name = textOf(value);
    if (name === "size") records.size = decimal(textOf(value));
    at = end;
  }
  return records;
}

/** Text up to the first NUL. Throws BrokenTar for what is no UTF-8. */
export function textOf(field: Uint8Array): string {
  const end = field.indexOf(0);
  try {
    return fromUtf8(end === -1 ? field : field.subarray(0, end));
  } catch (error) {
    if (error instanceof ProtocolError) throw new BrokenTar("a name is no UTF-8", { cause: error });
    throw error;
  }
}

function latin1(octets: Uint8Array): string {
  return Buffer.from(octets).toString("latin1");
}

function numberOf(field: Uint8Array): number {
  const [first = 0, ...rest] = field;
  if (first < BINARY) return octal(field);
  if (first !== BINARY) throw new BrokenTar("a size below zero, or above all");
  return safe(rest.reduce((value, octet) => value * 256 + octet, 0));
}

/** Octal digits, spaces or zeros around them. */
function octal(field: Uint8Array): number {
  const [, digits] = /^[ ]*([0-7]+)[ \0]*$/.exec(latin1(field)) ?? [];
  if (digits === undefined) throw new BrokenTar("a number in it is none");
  return safe(Number.parseInt(digits, 8));
}

function decimal(text: string): number {
  if (!/^[0-9]{1,16}$/.test(text)) throw new BrokenTar("a record's number is none");
  return safe(Number(text));
}

function safe(value: number): number {
  if (!Number.isSafeInteger(value)) throw new BrokenTar("a size above all");
  return value;
}

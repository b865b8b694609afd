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
const MAGIC = [257, 262] as const;
const PREFIX = [345, 500] as const;
const SPACE = 0x20;
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
  // Both kinds of today begin like this; GNU's has other things in the place of the prefix.
  if (textOf(block.subarray(...MAGIC)) !== "ustar") throw new BrokenTar("it is of no known kind");
  const isGnu = block[MAGIC[1]] === SPACE;
  const [name, prefix] = [textOf(block.subarray(...NAME)), isGnu ? "" : textOf(block.subarray(...PREFIX))];
  const type = String.fromCharCode(block[TYPE] || 0x30);
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    size: numberOf(block.subarray(...SIZE)),
    // A folder, as archives wrote it before folders had a type.
    type: type === "0" && name.endsWith("/") ? "5" : type,
  };
}

/** Records `LENGTH NAME=VALUE\n`, of which names and sizes count; of two the last. Throws BrokenTar. */
export function readTarRecords(bytes: Uint8Array): TarRecords {
  const records: { name?: string; size?: number } = {};
  for (let at = 0; at < bytes.length;) {
    const [, digits = "", space = ""] =
      /^([1-9][0-9]{0,8})( )/.exec(Buffer.from(bytes.subarray(at, at + 10)).toString("latin1")) ?? [];
    const end = at + Number(digits);
    if (space === "" || end > bytes.length || bytes[end - 1] !== 0x0a)
      throw new BrokenTar("a record's length");
    const text = textOf(bytes.subarray(at + digits.length + 1, end - 1));
    const [name, value] = [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)];
    if (name === "path") records.name = value;
    if (name === "size") records.size = decimal(value);
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

function numberOf(field: Uint8Array): number {
  const [first = 0, ...rest] = field;
  if (first < BINARY) return octal(field);
  if (first !== BINARY) throw new BrokenTar("a size below zero, or above all");
  return safe(rest.reduce((value, octet) => value * 256 + octet, 0));
}

/** Octal digits, spaces or zeros around them. */
function octal(field: Uint8Array): number {
  const [, digits] = /^[ ]*([0-7]+)[ \0]*$/.exec(Buffer.from(field).toString("latin1")) ?? [];
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

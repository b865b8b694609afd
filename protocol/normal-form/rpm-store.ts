/** What stands in an RPM's signature header: signatures, digests, sizes, room for signatures. Anything else is told. */
import { Cursor, fromBase64, viewOf } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_RPM_STRINGS } from "../limits.ts";
import { readOpenPgp } from "./openpgp.ts";
import { attempt, isZero } from "./reads.ts";
import type { FileView } from "./reads.ts";

/** A tag of the header's index; `offset` is that of the store. */
export interface RpmEntry {
  readonly tag: number;
  readonly type: number;
  readonly offset: number;
  readonly count: number;
}

interface Store {
  /** Where in the file it begins. */
  readonly at: number;
  readonly octets: Uint8Array;
  /** From the main header to the file's end. */
  readonly signedBytes: number;
}

const TYPE = { int32: 4, int64: 5, string: 6, binary: 7, strings: 8 } as const;
const ALIGNMENT: ReadonlyMap<number, number> = new Map([
  [TYPE.int32, 4],
  [TYPE.int64, 8],
]);
const REGION = 62;
const REGION_BYTES = 16;

/** What a value of a tag must be; `signs` says how many signatures a value is. */
interface Tag {
  readonly type: number;
  readonly read: (octets: Uint8Array, store: Store) => number;
}

const openPgp: Tag = { type: TYPE.binary, read: readOpenPgp };
const size = (type: number): Tag => ({ type, read: ofSigned });
const number = (type: number): Tag => ({ type, read: () => 0 });
const room: Tag = { type: TYPE.binary, read: zeros };
const hexDigest = (digits: number): Tag => ({ type: TYPE.string, read: (octets) => hex(octets, digits) });

/** rpm's RPMSIGTAG_*. */
const TAGS: ReadonlyMap<number, Tag> = new Map([
  [267, openPgp], // over the main header
  [268, openPgp],
  [269, hexDigest(40)], // SHA-1 of the main header
  [270, size(TYPE.int64)],
  [271, number(TYPE.int64)], // size of the payload, unpacked
  [273, hexDigest(64)], // SHA-256
  [274, { type: TYPE.strings, read: eachHex }], // signatures of files (IMA)
  [275, number(TYPE.int32)], // their length
  [276, { type: TYPE.strings, read: eachBase64 }], // signatures of files (fs-verity)
  [277, number(TYPE.int32)], // their algorithm
  [278, { type: TYPE.strings, read: eachOpenPgp }], // rpm 6
  [279, hexDigest(64)], // SHA3-256
  [999, room],
  [1000, size(TYPE.int32)],
  [1002, openPgp], // over main header and payload
  [1004, { type: TYPE.binary, read: md5 }],
  [1005, openPgp],
  [1007, number(TYPE.int32)],
  [1008, room],
]);

/** How many signatures it holds. Every octet of the store belongs to one value, or aligns the next. */
export function readSignatureStore(view: FileView, entries: readonly RpmEntry[], store: Store): number {
  let end = 0;
  let signed = 0;
  for (const entry of entries.toSorted((a, b) => a.offset - b.offset)) {
    const at = store.at + entry.offset;
    const start = Math.ceil(end / (ALIGNMENT.get(entry.type) ?? 1)) * (ALIGNMENT.get(entry.type) ?? 1);
    const read = attempt(view, at, () => {
      if (entry.offset !== start || !isZero(store.octets.subarray(end, start))) {
        throw bad(`tag ${entry.tag} stands at ${entry.offset} of its store, not at ${start}`);
      }
      return value(entry, entries.length, store);
    });
    if (read === null) return signed;
    end = start + read.length;
    signed += read.signed;
  }
  if (end !== store.octets.length) {
    view.complain(
      store.at + end,
      `${store.octets.length - end} octets of the signature header belong to no tag`,
    );
  }
  return signed;
}

function value(
  { tag, type, offset, count }: RpmEntry,
  tags: number,
  store: Store,
): { readonly length: number; readonly signed: number } {
  const rest = store.octets.subarray(offset);
  if (tag === REGION) {
    const trailer = new Cursor(rest.subarray(0, REGION_BYTES));
    const isTrailer =
      type === TYPE.binary &&
      count === REGION_BYTES &&
      trailer.u32() === REGION &&
      trailer.u32() === TYPE.binary &&
      trailer.u32() === 2 ** 32 - 16 * tags &&
      trailer.u32() === REGION_BYTES;
    if (!isTrailer) throw bad("the trailer of the signature header is none");
    return { length: REGION_BYTES, signed: 0 };
  }
  const known = TAGS.get(tag);
  if (known?.type !== type) throw bad(`tag ${tag} of type ${type} is not read`);
  const length = lengthOf(type, count, rest);
  if (length > rest.length) throw bad(`tag ${tag} reaches beyond the store`);
  return { length, signed: known.read(rest.subarray(0, length), store) };
}

function lengthOf(type: number, count: number, rest: Uint8Array): number {
  if (type === TYPE.binary) return count;
  if (type === TYPE.strings) {
    if (count > MAX_RPM_STRINGS) throw bad(`${count} texts; at most ${MAX_RPM_STRINGS} are read`);
    let end = 0;
    for (let i = 0; i < count; i++) end = textEnd(rest, end);
    return end;
  }
  if (count !== 1) throw bad(`${count} values where one is due`);
  return type === TYPE.string ? textEnd(rest, 0) : (ALIGNMENT.get(type) ?? 1);
}

/** Behind the zero that ends a text. */
function textEnd(rest: Uint8Array, from: number): number {
  const end = rest.indexOf(0, from);
  if (end === -1) throw bad("a text does not end");
  return end + 1;
}

function ofSigned(octets: Uint8Array, { signedBytes }: Store): number {
  const view = viewOf(octets);
  const said = octets.length === 4 ? BigInt(view.getUint32(0)) : view.getBigUint64(0);
  if (said !== BigInt(signedBytes))
    throw bad(`it is of a package of ${said} octets, and ${signedBytes} follow`);
  return 0;
}

function zeros(octets: Uint8Array): number {
  if (!isZero(octets)) throw bad("the room for signatures is not empty");
  return 0;
}

function md5(octets: Uint8Array): number {
  if (octets.length !== 16) throw bad(`an MD5 of ${octets.length} octets`);
  return 0;
}

function textsOf(octets: Uint8Array): readonly string[] {
  return new TextDecoder("latin1").decode(octets.subarray(0, -1)).split("\0");
}

function hex(octets: Uint8Array, digits: number): number {
  const [text = ""] = textsOf(octets);
  if (!/^[0-9a-f]*$/.test(text) || text.length !== digits)
    throw bad(`a digest that is not ${digits} hex digits`);
  return 0;
}

function eachHex(octets: Uint8Array): number {
  const texts = textsOf(octets).filter((text) => text !== "");
  if (!texts.every((text) => /^[0-9a-f]+$/.test(text))) throw bad("a file's signature that is no hex");
  return texts.length;
}

function eachBase64(octets: Uint8Array): number {
  const texts = textsOf(octets).filter((text) => text !== "");
  for (const text of texts) fromBase64(text);
  return texts.length;
}

function eachOpenPgp(octets: Uint8Array): number {
  return textsOf(octets).reduce((sum, text) => sum + readOpenPgp(fromBase64(text)), 0);
}

function bad(problem: string): ProtocolError {
  return new ProtocolError("normal-form/not-a-signature", problem);
}

/**
 * Keys of the ordered store (spec/peer.md, "Rows"). A key is one letter and fixed-width big-endian fields, so that byte
 * order is the order of the fields. Entries are the truth; every other row can be made from them anew.
 */
import { concat, fromHex, toHex, u32be } from "../bytes/index.ts";
import { MAX_ROWS_READ } from "../limits.ts";
import type { Range } from "./types.ts";

/** Octets of a hash that stand in a key: enough that nobody finds two by accident; what is found is compared in full. */
export const KEY_PREFIX_BYTES = 16;
/** Octets of a place in a slot. */
export const RECORD_PLACE_BYTES: number = 2 * KEY_PREFIX_BYTES;
/** Octets of an index in a key. */
export const INDEX_BYTES = 5;
const ID_BYTES = 32;
const EMPTY = new Uint8Array(0);

/** `f` feed number: how far a feed is held (feed-row.ts). */
export function feedKey(no: number): Uint8Array {
  return concat(letter("f"), u32be(no));
}

/** `h` feed number, level, number of the first hash: hashes of a tile, a run that never crosses into the next tile. */
export function hashKey(no: number, level: number, start: number): Uint8Array {
  return concat(letter("h"), u32be(no), Uint8Array.of(level), uintOctets(start, INDEX_BYTES));
}

/** `t` target, feed number, index, number of the claim in its entry: what was claimed (claim-row.ts). */
export function targetKey(target: Uint8Array, no: number, index: number, claim: number): Uint8Array {
  return concat(letter("t"), prefix(target), u32be(no), uintOctets(index, INDEX_BYTES), Uint8Array.of(claim));
}

/** `d` product digest, feed number, index: nothing. */
export function digestKey(digest: Uint8Array, no: number, index: number): Uint8Array {
  return concat(letter("d"), prefix(digest), u32be(no), uintOctets(index, INDEX_BYTES));
}

/** `z` retracted claim id, feed number, index of the retraction: nothing. */
export function retractedKey(claimId: Uint8Array, no: number, index: number): Uint8Array {
  return concat(letter("z"), prefix(claimId), u32be(no), uintOctets(index, INDEX_BYTES));
}

/** `i` id of an entry of the own feed: its index. */
export function ownEntryKey(id: Uint8Array): Uint8Array {
  return concat(letter("i"), prefix(id));
}

/** `a` number: a finding (finding-row.ts). */
export function findingKey(number: number): Uint8Array {
  return concat(letter("a"), uintOctets(number, INDEX_BYTES));
}

/** `v` id of a finding, in hex: its evidence, or nothing where there is only an observation. */
export function evidenceKey(id: string): Uint8Array {
  return concat(letter("v"), fromHex(id, ID_BYTES));
}

/** `g` origin hash, id in hex: this evidence speaks against that feed. */
export function feedEvidenceKey(originHash: Uint8Array, id: string): Uint8Array {
  return concat(letter("g"), originHash, fromHex(id, ID_BYTES));
}

/** All evidence against a feed. */
export function feedEvidenceRange(originHash: Uint8Array, limit: number): Range {
  return rowsUnder(concat(letter("g"), originHash), limit);
}

/** The id in a `g` key, in hex. */
export function evidenceIdOf(key: Uint8Array): string {
  return toHex(key.subarray(1 + ID_BYTES));
}

/** `y` number: that finding is about keys that nobody here follows; the octets of its evidence. */
export function strangerKey(number: number): Uint8Array {
  return concat(letter("y"), uintOctets(number, INDEX_BYTES));
}

/** `w` hash over (signer, target, step): a contradiction of it was told. */
export function toldKey(hash: Uint8Array): Uint8Array {
  return concat(letter("w"), prefix(hash));
}

/** `k` id of a finding, in hex: what somebody wrote who took note of it. */
export function acknowledgedKey(id: string): Uint8Array {
  return concat(letter("k"), fromHex(id, ID_BYTES));
}

/** `r` slot, SHA-256 of the signer, claim id: a record of the DHT (record-row.ts). */
export function recordKey(slot: Uint8Array, signerHash: Uint8Array, claimId: Uint8Array): Uint8Array {
  return concat(letter("r"), slot, prefix(signerHash), prefix(claimId));
}

/** Where in its slot an `r` row stands: the octets of its signer's hash and claim id. */
export function placeInSlot(key: Uint8Array): Uint8Array {
  return key.subarray(1 + ID_BYTES);
}

/** The first key of a slot behind a place. */
export function recordAfter(slot: Uint8Array, place: Uint8Array): Uint8Array {
  return concat(letter("r"), slot, place, Uint8Array.of(0));
}

/** Which signer's an `r` row is: the octets of its hash that stand in the key. */
export function signerOfRecord(key: Uint8Array): Uint8Array {
  return key.subarray(1 + ID_BYTES, 1 + ID_BYTES + KEY_PREFIX_BYTES);
}

/** `x` expiry in seconds, then the record's key: nothing. */
export function expiryKey(seconds: number, record: Uint8Array): Uint8Array {
  return concat(letter("x"), uintOctets(seconds, INDEX_BYTES), record);
}

/** Stands for an origin's hash in the row that says that a witness has stopped for good: no origin has it. */
export const STOPPED_WITNESS: Uint8Array = new Uint8Array(ID_BYTES);

/** `c` witness's key, origin hash: the head that it cosigned last (witness-row.ts). Not by feed number: a feed that is dropped and fetched anew has another. */
export function cosignedKey(witness: Uint8Array, originHash: Uint8Array): Uint8Array {
  return concat(letter("c"), witness, originHash);
}

/** All that a witness has cosigned. */
export function cosignedRange(witness: Uint8Array, limit: number): Range {
  return rowsUnder(concat(letter("c"), witness), limit);
}

/** The origin's hash in a `c` key. */
export function witnessedOriginOf(key: Uint8Array): Uint8Array {
  return key.slice(1 + ID_BYTES);
}

/** `j` name: where a job stands. */
export function jobKey(name: Uint8Array): Uint8Array {
  return concat(letter("j"), name);
}

/** The one row at a key. */
export function rowAt(key: Uint8Array): Range {
  return { from: key, to: concat(key, Uint8Array.of(0)), limit: 1 };
}

/** All rows whose key begins with `start`. */
export function rowsUnder(start: Uint8Array, limit: number = MAX_ROWS_READ): Range {
  return { from: start, to: after(start), limit };
}

/** All rows of one kind. */
export function rowsOf(kind: string, limit: number = MAX_ROWS_READ): Range {
  return rowsUnder(letter(kind), limit);
}

/** Hashes `from` … `to - 1` of one level: its rows. */
export function hashRange(no: number, level: number, from: number, to: number): Range {
  return { from: hashKey(no, level, from), to: hashKey(no, level, to), limit: to - from };
}

/** The first hashes of a feed, of whatever level. */
export function hashesOf(no: number, limit: number): Range {
  return rowsUnder(concat(letter("h"), u32be(no)), limit);
}

/** All claims about a target, legacy ones under `legacyKey`. */
export function targetRange(target: Uint8Array, limit: number): Range {
  return rowsUnder(concat(letter("t"), prefix(target)), limit);
}

/** The rows of a `targetRange` or `digestRange` that are of one feed. */
export function inFeed(range: Range, no: number): Range {
  return rowsUnder(concat(range.from, u32be(no)), range.limit);
}

/** All claims with this product. */
export function digestRange(digest: Uint8Array, limit: number): Range {
  return rowsUnder(concat(letter("d"), prefix(digest)), limit);
}

/** All retractions of a claim. */
export function retractedRange(claimId: Uint8Array, limit: number): Range {
  return rowsUnder(concat(letter("z"), prefix(claimId)), limit);
}

/** Findings after number `since`, oldest first. */
export function findingRange(since: number, limit: number = MAX_ROWS_READ): Range {
  return { from: findingKey(since + 1), to: after(letter("a")), limit };
}

/** The newest finding. */
export function lastFinding(): Range {
  return { ...rowsOf("a", 1), reverse: true };
}

/** Records of a slot, of one signer or of all. */
export function recordRange(slot: Uint8Array, signerHash: Uint8Array | null, limit: number): Range {
  return rowsUnder(concat(letter("r"), slot, signerHash === null ? EMPTY : prefix(signerHash)), limit);
}

/** Expiry rows up to and with `seconds`, earliest first. */
export function expiredRange(seconds: number, limit: number): Range {
  return { from: letter("x"), to: expiryKey(seconds + 1, EMPTY), limit };
}

/** Where a `t`, `d` or `z` row points: feed number and index. */
export function placeOfRow(key: Uint8Array): { readonly no: number; readonly index: number } {
  const at = 1 + KEY_PREFIX_BYTES;
  return { no: uintOf(key, at, 4), index: uintOf(key, at + 4, INDEX_BYTES) };
}

/** The number in an `f` key. */
export function feedNumberOf(key: Uint8Array): number {
  return uintOf(key, 1, 4);
}

/** The number in an `a` or `y` key. */
export function findingNumberOf(key: Uint8Array): number {
  return uintOf(key, 1, INDEX_BYTES);
}

/** The number of the first hash in an `h` key. */
export function hashStartOf(key: Uint8Array): number {
  return uintOf(key, 6, INDEX_BYTES);
}

/** What an `x` row says. */
export function expiryOf(key: Uint8Array): { readonly seconds: number; readonly record: Uint8Array } {
  return { seconds: uintOf(key, 1, INDEX_BYTES), record: key.subarray(1 + INDEX_BYTES) };
}

/** Value of an `i` row. */
export function writeIndex(index: number): Uint8Array {
  return uintOctets(index, INDEX_BYTES);
}

/** Reads the value of an `i` row. */
export function readIndex(value: Uint8Array): number {
  return uintOf(value, 0, INDEX_BYTES);
}

function prefix(hash: Uint8Array): Uint8Array {
  return hash.subarray(0, KEY_PREFIX_BYTES);
}

function letter(kind: string): Uint8Array {
  return Uint8Array.of(kind.charCodeAt(0));
}

/** The smallest key that is larger than every key beginning with `start`. */
function after(start: Uint8Array): Uint8Array {
  let end = start.length;
  while (end > 0 && start[end - 1] === 0xff) end--;
  const next = start.slice(0, end);
  if (end > 0) next[end - 1] = (next[end - 1] ?? 0) + 1;
  return next;
}

/** A field of a key: big-endian, `width` octets. */
export function uintOctets(value: number, width: number): Uint8Array {
  const bytes = new Uint8Array(width);
  putUint(bytes, 0, value, width);
  return bytes;
}

/** Writes a field of a key: big-endian, from `from` on. */
export function putUint(bytes: Uint8Array, from: number, value: number, width: number): void {
  for (let at = from + width - 1, rest = value; at >= from; at--, rest = Math.floor(rest / 256))
    bytes[at] = rest % 256;
}

/** Reads the field of a key that begins at `at`. */
export function uintOf(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let i = at; i < at + width; i++) value = value * 256 + (bytes[i] ?? 0);
  return value;
}

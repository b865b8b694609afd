/**
 * What the entries of a bundle are about, in few octets: of each claim its target (or its file's name, where it names no target) and its
 * digest, of a statement that a feed has ended the hash of that feed's origin, each cut to eight octets. Whoever looks for files reads these instead of the entries, and then the entries that they point to.
 */
import {
  concat,
  equalBytes,
  freezeOf,
  HASH_BYTES,
  originHash,
  parseAttestation,
  ProtocolError,
  sha256,
  utf8,
} from "../../../protocol/index.ts";
import type { Claim } from "../../../protocol/index.ts";
import { VERSION } from "../../version.ts";
import type { Sought } from "../../edges.ts";

const NAME_BYTES = 8;
/** The entry's place in its bundle, then a name. */
const ROW_BYTES = 1 + NAME_BYTES;
/** Another version may read claims where this one reads none. */
const HEADER = utf8(`samebits names and ends ${VERSION}\n`);

/** The rows of these entries. What is no attestation counts for nothing, and has none. */
export function namesOf(entries: readonly Uint8Array[]): Uint8Array {
  const rows: Uint8Array[] = [];
  for (const [at, entry] of entries.entries())
    for (const name of new Set(namesIn(entry))) {
      const row = new Uint8Array(ROW_BYTES);
      row[0] = at;
      new DataView(row.buffer).setBigUint64(1, name);
      rows.push(row);
    }
  return concat(...rows);
}

/** What is looked for, as names: what is said of files, and that the feeds of those who count have ended (`protocol/spec/freeze.md`). */
export function soughtNames({ targets, digests, files, origins }: Sought): ReadonlySet<bigint> {
  return new Set([...targets, ...digests, ...files.map(hashOf), ...origins.map(originHash)].map(nameOf));
}

/** The places of the entries that have a name looked for, each once, in order. */
export function placesOf(rows: Uint8Array, sought: ReadonlySet<bigint>): readonly number[] {
  const view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength);
  const places = new Set<number>();
  for (let row = 0; row < rows.length; row += ROW_BYTES)
    if (sought.has(view.getBigUint64(row + 1))) places.add(view.getUint8(row));
  return [...places];
}

/** Octets of a file of rows, of the bundle with this root: a file that was cut or damaged shows it. */
export function writeNames(rows: Uint8Array, root: Uint8Array): Uint8Array {
  const body = concat(HEADER, root, rows);
  return concat(body, sha256(body));
}

/** The rows in a file; null where they are another version's, another bundle's, or damaged. */
export function readNames(octets: Uint8Array, root: Uint8Array): Uint8Array | null {
  const end = octets.length - HASH_BYTES;
  const start = HEADER.length + HASH_BYTES;
  if (end < start || (end - start) % ROW_BYTES > 0) return null;
  const isWhole = equalBytes(sha256(octets.subarray(0, end)), octets.subarray(end));
  const isOurs =
    equalBytes(octets.subarray(0, HEADER.length), HEADER) &&
    equalBytes(octets.subarray(HEADER.length, start), root);
  return isWhole && isOurs ? octets.subarray(start, end) : null;
}

/** The root of the bundle that a file of rows is about; of no file of rows it is none. */
export function rootInNames(octets: Uint8Array): Uint8Array {
  return octets.subarray(HEADER.length, HEADER.length + HASH_BYTES);
}

function namesIn(entry: Uint8Array): readonly bigint[] {
  try {
    const attestation = parseAttestation(entry);
    const ended = freezeOf(attestation);
    return [...attestation.claims.flatMap(namesOfClaim), ...(ended === null ? [] : [nameOf(ended.subject)])];
  } catch (error) {
    if (error instanceof ProtocolError) return [];
    throw error;
  }
}

function namesOfClaim({ target, file, sha256: digest }: Claim): readonly bigint[] {
  return [nameOf(target?.key ?? hashOf(file)), ...(digest === null ? [] : [nameOf(digest)])];
}

function hashOf(file: string): Uint8Array {
  return sha256(utf8(file));
}

function nameOf(hash: Uint8Array): bigint {
  return new DataView(hash.buffer, hash.byteOffset).getBigUint64(0);
}

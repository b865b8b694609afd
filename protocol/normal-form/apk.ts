/** Android packages, signed by scheme v1 (files in META-INF/), v2 or v3 (a block before the directory). */
import { concat, equalBytes, fromHex, utf8, viewOf } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import {
  MAX_APK_BLOCK_BYTES,
  MAX_APK_GAP_BYTES,
  MAX_APK_SIGNATURE_FILES,
  MAX_JAR_FILE_BYTES,
  MAX_JAR_FILES_BYTES,
} from "../limits.ts";
import { readApkPairs } from "./apk-block.ts";
import { cut, put } from "./edits.ts";
import type { Edit } from "./edits.ts";
import { NOT_READ } from "./form.ts";
import type { CutSignature, Found } from "./form.ts";
import { crc32, inflate } from "./inflate.ts";
import { isJarSignature, isSignedList, readJarSignature } from "./jar.ts";
import { attempt, isZero, malformed, octetsAt, tooBig } from "./reads.ts";
import type { FileReading, FileView } from "./reads.ts";
import { alignmentIn } from "./zip-extra.ts";
import { readLocal, readZip } from "./zip.ts";
import type { Zip, ZipEntry, ZipLocal } from "./zip.ts";

/** What makes a zip file an Android package. */
const ANDROID = "AndroidManifest.xml";
const BLOCK_MARK = utf8("APK Sig Block 42");
/** Its length and its mark, at the end of the block. */
const BLOCK_END_BYTES = 24;
const STORED = 0;
const DEFLATED = 8;
/** Where a local header says how long its extra field is. */
const EXTRA_LENGTH_AT = 28;
/** What `jar` puts into the extra field of the first file. */
const JAR_MARK = fromHex("feca0000");

/**
 * The signing block goes, and the files of META-INF/ that are signatures; so does what only aligns files, since whoever signs aligns them anew.
 * The directory is written anew, in the order of the file. Null for a zip file that is no Android package. Throws
 * `normal-form/unsupported` for a signed JAR.
 */
export function* readApk(view: FileView): FileReading<Found | null> {
  const zip = yield* readZip(view.size);
  if (!zip.entries.some(({ name }) => name === ANDROID)) {
    if (!zip.entries.some(({ name }) => isSignedList(name))) return null;
    const problem = "a signed JAR: its manifest is both signature and content, so there is nothing to cut";
    throw new ProtocolError("normal-form/unsupported", problem);
  }
  const names = namesOf(zip);
  const files = zip.entries.toSorted((a, b) => a.at - b.at);
  const signatures: CutSignature[] = [];
  const edits: Edit[] = [];
  const kept: Kept[] = [];
  let end = 0;
  let gone = 0;
  let signed = 0;
  for (const [i, entry] of files.entries()) {
    gone += yield* gap(view.size, edits, end, entry.at);
    const local = yield* readLocal(view.size, entry, files[i + 1]?.at ?? zip.directory.at);
    end = local.end;
    if (isJarSignature(entry.name)) {
      if (signatures.length === MAX_APK_SIGNATURE_FILES) {
        throw tooBig(
          entry.at,
          "signatures, in files of META-INF/,",
          signatures.length + 1,
          MAX_APK_SIGNATURE_FILES,
        );
      }
      signed += entry.size;
      if (signed > MAX_JAR_FILES_BYTES)
        throw tooBig(entry.at, "signatures, with others in files of META-INF/,", signed, MAX_JAR_FILES_BYTES);
      signatures.push(yield* jarFile(view, entry, local, names));
      edits.push(cut(entry.at, end - entry.at));
      gone += end - entry.at;
    } else {
      kept.push({ entry, at: entry.at - gone });
      gone += unalign(edits, entry, local);
    }
  }
  const block = yield* signingBlock(view, zip, end);
  gone += yield* gap(view.size, edits, end, block?.at ?? zip.directory.at);
  if (block !== null) {
    signatures.push(block);
    edits.push(cut(block.at, block.length));
    gone += block.length;
  }
  return { edits: [...edits, ...directoryEdits(zip, kept, zip.directory.at - gone)], signatures };
}

/** A file that stays, and where its local header stands then. */
interface Kept {
  readonly entry: ZipEntry;
  readonly at: number;
}

/** All names, as text. No two are the same: readers would differ in which file they take. */
function namesOf({ entries }: Zip): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { name, recordAt } of entries) {
    if (names.has(name)) throw malformed(recordAt, "a second file of the same name");
    names.add(name);
  }
  return new Set([...names].map(latin1ToText));
}

/** Cuts what stands between two files where it is zeros and not much; answers with how many octets go. */
function* gap(size: number, edits: Edit[], from: number, to: number): FileReading<number> {
  const length = to - from;
  if (length === 0 || length > MAX_APK_GAP_BYTES) return 0;
  if (!isZero(yield* octetsAt(size, { offset: from, length }, "what stands between files"))) return 0;
  edits.push(cut(from, length));
  return length;
}

/** Cuts what aligns a file's data in its extra field; answers with how many octets go. */
function unalign(edits: Edit[], { at }: ZipEntry, { extra, dataAt }: ZipLocal): number {
  const { start, length } = alignmentIn(extra);
  if (length === 0) return 0;
  const left = extra.length - length;
  edits.push(put(at + EXTRA_LENGTH_AT, 2, Uint8Array.of(left & 0xff, left >> 8)));
  edits.push(cut(dataAt - extra.length + start, length));
  return length;
}

function* signingBlock(view: FileView, zip: Zip, filesEnd: number): FileReading<CutSignature | null> {
  const directoryAt = zip.directory.at;
  const length = yield* blockBefore(view.size, directoryAt);
  if (length === null) return null;
  const at = directoryAt - length;
  if (length > MAX_APK_BLOCK_BYTES)
    throw tooBig(Math.max(0, at), "a signing block", length, MAX_APK_BLOCK_BYTES);
  if (at < filesEnd)
    throw malformed(
      directoryAt - BLOCK_END_BYTES,
      `the signing block of ${length} octets overlaps what ends at octet ${filesEnd}`,
    );
  const octets = yield* octetsAt(view.size, { offset: at, length }, "the signing block");
  if (viewOf(octets).getBigUint64(0, true) !== BigInt(length - 8)) {
    throw malformed(at, "the two lengths of the signing block differ");
  }
  if ((yield* blockBefore(view.size, at)) !== null)
    throw malformed(at, "a second signing block stands before the first");
  const detail = readApkPairs(view, at + 8, octets.subarray(8, octets.length - BLOCK_END_BYTES));
  return { kind: "apk-block", at, length, detail: detail === "" ? NOT_READ : detail };
}

/** Octets of the signing block that ends at `end`, its first length counted; null where none does. */
function* blockBefore(size: number, end: number): FileReading<number | null> {
  if (end < BLOCK_END_BYTES) return null;
  const offset = end - BLOCK_END_BYTES;
  const octets = yield* octetsAt(size, { offset, length: BLOCK_END_BYTES }, "the end of a signing block");
  if (!equalBytes(octets.subarray(8), BLOCK_MARK)) return null;
  const length = viewOf(octets).getBigUint64(0, true) + 8n;
  if (length < 8 + BLOCK_END_BYTES || length > end)
    throw malformed(offset, `a signing block of ${length} octets`);
  return Number(length);
}

function* jarFile(
  view: FileView,
  entry: ZipEntry,
  local: ZipLocal,
  names: ReadonlySet<string>,
): FileReading<CutSignature> {
  const { name, at, packed, size } = entry;
  if (packed > MAX_JAR_FILE_BYTES || size > MAX_JAR_FILE_BYTES) {
    throw tooBig(at, `a signature file`, Math.max(packed, size), MAX_JAR_FILE_BYTES);
  }
  const data = yield* octetsAt(view.size, { offset: local.dataAt, length: packed }, "a signature file");
  const { header } = local;
  if (entry.extraBytes > 0 || !equalBytes(headerOf(header), headerOf(entry.record.subarray(2)))) {
    view.complain(entry.recordAt, "a signature file's two headers differ, or it has a comment");
  }
  if (!isZero(local.extra) && !equalBytes(local.extra, JAR_MARK)) {
    view.complain(at, "the header of a signature file has an extra field");
  }
  const detail = attempt(view, local.dataAt, () => readJarSignature(name, unpacked(entry, data), names));
  return { kind: "jar", at, length: local.end - at, detail: `${name}: ${detail ?? NOT_READ}` };
}

/** Version, flags, method and time, of a local header or a record from its third octet on: both have them alike. */
function headerOf(octets: Uint8Array): Uint8Array {
  return octets.subarray(4, 14);
}

function unpacked({ method, size, crc }: ZipEntry, data: Uint8Array): Uint8Array {
  if (method !== STORED && method !== DEFLATED) {
    throw new ProtocolError(
      "normal-form/not-a-signature",
      `it is packed by method ${method}, which is not read`,
    );
  }
  const octets = method === STORED ? data : inflate(data, size);
  if (octets.length !== size || crc32(octets) !== crc) {
    throw new ProtocolError(
      "normal-form/not-a-signature",
      "its length or CRC is not what the directory says",
    );
  }
  return octets;
}

/** The directory of what is kept, and its end. */
function directoryEdits({ directory, endAt }: Zip, kept: readonly Kept[], at: number): readonly Edit[] {
  const records = kept.map(({ entry, at }) => {
    const copy = entry.record.slice();
    viewOf(copy).setUint32(42, at, true);
    return copy;
  });
  const octets = concat(...records);
  const end = new Uint8Array(12);
  const numbers = viewOf(end);
  numbers.setUint16(0, records.length, true);
  numbers.setUint16(2, records.length, true);
  numbers.setUint32(4, octets.length, true);
  numbers.setUint32(8, at, true);
  return [put(directory.at, directory.length, octets), put(endAt + 8, end.length, end)];
}

/** Names are UTF-8; what is none stays as it is. */
function latin1ToText(name: string): string {
  return new TextDecoder().decode(Uint8Array.from(name, (letter) => letter.charCodeAt(0)));
}

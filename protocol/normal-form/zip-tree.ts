/** A zip file as a folder of files (`protocol/spec/normal-forms.md`, "A folder of an application"): what any program unpacks of it, or none. */
import { fromUtf8, viewOf } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import {
  FREE_TREE_ZIP_BYTES,
  MAX_DEFLATE_RATIO,
  MAX_PATH_BYTES,
  MAX_TREE_DEPTH,
  MAX_TREE_RATIO,
  MAX_TREE_ZIP_BYTES,
} from "../limits.ts";
import { isZero, malformed, tooBig } from "./reads.ts";
import type { FileReading } from "./reads.ts";
import { readLocal, readZip } from "./zip.ts";
import type { ZipEntry, ZipLocal } from "./zip.ts";

/** A file, link or folder of a zip file, and where its data stand. */
export interface TreeEntry {
  /** Names between slashes, none at its end. */
  readonly path: string;
  readonly kind: "file" | "link" | "folder";
  /** Whether somebody may execute it. */
  readonly isProgram: boolean;
  readonly isDeflated: boolean;
  readonly dataAt: number;
  readonly packed: number;
  readonly size: number;
  readonly crc: number;
}

const RECORD_BYTES = 46;
/** What any program can, in tenths: later versions brought other packings and encryption. */
const NEEDS = 46;
const STORED = 0;
const DEFLATED = 8;
/** Flags that say nothing of how to read it: how well it is packed, sizes that follow the data, names in UTF-8. */
const PLAIN_FLAGS = 0x080e;
const SIZES_FOLLOW = 0x0008;
const ENCRYPTED = 0x2041;
/** Fields of the extra fields that change size or name, for readers that know them. */
const ZIP64 = 0x0001;
const OTHER_NAME = 0x7075;
/** The system whose modes of files are read; ditto says it, too. */
const UNIX = 3;
/** Those that have none: DOS and Windows. */
const DOS: ReadonlySet<number> = new Set([0, 10]);
/** Attributes of DOS. */
const LABEL = 0x08;
const FOLDER = 0x10;
/** An internal attribute, which says to Info-ZIP that there is no mode. */
const NO_MODE = 0x0004;
const EXECUTE = 0o111;
const LAST_OF_ASCII = 0x7f;
const KINDS: ReadonlyMap<number, TreeEntry["kind"]> = new Map([
  [0o100_000, "file"],
  [0o120_000, "link"],
  [0o040_000, "folder"],
]);

/**
 * What is in a zip file, in the order of its data. Only where all programs unpack the same: files stand one behind the other from the first octet on,
 * each as the directory says; no path twice, none through a file, none that leads out. Throws `normal-form/malformed`,
 * `normal-form/unsupported` for encrypted or 64-bit ones and other packings, `normal-form/too-big`.
 */
export function* readZipTree(size: number): FileReading<readonly TreeEntry[]> {
  const { entries, directory } = yield* readZip(size);
  const files = entries.toSorted((a, b) => a.at - b.at);
  const tree: TreeEntry[] = [];
  let end = 0;
  let total = 0;
  for (const [i, entry] of files.entries()) {
    if (entry.at !== end) throw malformed(end, `what stands here up to octet ${entry.at} is no file's`);
    const local = yield* readLocal(size, entry, files[i + 1]?.at ?? directory.at);
    end = local.end;
    tree.push(Object.freeze(treeEntry(entry, local)));
    total += entry.size;
    if (total > MAX_TREE_ZIP_BYTES) throw tooBig(entry.at, "files", total, MAX_TREE_ZIP_BYTES);
  }
  if (end !== directory.at) throw malformed(end, `what stands here up to octet ${directory.at} is no file's`);
  const room = Math.max(MAX_TREE_RATIO * size, FREE_TREE_ZIP_BYTES);
  if (total > room) throw tooBig(directory.at, `what is packed into ${size} octets, files`, total, room);
  assertPaths(tree);
  return Object.freeze(tree);
}

function treeEntry(entry: ZipEntry, local: ZipLocal): TreeEntry {
  const { at, method, packed, size, crc } = entry;
  assertReadable(entry, local);
  const text = textOf(entry);
  const isFolder = text.endsWith("/");
  const path = isFolder ? text.slice(0, -1) : text;
  if (text.length > MAX_PATH_BYTES) throw tooBig(at, "a path", text.length, MAX_PATH_BYTES);
  const names = path.split("/");
  if (names.length > MAX_TREE_DEPTH) throw malformed(at, `a path more than ${MAX_TREE_DEPTH} folders deep`);
  if (names.some((name) => name === "" || name === "." || name === "..") || path.includes("\\"))
    throw malformed(at, "a path that leads out of the folder, or is written in another way than others");
  const { kind, isProgram } = modeOf(entry, isFolder);
  if (kind === "folder" && size > 0) throw malformed(at, "a folder with octets of its own");
  if (kind === "link" && (size === 0 || size > MAX_PATH_BYTES))
    throw malformed(at, `a link of ${size} octets`);
  return { path, kind, isProgram, isDeflated: method === DEFLATED, dataAt: local.dataAt, packed, size, crc };
}

/** Throws unless it is packed in a way that all read alike, and both of its headers say the same. */
function assertReadable(entry: ZipEntry, { header, extra }: ZipLocal): void {
  const { at, recordAt, flags, method, packed, size, crc } = entry;
  const view = viewOf(header);
  const needs = Math.max(header[4] ?? 0, entry.record[6] ?? 0);
  if (needs > NEEDS) throw unsupported(at, `a file that needs version ${needs / 10} of a program`);
  if ((flags & ENCRYPTED) !== 0) throw unsupported(recordAt, "an encrypted file");
  if ((flags & ~PLAIN_FLAGS) !== 0) throw unsupported(recordAt, `a file with flags ${flags}`);
  if (method !== STORED && method !== DEFLATED)
    throw unsupported(recordAt, `a file that is packed by method ${method}`);
  if (method === STORED && packed !== size)
    throw malformed(recordAt, "a file that is not packed, with two sizes");
  // Whoever reads from a pipe looks for the end of such data in the data.
  if (method === STORED && size > 0 && (flags & SIZES_FOLLOW) !== 0)
    throw malformed(recordAt, "a file that is not packed, whose size follows it");
  if (size > MAX_DEFLATE_RATIO * packed)
    throw malformed(recordAt, `${packed} octets never unpack to ${size}`);
  assertExtra(recordAt, centralExtra(entry));
  assertExtra(at, extra);
  const said = [14, 18, 22].map((place) => view.getUint32(place, true));
  const isSame = said[0] === crc && said[1] === packed && said[2] === size;
  const follow = (flags & SIZES_FOLLOW) !== 0 && said.every((number) => number === 0);
  if (view.getUint16(6, true) !== flags || view.getUint16(8, true) !== method || !(isSame || follow))
    throw malformed(at, "a file's header is not what the directory says");
}

/** Throws for fields by which some programs read other sizes or names. */
function assertExtra(at: number, extra: Uint8Array): void {
  const view = viewOf(extra);
  for (let field = 0; field < extra.length;) {
    const rest = extra.subarray(field);
    if (rest.length < 4 || field + 4 + view.getUint16(field + 2, true) > extra.length) {
      if (isZero(rest)) return;
      throw malformed(at, "an extra field that does not end where it says");
    }
    const id = view.getUint16(field, true);
    if (id === ZIP64) throw unsupported(at, "a file of the 64-bit kind");
    if (id === OTHER_NAME) throw unsupported(at, "a file with a second name");
    field += 4 + view.getUint16(field + 2, true);
  }
}

function centralExtra({ record }: ZipEntry): Uint8Array {
  const view = viewOf(record);
  const start = RECORD_BYTES + view.getUint16(28, true);
  return record.subarray(start, start + view.getUint16(30, true));
}

function textOf({ record, recordAt }: ZipEntry): string {
  const octets = record.subarray(RECORD_BYTES, RECORD_BYTES + viewOf(record).getUint16(28, true));
  // Info-ZIP takes those of DOS and Windows for a code page's.
  if (record[5] !== UNIX && octets.some((octet) => octet > LAST_OF_ASCII))
    throw unsupported(recordAt, `a name beyond ASCII of system ${record[5]}`);
  try {
    return fromUtf8(octets);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw malformed(recordAt, "a name that is not UTF-8");
  }
}

/** What the mode of a file says; without one, its name. */
function modeOf(
  { record, recordAt }: ZipEntry,
  isFolder: boolean,
): { readonly kind: TreeEntry["kind"]; readonly isProgram: boolean } {
  const attributes = viewOf(record).getUint32(38, true);
  const [system, mode] = [record[5] ?? 0, attributes >>> 16];
  if (system !== UNIX && (!DOS.has(system) || mode !== 0))
    throw unsupported(recordAt, `a mode of system ${system}, which programs read in several ways,`);
  if ((viewOf(record).getUint16(36, true) & NO_MODE) !== 0)
    throw malformed(recordAt, "an attribute by which some programs read no mode");
  if ((attributes & LABEL) !== 0 || ((attributes & FOLDER) !== 0 && !isFolder))
    throw malformed(recordAt, "a label of a volume, or a folder by its attributes alone");
  const type = mode & 0o170_000;
  const kind = type === 0 ? (isFolder ? "folder" : "file") : KINDS.get(type);
  if (kind === undefined) throw unsupported(recordAt, "what is no file, folder or link");
  if ((kind === "folder") !== isFolder)
    throw malformed(
      recordAt,
      "its name says that it is a folder, and its mode that it is none, or the other way round",
    );
  const isProgram = kind === "file" && (mode & EXECUTE) !== 0;
  if (isProgram && type === 0)
    throw malformed(recordAt, "a program whose mode does not say that it is a file");
  return { kind, isProgram };
}

/** No two paths are one, not on a Mac either, whose names know no capitals; and only folders have something in them. */
function assertPaths(tree: readonly TreeEntry[]): void {
  const seen = new Map<string, TreeEntry>();
  for (const entry of tree) {
    const name = folded(entry.path);
    if (seen.has(name)) throw malformed(entry.dataAt, "a second file of the same name");
    seen.set(name, entry);
  }
  for (const { path, dataAt } of tree) {
    for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1)) {
      const above = seen.get(folded(path.slice(0, slash)));
      if (above !== undefined && above.kind !== "folder")
        throw malformed(dataAt, "a file that would stand in a file, or behind a link");
    }
  }
}

function folded(path: string): string {
  return path.normalize("NFC").toLowerCase();
}

function unsupported(at: number, what: string): ProtocolError {
  return new ProtocolError("normal-form/unsupported", `octet ${at}: ${what} is not read`);
}

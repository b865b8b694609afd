/** PE and EFI programs: Authenticode (Microsoft PE/COFF specification; `protocol/spec/normal-forms.md`). */
import { viewOf } from "../bytes/index.ts";
import {
  MAX_PE_CERTIFICATES,
  MAX_PE_CERTIFICATES_BYTES,
  MAX_PE_HEADER_OFFSET,
  MAX_PE_SECTIONS,
} from "../limits.ts";
import { cut, editsOf, put, zero } from "./edits.ts";
import type { Edit, Edits } from "./edits.ts";
import { NOT_READ } from "./form.ts";
import type { CutSignature, Found } from "./form.ts";
import { attempt, isZero, malformed, octetsAt, tooBig } from "./reads.ts";
import type { FileView, FileReading } from "./reads.ts";
import { CONTENT, readSignedData } from "./signed-data.ts";

const DOS_HEADER_BYTES = 64;
const HEADER_OFFSET_AT = 0x3c;
const COFF_BYTES = 24;
const PE32 = 0x10b;
const PE32_PLUS = 0x20b;
const SECTION_BYTES = 40;
const CERTIFICATE_DIRECTORY = 4;
const ALIGNMENT = 8;
const CERTIFICATE_HEADER_BYTES = 8;
const REVISIONS: ReadonlySet<number> = new Set([0x0100, 0x0200]);
const PKCS_SIGNED_DATA = 2;

/** Where a PE file has what signing changes. */
interface Layout {
  /** The 4 octets of CheckSum. */
  readonly checkSum: number;
  /** The 8 octets of the certificate table's directory entry; null where the file has none. */
  readonly entry: number | null;
  /** The certificate table; null where there is none. */
  readonly table: { readonly at: number; readonly length: number } | null;
}

/**
 * CheckSum and the certificate table's entry are zeroed, the table is cut, and zeros follow up to a multiple of 8. Null for a DOS program,
 * which has no PE header.
 */
export function* readPe(view: FileView): FileReading<Found | null> {
  const layout = yield* layoutOf(view.size);
  if (layout === null) return null;
  const { checkSum, entry, table } = layout;
  const edits: Edit[] = [zero(checkSum, 4)];
  if (entry !== null) edits.push(zero(entry, ALIGNMENT));
  let length = view.size;
  const signatures: CutSignature[] = [];
  if (table !== null) {
    signatures.push(...(yield* certificates(view, table.at, table.length)));
    edits.push(cut(table.at, table.length));
    length -= table.length;
    const end = table.at + table.length;
    if (end < view.size) view.complain(end, `${view.size - end} octets stand behind the certificate table`);
  }
  const over = length % ALIGNMENT;
  if (over > 0) edits.push(put(view.size, 0, new Uint8Array(ALIGNMENT - over)));
  return { edits, signatures };
}

/**
 * The edits after which a PE file's SHA-256 is what Authenticode signs: as `readPe`'s, but what is zeroed there is left out. Throws
 * `normal-form/malformed` for what is no PE file.
 */
export function* authenticodeEdits(size: number): FileReading<Edits> {
  const found = yield* readPe({ size, complain: () => undefined });
  if (found === null)
    throw malformed(0, "this is no PE file: only these have a digest that Authenticode signs");
  return editsOf(
    size,
    found.edits.map((edit) => (edit.kind === "zero" ? cut(edit.at, edit.length) : edit)),
  );
}

function* layoutOf(size: number): FileReading<Layout | null> {
  if (size < DOS_HEADER_BYTES) return null;
  const dos = viewOf(yield* octetsAt(size, { offset: 0, length: DOS_HEADER_BYTES }, "the DOS header"));
  const at = dos.getUint32(HEADER_OFFSET_AT, true);
  if (at > MAX_PE_HEADER_OFFSET || at + COFF_BYTES > size) return null;
  const coff = viewOf(yield* octetsAt(size, { offset: at, length: COFF_BYTES }, "the PE header"));
  if (coff.getUint32(0) !== 0x50450000) return null; // "PE", 0, 0
  const sections = coff.getUint16(6, true);
  const optional = { offset: at + COFF_BYTES, length: coff.getUint16(20, true) };
  if (sections > MAX_PE_SECTIONS) throw tooBig(at, "a table of sections", sections, MAX_PE_SECTIONS);
  const header = viewOf(yield* octetsAt(size, optional, "the optional header"));
  const magic = header.byteLength < 2 ? 0 : header.getUint16(0, true);
  if (magic !== PE32 && magic !== PE32_PLUS)
    throw malformed(optional.offset, "an optional header that is neither PE32 nor PE32+");
  const directories = magic === PE32 ? 96 : 112;
  if (header.byteLength < directories) throw malformed(optional.offset, "the optional header is too short");
  const checkSum = optional.offset + 64;
  const count = header.getUint32(directories - 4, true);
  if (count <= CERTIFICATE_DIRECTORY) return { checkSum, entry: null, table: null };
  const place = directories + 8 * CERTIFICATE_DIRECTORY;
  const entry = optional.offset + place;
  if (header.byteLength < place + 8)
    throw malformed(entry, "the optional header ends before its certificate table's entry");
  const table = { at: header.getUint32(place, true), length: header.getUint32(place + 4, true) };
  const headerEnd = optional.offset + optional.length;
  const end = yield* endOfSections(size, headerEnd, sections, header.getUint32(60, true));
  if (table.at === 0 && table.length === 0) return { checkSum, entry, table: null };
  if (table.at < end)
    throw malformed(entry, `the certificate table at octet ${table.at} overlaps what is before octet ${end}`);
  if (table.length === 0 || table.at + table.length > size) {
    throw malformed(
      entry,
      `the certificate table of ${table.length} octets at octet ${table.at} is not within the file's ${size}`,
    );
  }
  return { checkSum, entry, table };
}

/** Where the last of headers and sections ends in the file. */
function* endOfSections(size: number, offset: number, count: number, headers: number): FileReading<number> {
  const table = viewOf(
    yield* octetsAt(size, { offset, length: count * SECTION_BYTES }, "the table of sections"),
  );
  let end = Math.max(offset + count * SECTION_BYTES, headers);
  for (let at = 0; at < table.byteLength; at += SECTION_BYTES) {
    const [length, start] = [table.getUint32(at + 16, true), table.getUint32(at + 20, true)];
    if (length > 0 && start > 0) end = Math.max(end, start + length);
  }
  return end;
}

function* certificates(view: FileView, at: number, length: number): FileReading<CutSignature[]> {
  if (length > MAX_PE_CERTIFICATES_BYTES)
    throw tooBig(at, "a certificate table", length, MAX_PE_CERTIFICATES_BYTES);
  const table = yield* octetsAt(view.size, { offset: at, length }, "the certificate table");
  const found: CutSignature[] = [];
  let next = 0;
  while (next < table.length) {
    const place = at + next;
    if (table.length - next < CERTIFICATE_HEADER_BYTES) {
      view.complain(
        place,
        `${table.length - next} octets are left in the certificate table: too few for a certificate`,
      );
      break;
    }
    if (found.length === MAX_PE_CERTIFICATES)
      throw tooBig(at, "a certificate table, in certificates,", found.length + 1, MAX_PE_CERTIFICATES);
    const header = viewOf(table.subarray(next, next + CERTIFICATE_HEADER_BYTES));
    const size = header.getUint32(0, true);
    const padded = Math.ceil(size / ALIGNMENT) * ALIGNMENT;
    if (size < CERTIFICATE_HEADER_BYTES || size > table.length - next) {
      view.complain(place, `a certificate of ${size} octets where ${table.length - next} are left`);
      break;
    }
    found.push(certificate(view, place, table.subarray(next, next + size)));
    const padding = table.subarray(next + size, next + padded);
    if (!isZero(padding)) view.complain(place + size, "the padding behind a certificate is not zero");
    next += padded;
  }
  return found;
}

function certificate(view: FileView, at: number, bytes: Uint8Array): CutSignature {
  const header = viewOf(bytes);
  const [revision, type] = [header.getUint16(4, true), header.getUint16(6, true)];
  const signature = { kind: "authenticode", at, length: bytes.length } as const;
  if (!REVISIONS.has(revision) || type !== PKCS_SIGNED_DATA) {
    view.complain(
      at,
      `a certificate of revision ${revision} and type ${type}: only PKCS #7 signed data (2) is a signature`,
    );
    return { ...signature, detail: NOT_READ };
  }
  const body = bytes.subarray(CERTIFICATE_HEADER_BYTES);
  const start = at + CERTIFICATE_HEADER_BYTES;
  const read = attempt(view, start, () => readSignedData(body, CONTENT.spc));
  if (read === null) return { ...signature, detail: NOT_READ };
  const rest = body.subarray(read.length);
  if (rest.length >= ALIGNMENT || !isZero(rest)) {
    view.complain(start + read.length, `${rest.length} octets stand behind the signature in its certificate`);
  }
  return { ...signature, detail: `PKCS #7, ${read.signers} signed` };
}

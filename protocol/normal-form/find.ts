/** Which format a file has, and its normal form (`protocol/spec/normal-forms.md`). */
import { fromHex, startsWith, utf8 } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_FORM_REMARKS } from "../limits.ts";
import { editedSize, editsOf } from "./edits.ts";
import { readApk } from "./apk.ts";
import { readDebForm } from "./deb.ts";
import type { FormFormat, Found, NormalForm } from "./form.ts";
import { readFat, readThin } from "./macho.ts";
import { readMar } from "./mar.ts";
import { readPe } from "./pe.ts";
import { octetsAt } from "./reads.ts";
import type { FileReading, FileView } from "./reads.ts";
import { readRpm } from "./rpm.ts";

export interface FormOptions {
  /** What is cut and is no signature is told in `remarks` instead of refused. */
  readonly lenient: boolean;
}

/** As many octets as any of the marks below needs. */
export const FORM_HEAD_BYTES = 32;
/** The trailer of an Apple disk image begins so, that many octets before the end. */
const KOLY = utf8("koly");
const KOLY_BYTES = 512;

interface Format {
  readonly name: FormFormat;
  readonly isIt: (head: Uint8Array) => boolean;
  /** Null: it only looked like this format. */
  readonly read: (view: FileView) => FileReading<Found | null>;
}

const FORMATS: readonly Format[] = [
  { name: "pe", isIt: begins("MZ"), read: readPe },
  { name: "deb", isIt: begins("!<arch>\n"), read: readDebForm },
  { name: "rpm", isIt: beginsWith(fromHex("edabeedb")), read: readRpm },
  { name: "rpm", isIt: beginsWith(fromHex("8eade80100000000")), read: readRpm },
  { name: "apk", isIt: beginsWith(fromHex("504b0304")), read: readApk },
  { name: "mar", isIt: begins("MAR1"), read: readMar },
  { name: "mach-o", isIt: beginsWith(fromHex("cffaedfe")), read: readThin },
  { name: "mach-o", isIt: beginsWith(fromHex("cefaedfe")), read: readThin },
  { name: "mach-o", isIt: beginsWith(fromHex("cafebabe")), read: readFat },
];

/** Signatures of files that stand beside them: OpenPGP's in armor, ssh-keygen's, minisign's and signify's. */
const DETACHED: readonly string[] = [
  "-----BEGIN PGP SIGNATURE-----",
  "-----BEGIN SSH SIGNATURE-----",
  "untrusted comment: ",
];

const NOTHING: Found = { edits: [], signatures: [] };

/**
 * The normal form of a file of `size` octets: the same for the file without signatures and for each of its signed versions. Yields what it
 * wants to read, some tables, and is given it; memory and reads are bounded whatever the file is. A file of no format that carries
 * signatures inside is its own normal form.
 *
 * Throws `normal-form/malformed` where the file is not whole or its parts overlap, `normal-form/too-big` beyond a limit,
 * `normal-form/not-a-signature` where something else than a signature would be cut, `normal-form/unsupported` where it can't be told.
 */
export function* normalForm(size: number, { lenient }: FormOptions): FileReading<NormalForm> {
  const head = yield* octetsAt(size, { offset: 0, length: Math.min(size, FORM_HEAD_BYTES) }, "the beginning");
  const remarks: string[] = [];
  const complain = (at: number, problem: string): void => {
    const remark = `octet ${at}: ${problem}`;
    if (!lenient) {
      throw new ProtocolError(
        "normal-form/not-a-signature",
        `${remark}; what would be cut is no signature, or not wholly (--lenient cuts it and tells)`,
      );
    }
    if (remarks.length < MAX_FORM_REMARKS) remarks.push(remark);
  };
  let format: FormFormat = DETACHED.some((text) => begins(text)(head)) ? "detached" : "other";
  let found = NOTHING;
  for (const { name, isIt, read } of FORMATS) {
    const answer = isIt(head) ? yield* read({ size, complain }) : null;
    if (answer === null) continue;
    format = name;
    found = answer;
    break;
  }
  if (format === "other") yield* refuseImage(size);
  const edits = editsOf(size, found.edits);
  const signatures = Object.freeze(found.signatures.map((each) => Object.freeze({ ...each })));
  return Object.freeze({
    format,
    size: editedSize(size, edits),
    edits,
    signatures,
    remarks: Object.freeze(remarks),
  });
}

/** The format that a file which begins so has, if it is whole; null where it is of none that carries signatures inside. */
export function likelyFormat(head: Uint8Array): FormFormat | null {
  return FORMATS.find(({ isIt }) => isIt(head))?.name ?? null;
}

/** A disk image of Apple's may be signed at its end, and holds a file system in which much may differ. */
function* refuseImage(size: number): FileReading<void> {
  if (size < KOLY_BYTES) return;
  const offset = size - KOLY_BYTES;
  const trailer = yield* octetsAt(size, { offset, length: KOLY.length }, "the end");
  if (!startsWith(trailer, KOLY)) return;
  const what = "an Apple disk image has no normal form: compare what is in it, after it was extracted";
  throw new ProtocolError("normal-form/unsupported", `octet ${offset}: ${what}`);
}

function begins(text: string): (head: Uint8Array) => boolean {
  return beginsWith(utf8(text));
}

function beginsWith(mark: Uint8Array): (head: Uint8Array) => boolean {
  return (head) => startsWith(head, mark);
}

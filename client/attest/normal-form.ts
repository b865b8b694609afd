/** What came out, with what it is without its signatures: both are attested (protocol/spec/attestation.md, "Normal forms"). */
import { equalBytes, ProtocolError, signedName, unsignedName, unsignedTarget } from "../../protocol/index.ts";
import type { FormFormat, Product } from "../../protocol/index.ts";
import { hashFile, hashForms } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";
import type { PredicateKind } from "./predicate.ts";

/** A file that came out, and its normal form where that is attested too. */
export interface Made extends Product {
  readonly unsigned?: Product | null;
}

/** Of which files the normal form is attested, and who is told that one has none. */
export interface FormWish {
  readonly formats: ReadonlySet<FormFormat>;
  readonly tell: (line: string) => void;
}

/** What users get of these is signed, and the signature inside. */
const USUAL: readonly FormFormat[] = ["pe", "rpm", "apk", "mar", "mach-o"];
/** Hardly anybody signs packages of Debian. */
const ALL: readonly FormFormat[] = [...USUAL, "deb"];

/**
 * What `--normal-form`, `--no-normal-form` or neither of them asks for. A step of a layout has a normal form for the asking only: its rules say which
 * files may come out. A link of the old form is about one file.
 */
export function formWish(
  asked: boolean | undefined,
  predicate: PredicateKind,
  tell: (line: string) => void,
): FormWish {
  if (asked === true && predicate === "legacy-link")
    throw new ClientError(
      "usage/bad-option",
      "a link of the old form is about one file: leave --normal-form, or use --predicate link",
    );
  const usual = predicate === "link" || predicate === "slsa" ? USUAL : [];
  const formats = asked === undefined ? usual : asked ? ALL : [];
  return { formats: new Set(formats), tell };
}

/**
 * The digest of a file, and that of its normal form where it is wished for. One whose signature can't be read is told of, and has none. Throws
 * `artifact/mismatch` for a file that is named as a normal form and is none, `input/…`.
 */
export async function madeAt(
  path: string,
  named: Pick<Product, "target" | "file">,
  { formats, tell }: FormWish,
): Promise<Made> {
  const { target, file } = named;
  const isUnsigned = signedName(file) !== null;
  const read = await formsAt(path, isUnsigned && formats.size > 0 ? new Set(ALL) : formats, tell);
  const { sha256, unsigned } = read ?? { ...(await hashFile(path)), unsigned: null };
  if (unsigned === null) return { target, file, sha256 };
  if (isUnsigned) {
    if (equalBytes(sha256, unsigned)) return { target, file, sha256 };
    throw new ClientError(
      "artifact/mismatch",
      `${path}: its name says that it is the normal form of ${signedName(file)}, and it is none: make that with \`samebits unsign\`, ` +
        "or give --no-normal-form; nothing was signed",
    );
  }
  const twin = told(tell, () => (target === null ? null : unsignedTarget(target)));
  if (twin === undefined) return { target, file, sha256 };
  return { target, file, sha256, unsigned: { target: twin, file: unsignedName(file), sha256: unsigned } };
}

async function formsAt(
  path: string,
  formats: ReadonlySet<FormFormat>,
  tell: (line: string) => void,
): Promise<Awaited<ReturnType<typeof hashForms>> | null> {
  if (formats.size === 0) return null;
  try {
    return await hashForms(path, formats);
  } catch (error) {
    tell(lacking(error));
    return null;
  }
}

/** Undefined where there is none, which is told. */
function told<T>(tell: (line: string) => void, make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    tell(lacking(error));
    return undefined;
  }
}

/** Why a file has no normal form, or none that can be named. */
function lacking(error: unknown): string {
  if (!(error instanceof ProtocolError)) throw error;
  return `samebits: ${error.message} (${error.code}): attested as it is, without its normal form`;
}

/** All files that a statement is about, each once: a normal form may be among what came out itself. */
export function subjectsOf(files: readonly Made[]): readonly Product[] {
  return files.flatMap((file) => {
    const { unsigned } = file;
    const isNew =
      unsigned !== null && unsigned !== undefined && !files.some((other) => isSame(other, unsigned));
    return isNew ? [file, unsigned] : [file];
  });
}

function isSame(one: Product, other: Product): boolean {
  return (
    one.file === other.file && one.target?.purl === other.target?.purl && equalBytes(one.sha256, other.sha256)
  );
}

import type { Edit, Edits } from "./edits.ts";

/** The formats that are told apart by their first octets, or by their last. */
export type FormFormat = "pe" | "deb" | "rpm" | "apk" | "mar" | "mach-o" | "detached" | "other";

/**
 * Whether whoever signs a file of this format only adds to it: then the normal form is octet for octet what was built. Of the others a file
 * without signatures may still be another than its normal form.
 */
export function isWholeForm(format: FormFormat): boolean {
  return format === "deb" || format === "detached" || format === "other";
}

/** What a signature that is cut was read as. */
export type SignatureKind =
  | "authenticode" // a certificate of a PE file's table
  | "openpgp" // a member `_gpg…` of a .deb
  | "rpm-header" // the signature header of an RPM
  | "jar" // a file of META-INF/ in an APK (v1)
  | "apk-block" // the signing block of an APK (v2, v3)
  | "mar" // a signature of a MAR
  | "code-signature"; // the signature at the end of a Mach-O file

/** A part of the file that the normal form leaves out, and what it is. */
export interface CutSignature {
  readonly kind: SignatureKind;
  /** Where it stood in the file, and its octets there. */
  readonly at: number;
  readonly length: number;
  /** In a few words: how the format calls it, how many signers. */
  readonly detail: string;
}

/** The detail of what could not be read, leniently. */
export const NOT_READ = "not read";

/** A format's answer: edits in any order, and what they cut. */
export interface Found {
  readonly edits: readonly Edit[];
  readonly signatures: readonly CutSignature[];
}

/** The normal form of a file: what has to be done to it, and what goes. */
export interface NormalForm {
  readonly format: FormFormat;
  /** Octets of the normal form. */
  readonly size: number;
  readonly edits: Edits;
  readonly signatures: readonly CutSignature[];
  /** Only of lenient reading: what is cut and is no signature, or not wholly. */
  readonly remarks: readonly string[];
}

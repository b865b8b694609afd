/** A signature as an envelope carries it; nothing is checked yet. */
export interface Signature {
  /** What the envelope calls the key: a hint, never believed. */
  readonly keyid: string | null;
  readonly sig: Uint8Array;
  /** Of a GnuPG signature in a metablock: its hashed headers, which are signed too; else null. */
  readonly openPgpHeaders: Uint8Array | null;
}

/** A signature as an envelope carries it; nothing is checked yet. */
export interface Signature {
  /** What the envelope calls the key: a hint, never believed. */
  readonly keyid: string | null;
  /** Of a list of sums: the octets of the OpenPGP packet. */
  readonly sig: Uint8Array;
  /** Of an OpenPGP signature: the part of its packet that is signed too; else null. */
  readonly openPgpHeaders: Uint8Array | null;
}

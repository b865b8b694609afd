import type { Attestation } from "../../protocol/index.ts";

/** Somebody's attestation, as it was found: read exactly, its signature checked where the signer's key is at hand. */
export interface Imported {
  /** The file, or the address, that it came from. */
  readonly source: string;
  readonly attestation: Attestation;
  readonly signer: Signer | null;
}

/** Whose signature it bears. */
export interface Signer {
  /** As the place where the key was found calls it. */
  readonly name: string;
  /** Key id, or fingerprint. */
  readonly keyId: string;
}

/** What was found and is not brought in. */
export interface LeftOut {
  readonly source: string;
  readonly code: string;
  readonly reason: string;
}

/** What was found. */
export interface Harvest {
  readonly imported: readonly Imported[];
  readonly leftOut: readonly LeftOut[];
}

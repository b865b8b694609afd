/** Commits and tags that attestations bring, verified: what they are, and who of those that the policy's rules ask has signed them. */
import type { PublicKey } from "../crypto/index.ts";

export interface FoundObject {
  readonly kind: "tag" | "commit";
  /** Git's, hex: its octets have it. */
  readonly id: string;
  /** Hex SHA-256 of its octets. */
  readonly sha256: string;
  /** The commit that it is, or tags; null of a tag of something else. */
  readonly commit: string | null;
  /** Its name, of a tag. */
  readonly tag: string | null;
  readonly isSigned: boolean;
  readonly signers: readonly ObjectSigner[];
}

export interface ObjectSigner {
  /** Name of the builder of the policy whose key it is. */
  readonly builder: string;
  readonly key: PublicKey;
}

/** How far the commit that a file was built from is signed. */
export interface SignedSource {
  /** Git's id of the commit, hex. */
  readonly commit: string;
  /** Hex SHA-256 of its octets; null where nobody who counts says it. */
  readonly sha256: string | null;
  /** Names of which tags must be; empty = any, and the commit itself may be signed instead. */
  readonly tags: readonly string[];
  readonly needed: number;
  readonly taken: number;
  /** What was found of it, what counts first; at most MAX_GIT_OBJECTS. */
  readonly objects: readonly SignedObject[];
}

export interface SignedObject extends Pick<FoundObject, "kind" | "id" | "sha256" | "commit" | "tag"> {
  /** Of those asked, keys that are revoked left out. */
  readonly signers: readonly { readonly builder: string; readonly keyid: string }[];
  /** Why its signers do not count; null where they do. */
  readonly reason: string | null;
}

/** A policy that this node was started with, as far as people are shown of it; who follows whom is in the configuration. */
export interface PolicyView {
  /** Where it was read: a file, or a trust domain and the file there. */
  readonly name: string;
  /** Hex SHA-256 of its octets. */
  readonly sha256: string;
  readonly text: string;
  readonly builders: readonly {
    readonly name: string;
    readonly operator: string;
    readonly roles: readonly string[];
    /** Raw keys (Ed25519) or SPKI of others, in hex. */
    readonly keys: readonly string[];
    /** Origins. */
    readonly feeds: readonly string[];
  }[];
}

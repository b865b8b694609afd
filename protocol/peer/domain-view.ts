/** What is said of trust domains between a node and those who look after them on its machine. */

/** A trust domain that is pinned on a machine, as whoever looks after it says. */
export interface DomainView {
  /** Fingerprint. */
  readonly domain: string;
  /** Version of its last root. */
  readonly root: number;
  /** Version of its own targets; null where there are no good ones. */
  readonly targets: number | null;
  /** ms since 1970; null = never. */
  readonly updated: number | null;
  /** Why nothing is judged by it at present, and what to do. */
  readonly problem: { readonly code: string; readonly detail: string } | null;
}

/** Peers that are not to be asked, and those to be asked before others. */
export interface WhichPeers {
  readonly except?: readonly string[];
  readonly first?: readonly string[];
}

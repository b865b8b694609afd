import type { DomainVersions } from "../wire/index.ts";

/** Newer documents of a domain that is carried here were heard of: look for them, at these peers first. Nothing that was said is believed. */
export interface DomainHint {
  readonly kind: "hinted";
  readonly domain: Uint8Array;
  readonly peers: readonly string[];
}

/** What somebody on this machine asks about trust domains. `domain`: the first DOMAIN_NAME_BYTES of the fingerprint. */
export type DomainCommand =
  /** Carries a domain for others: documents by path; none = no more. Others are told where `versions` are newer than before. */
  | {
      readonly do: "carry";
      readonly domain: Uint8Array;
      readonly documents: ReadonlyMap<string, Uint8Array>;
      readonly versions?: DomainVersions;
    }
  /** Peers that say that they carry a domain, but these, and `first` those; `deadline` in ms since 1970. */
  | {
      readonly do: "carriers";
      readonly domain: Uint8Array;
      readonly deadline: number;
      readonly except?: readonly string[];
      readonly first?: readonly string[];
    }
  /** A document of at most `most` octets, as one peer has it. */
  | {
      readonly do: "fetch";
      readonly from: string;
      readonly domain: Uint8Array;
      readonly path: string;
      readonly most: number;
    };

export type DomainResult =
  | { readonly ok: true; readonly do: "carry" }
  | { readonly ok: true; readonly do: "carriers"; readonly peers: readonly string[] }
  | { readonly ok: true; readonly do: "fetch"; readonly bytes: Uint8Array | null };

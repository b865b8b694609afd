/** A peer that is said to hold a feed, as others told; nothing of it is proven. */
export interface NamedPeer {
  readonly peer: string;
  /** How many of those that were asked name it. */
  readonly by: number;
  /** The network of its address (RULES R26); null = exempt. */
  readonly net: string | null;
}

/** What the engine asks of the DHT's provider records. Each ends in one ProviderEvent, or `failed`. */
export type ProviderEffect =
  /** Tells the peers closest to SHA-256 of the multihash of `key` (32 octets, as a SHA-256) that this one has what it stands for. */
  | { readonly kind: "provide"; readonly token: number; readonly key: Uint8Array; readonly timeoutMs: number }
  /** Asks them who has. */
  | {
      readonly kind: "providers";
      readonly token: number;
      readonly key: Uint8Array;
      readonly timeoutMs: number;
    }
  /** Connects with a peer that was named so, where an address of it may be dialled (RULES R27); `joined` tells of it as of any other. */
  | { readonly kind: "call"; readonly token: number; readonly peer: string; readonly timeoutMs: number };

export type ProviderEvent =
  /** So many were told. */
  | { readonly kind: "provided"; readonly token: number; readonly peers: number }
  /** Each peer once, at most MAX_PROVIDERS_OF_KEY for each that was asked. */
  | { readonly kind: "named"; readonly token: number; readonly peers: readonly NamedPeer[] }
  | { readonly kind: "called"; readonly token: number };

import type { Driver } from "./driver.ts";
import type { Clock } from "./edges.ts";
import { runCommand } from "./run-command.ts";

/** A trust domain that is pinned on the node's machine, as whoever looks after it says. */
export interface PinnedDomain {
  /** Fingerprint. */
  readonly domain: string;
  /** Versions of its last root and of its own targets; null where there are no good ones. */
  readonly root: number;
  readonly targets: number | null;
  /** ms since 1970; null = never. */
  readonly updated: number | null;
  /** Why nothing is judged by it at present, and what to do. */
  readonly problem: { readonly code: string; readonly detail: string } | null;
}

/** What a peer does with trust domains: it carries documents, and gets those of others, without looking into them. */
export interface Domains {
  /**
   * Serves these documents, by path, to whoever asks, and tells the DHT, until the node ends or is told otherwise; none = no more. `domain`:
   * the first DOMAIN_NAME_BYTES of the fingerprint. Rejects with `peer/no-room`.
   */
  carry(domain: Uint8Array, documents: ReadonlyMap<string, Uint8Array>): Promise<void>;
  /** Peers that say that they carry it, but these, at most MAX_CARRIERS. */
  carriers(domain: Uint8Array, deadlineMs: number, except?: readonly string[]): Promise<readonly string[]>;
  /** A document of at most `most` octets as one peer has it, null where it has none. Rejects where the peer does not answer as it should. */
  fetch(
    from: string,
    wanted: { readonly domain: Uint8Array; readonly path: string; readonly most: number },
  ): Promise<Uint8Array | null>;
  /** All domains that are pinned on this machine, for the node's status. */
  report(domains: readonly PinnedDomain[]): void;
  /** What was reported last. */
  readonly pinned: readonly PinnedDomain[];
}

export function domainsOn(driver: Driver, clock: Clock): Domains {
  let pinned: readonly PinnedDomain[] = [];
  return {
    report(domains): void {
      pinned = domains;
    },
    get pinned(): readonly PinnedDomain[] {
      return pinned;
    },
    async carry(domain, documents): Promise<void> {
      await runCommand(driver, { do: "carry", domain, documents }, "carry");
    },
    async carriers(domain, deadlineMs, except = []): Promise<readonly string[]> {
      const deadline = clock.now() + deadlineMs;
      return (await runCommand(driver, { do: "carriers", domain, deadline, except }, "carriers")).peers;
    },
    async fetch(from, wanted): Promise<Uint8Array | null> {
      return (await runCommand(driver, { do: "fetch", from, ...wanted }, "fetch")).bytes;
    },
  };
}

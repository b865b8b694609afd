import type { DomainVersions, DomainView, WhichPeers } from "../protocol/index.ts";
import type { Driver } from "./driver.ts";
import type { Clock } from "./edges.ts";
import { runCommand } from "./run-command.ts";

/** What a peer does with trust domains: it carries documents, and gets those of others, without looking into them. */
export interface Domains {
  /**
   * Serves these documents, by path, to whoever asks, and tells the DHT, until the node ends or is told otherwise; none = no more. `domain`:
   * the first DOMAIN_NAME_BYTES of the fingerprint. Those who carry it too are told where `versions` are newer. Rejects with `peer/no-room`.
   */
  carry(
    domain: Uint8Array,
    documents: ReadonlyMap<string, Uint8Array>,
    versions?: DomainVersions,
  ): Promise<void>;
  /** Tells of news of a domain that is carried here, which somebody says to have: at most one listener. */
  onHint(listener: (domain: Uint8Array, peers: readonly string[]) => void): void;
  /** Peers that say that they carry it, but not `except`, at most MAX_CARRIERS, `first` before others. */
  carriers(domain: Uint8Array, deadlineMs: number, which?: WhichPeers): Promise<readonly string[]>;
  /** A document of at most `most` octets as one peer has it, null where it has none. Rejects where the peer does not answer as it should. */
  fetch(
    from: string,
    wanted: { readonly domain: Uint8Array; readonly path: string; readonly most: number },
  ): Promise<Uint8Array | null>;
  /** All domains that are pinned on this machine, for the node's status. */
  report(domains: readonly DomainView[]): void;
  /** What was reported last. */
  readonly pinned: readonly DomainView[];
}

export function domainsOn(driver: Driver, clock: Clock): Domains {
  let pinned: readonly DomainView[] = [];
  return {
    report(domains): void {
      pinned = domains;
    },
    get pinned(): readonly DomainView[] {
      return pinned;
    },
    async carry(domain, documents, versions): Promise<void> {
      const said = versions === undefined ? {} : { versions };
      await runCommand(driver, { do: "carry", domain, documents, ...said }, "carry");
    },
    onHint(listener): void {
      driver.hinted = ({ domain, peers }) => listener(domain, peers);
    },
    async carriers(domain, deadlineMs, which = {}): Promise<readonly string[]> {
      const deadline = clock.now() + deadlineMs;
      return (await runCommand(driver, { do: "carriers", domain, deadline, ...which }, "carriers")).peers;
    },
    async fetch(from, wanted): Promise<Uint8Array | null> {
      return (await runCommand(driver, { do: "fetch", from, ...wanted }, "fetch")).bytes;
    },
  };
}

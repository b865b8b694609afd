import { multiaddr } from "@multiformats/multiaddr";
import type { Multiaddr } from "@multiformats/multiaddr";
import { isIP } from "node:net";
import { Networks } from "./networks.ts";

/** Places that others name, as far as this machine may go there. */
export interface Sorted {
  readonly allowed: readonly string[];
  readonly refused: readonly string[];
}

/**
 * Sorts what others name to begin from or to read (multiaddrs, web addresses): an address that means something only inside one network,
 * `localhost` too, is allowed where the operator named that network with a place of their own (RULES R27, `Networks`). What is no address
 * at all is refused too.
 */
export function sortForeign(places: readonly string[], named: readonly string[]): Sorted {
  const networks = new Networks(named.flatMap((place) => hostsOf(place) ?? []));
  const isAllowed = (place: string): boolean => {
    const hosts = hostsOf(place);
    return hosts !== null && hosts.length > 0 && hosts.every((host) => isName(host) || networks.allows(host));
  };
  return { allowed: places.filter(isAllowed), refused: places.filter((place) => !isAllowed(place)) };
}

/** Every host that stands in a place, `localhost` as the address that it is; null for what is no place, none for one without a host. */
function hostsOf(place: string): readonly Multiaddr[] | null {
  if (!place.startsWith("/")) {
    const host = URL.parse(place)?.hostname.replace(/^\[|\]$/g, "") ?? "";
    return host === "" ? null : hostAt(host);
  }
  try {
    return multiaddr(place)
      .getComponents()
      .flatMap(({ name, value }) => (HOSTS.has(name) && value !== undefined ? hostAt(value) : []));
  } catch {
    return null;
  }
}

const HOSTS: ReadonlySet<string> = new Set(["ip4", "ip6", "dns", "dns4", "dns6", "dnsaddr"]);

function hostAt(host: string): readonly Multiaddr[] {
  if (isIP(host) !== 0) return [multiaddr(`/ip${isIP(host)}/${host}`)];
  return /(?:^|\.)localhost\.?$/i.test(host) ? [multiaddr("/ip4/127.0.0.1")] : [multiaddr(`/dns/${host}`)];
}

function isName(host: Multiaddr): boolean {
  return host.getComponents()[0]?.name === "dns";
}

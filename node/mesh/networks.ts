import { tryGetNetConfig } from "@libp2p/utils";
import type { Multiaddr } from "@multiformats/multiaddr";
import { BlockList, isIP } from "node:net";
import { familyOf, isPrivateIp } from "../ip.ts";

/** How much of a private address names the network that it lies in. */
const PRIVATE_PREFIX = { ipv4: 16, ipv6: 48 } as const;
const LOOPBACK_PREFIX = 8;

/**
 * RULES R27: private addresses are dialled and announced only inside networks that the operator named, by an address
 * to listen on or to begin from: loopback as a whole, otherwise the /16 (IPv4) or /48 (IPv6) around each. Learned DNS
 * names are not dialled at all: they could name anything by the time that they are.
 */
export class Networks {
  readonly #named = new BlockList();
  readonly #written: Set<string>;
  /** Whether the operator named a private network: this mesh, or a part of it, lives inside one. */
  readonly private: boolean;

  constructor(configured: readonly Multiaddr[]) {
    this.#written = new Set(configured.map(String));
    let found = false;
    for (const address of configured) {
      const ip = ipOf(address);
      if (ip === null || !isPrivateIp(ip) || isUnspecified(ip)) continue;
      const type = familyOf(ip);
      const loopback = type === "ipv4" && ip.startsWith("127.");
      if (ip === "::1") this.#named.addAddress(ip, type);
      else this.#named.addSubnet(ip, loopback ? LOOPBACK_PREFIX : PRIVATE_PREFIX[type], type);
      found = true;
    }
    this.private = found;
  }

  /** Counts an address as written by the operator: a /dnsaddr of his resolved to it. */
  add(address: Multiaddr): void {
    this.#written.add(address.toString());
  }

  /** Whether this peer may dial the address, or tell others of it. */
  allows(address: Multiaddr): boolean {
    const ip = ipOf(address);
    if (ip === null) return this.#written.has(address.toString()) || this.#written.has(withoutPeer(address));
    return !isPrivateIp(ip) || this.#named.check(ip, familyOf(ip));
  }
}

/**
 * The network that an address counts for when answers are spread (RULES R26) or calls are counted: its /24 or /48; null
 * for loopback and private addresses, which are exempt.
 */
export function neighbourhood(ip: string): string | null {
  if (isPrivateIp(ip)) return null;
  if (familyOf(ip) === "ipv4") return ip.split(".").slice(0, 3).join(".");
  const [head = "", tail] = ip.split("::");
  const groups = head.split(":");
  return (tail === undefined ? groups : [...groups, "0", "0"]).slice(0, 3).join(":");
}

/** The IP address in a multiaddr; null where it has a name. */
export function ipOf(address: Multiaddr): string | null {
  const host = tryGetNetConfig(address)?.host;
  return host !== undefined && isIP(host) !== 0 ? host : null;
}

function withoutPeer(address: Multiaddr): string {
  return address.toString().replace(/\/p2p\/[^/]+$/, "");
}

function isUnspecified(ip: string): boolean {
  return ip === "0.0.0.0" || ip === "::";
}

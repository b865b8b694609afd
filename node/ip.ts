import { BlockList, isIP } from "node:net";

/**
 * Addresses that are nobody's on the public net: what IANA's registries of special-purpose addresses (RFC 6890) have as not globally reachable,
 * and multicast. libp2p's own list looks at how an address is written, and knows half of these.
 */
const SPECIAL_IPV4 = [
  ["0.0.0.0", 8], // this network, RFC 791
  ["10.0.0.0", 8], // private, RFC 1918
  ["100.64.0.0", 10], // shared behind a provider's NAT, RFC 6598
  ["127.0.0.0", 8], // loopback, RFC 1122
  ["169.254.0.0", 16], // link-local, RFC 3927
  ["172.16.0.0", 12], // private, RFC 1918
  ["192.0.0.0", 24], // for protocols, RFC 6890
  ["192.0.2.0", 24], // documentation, RFC 5737
  ["192.88.99.0", 24], // relays of 6to4, given up by RFC 7526
  ["192.168.0.0", 16], // private, RFC 1918
  ["198.18.0.0", 15], // benchmarks, RFC 2544
  ["198.51.100.0", 24], // documentation, RFC 5737
  ["203.0.113.0", 24], // documentation, RFC 5737
  ["224.0.0.0", 4], // multicast, RFC 5771
  ["240.0.0.0", 4], // reserved, RFC 1112, and broadcast, RFC 919
] as const;

/** All that hosts on the public net have in IPv6 (RFC 4291 and IANA): loopback, site-local, unique local and multicast lie outside. */
const GLOBAL_IPV6 = ["2000::", 3] as const;
/** What is special within that. */
const SPECIAL_IPV6 = [
  ["2001::", 23], // for protocols, RFC 2928
  ["2001:db8::", 32], // documentation, RFC 3849
  ["3fff::", 20], // documentation, RFC 9637
] as const;

/** Networks of IPv6 whose addresses stand for IPv4 ones, and where in the eight groups these are. */
const EMBEDDING: readonly Embedding[] = [
  { network: ["::ffff:0:0", 96], at: 6 }, // mapped, RFC 4291
  { network: ["64:ff9b::", 96], at: 6 }, // NAT64, RFC 6052
  { network: ["2002::", 16], at: 1 }, // 6to4, RFC 3056
  { network: ["2001::", 32], at: 2, inverted: 6 }, // Teredo, RFC 4380: its server, and itself with all bits changed
];

interface Embedding {
  readonly network: readonly [string, number];
  readonly at: number;
  readonly inverted?: number;
}

const specialIpv4 = listOf("ipv4", SPECIAL_IPV4);
const specialIpv6 = listOf("ipv6", SPECIAL_IPV6);
const globalIpv6 = listOf("ipv6", [GLOBAL_IPV6]);
const embedding = EMBEDDING.map((one) => ({ ...one, list: listOf("ipv6", [one.network]) }));

/** Whether an address means something only inside one network, or nothing at all (RULES R27). */
export function isPrivateIp(ip: string): boolean {
  if (familyOf(ip) === "ipv4") return specialIpv4.check(ip, "ipv4");
  // A zone says which of this machine's own networks is meant.
  if (ip.includes("%")) return true;
  const form = embedding.find(({ list }) => list.check(ip, "ipv6"));
  if (form !== undefined) return embeddedIn(ip, form).some((inside) => specialIpv4.check(inside, "ipv4"));
  return !globalIpv6.check(ip, "ipv6") || specialIpv6.check(ip, "ipv6");
}

export function familyOf(ip: string): "ipv4" | "ipv6" {
  return isIP(ip) === 6 ? "ipv6" : "ipv4";
}

function listOf(family: "ipv4" | "ipv6", networks: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of networks) list.addSubnet(network, prefix, family);
  return list;
}

/** The IPv4 addresses that an IPv6 address of that form is made from. */
function embeddedIn(ip: string, { at, inverted }: Embedding): readonly string[] {
  const groups = groupsOf(ip);
  const plain = dotted(groups, at, 0);
  return inverted === undefined ? [plain] : [plain, dotted(groups, inverted, 0xffff)];
}

function dotted(groups: readonly number[], first: number, mask: number): string {
  return groups
    .slice(first, first + 2)
    .flatMap((group) => [(group ^ mask) >> 8, (group ^ mask) & 0xff])
    .join(".");
}

/** Its eight numbers of 16 bits. */
function groupsOf(ip: string): readonly number[] {
  // Written anew, and without dots.
  const { hostname } = new URL(`http://[${ip}]`);
  const [head = [], tail = []] = hostname
    .slice(1, -1)
    .split("::")
    .map((part) => part.split(":").filter((group) => group !== ""));
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => "0");
  return [...head, ...zeros, ...tail].map((group) => Number.parseInt(group, 16));
}

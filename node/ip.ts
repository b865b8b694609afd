import { BlockList, isIP } from "node:net";

/** Addresses that mean something only inside one network: RFC 6890, and what is special in RFC 4291. */
const notGlobal = new BlockList();
for (const [net, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
] as const) {
  notGlobal.addSubnet(net, prefix, "ipv4");
}
for (const [net, prefix] of [
  ["::", 127],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
] as const) {
  notGlobal.addSubnet(net, prefix, "ipv6");
}

/** Whether an address means something only inside one network (RULES R27). */
export function isPrivateIp(ip: string): boolean {
  return notGlobal.check(ip, familyOf(ip));
}

export function familyOf(ip: string): "ipv4" | "ipv6" {
  return isIP(ip) === 6 ? "ipv6" : "ipv4";
}

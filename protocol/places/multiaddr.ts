/** Peers, and where they are. */
import { LAST_PORT } from "./written.ts";

/** A peer's id as it is written everywhere: in base58. */
export function isPeerId(text: string): boolean {
  return /^(?:Qm|1)[1-9A-HJ-NP-Za-km-z]{44,60}$/.test(text);
}

/** A multiaddr, such as `/ip4/192.0.2.1/tcp/7716` or `/dnsaddr/mesh.example.org`: what the mesh's own reader takes, which is too heavy for most commands. */
export function isMultiaddr(text: string): boolean {
  const words = text.split("/").filter((word) => word !== "");
  if (!text.startsWith("/") || words.length === 0) return false;
  for (let at = 0; at < words.length; at++) {
    const name = words[at] ?? "";
    if (BARE.has(name)) continue;
    const isValue = VALUED.get(name);
    const value = words[++at];
    if (isValue === undefined || value === undefined || !isValue(value)) return false;
  }
  return true;
}

/** Parts of a multiaddr that stand alone. */
const BARE: ReadonlySet<string> = new Set(
  (
    "udt utp tls noise quic quic-v1 webtransport http https ws wss p2p-websocket-star p2p-stardust " +
    "p2p-webrtc-star p2p-webrtc-direct webrtc-direct webrtc p2p-circuit"
  ).split(" "),
);

const isAny = (value: string): boolean => value !== "";
const isUpTo = (max: number) => (value: string) =>
  /^(?:0|[1-9][0-9]{0,4})$/.test(value) && Number(value) <= max;
const isPort = isUpTo(LAST_PORT);
const isIp4 = (value: string): boolean =>
  value.split(".").length === 4 && value.split(".").every(isUpTo(255));
const isIp6 = (value: string): boolean =>
  /^[0-9a-f:.]+(?:%.*)?$/i.test(value) && URL.canParse(`http://[${value.replace(/%.*/, "")}]/`);
/** In base58, or as a CID. */
const isPeer = (value: string): boolean => isPeerId(value) || /^[A-Za-z0-9]{46,}$/.test(value);

/** Those with a value behind them, and what it has to be. */
const VALUED: ReadonlyMap<string, (value: string) => boolean> = new Map([
  ["ip4", isIp4],
  ["ip6", isIp6],
  ["ipcidr", isUpTo(255)],
  ["p2p", isPeer],
  ["ipfs", isPeer],
  ...["tcp", "udp", "dccp", "sctp"].map((name) => [name, isPort] as const),
  ..."ip6zone dns dns4 dns6 dnsaddr unix onion onion3 garlic64 garlic32 sni certhash http-path memory"
    .split(" ")
    .map((name) => [name, isAny] as const),
]);

import { noise } from "@libp2p/noise";
import { tcp } from "@libp2p/tcp";
import { yamux } from "@libp2p/yamux";
import type { Libp2pOptions } from "libp2p";

type Transport = "transports" | "connectionEncrypters" | "streamMuxers" | "connectionGater";

/** What a libp2p host needs to speak with ours, on loopback too: options of one that has nothing else of ours. */
export const plainHost = (): Pick<Libp2pOptions, Transport> => ({
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  connectionGater: { denyDialMultiaddr: () => false },
});

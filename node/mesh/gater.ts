import type { ConnectionGater, PeerId } from "@libp2p/interface";
import type { Multiaddr } from "@multiformats/multiaddr";
import { MAX_BANS } from "../../protocol/index.ts";
import type { Networks } from "./networks.ts";

/** Whom this peer talks to: nobody that it hung up on, and no address outside the networks that it may dial (R27). */
export interface Gater extends ConnectionGater {
  /** No connection with the peer, in or out, until `until` (ms since 1970). */
  ban(peer: string, until: number): void;
}

/** `now` is asked whenever a connection is about to be made. */
export function openGater(networks: Networks, now: () => number): Gater {
  const bans = new Map<string, number>();
  const banned = (peer: PeerId): boolean => {
    const until = bans.get(peer.toString());
    if (until === undefined) return false;
    if (until > now()) return true;
    bans.delete(peer.toString());
    return false;
  };
  return {
    ban(peer: string, until: number): void {
      bans.delete(peer);
      bans.set(peer, until);
      // The oldest ban goes first: ids are free, so a longer list would only cost memory.
      for (const oldest of bans.keys()) {
        if (bans.size <= MAX_BANS) break;
        bans.delete(oldest);
      }
    },
    denyDialPeer: banned,
    denyInboundEncryptedConnection: banned,
    denyOutboundEncryptedConnection: banned,
    denyDialMultiaddr: (address: Multiaddr) => !networks.allows(address),
    filterMultiaddrForPeer: (_peer: PeerId, address: Multiaddr) => networks.allows(address),
  };
}

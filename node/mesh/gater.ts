import type { ConnectionGater, MultiaddrConnection, PeerId } from "@libp2p/interface";
import type { Multiaddr } from "@multiformats/multiaddr";
import { MAX_BANS, MAX_CALLS_OF_PEER } from "../../protocol/index.ts";
import { Callers, Tally } from "./callers.ts";
import { ipOf } from "./networks.ts";
import type { Networks } from "./networks.ts";

/**
 * Whom this peer talks to: nobody that it hung up on, no address outside the networks that it may dial (R27), and of one
 * neighbourhood, host or peer only so many that call (I9).
 */
export interface Gater extends ConnectionGater {
  /** No connection with the peer, in or out, for so many ms. */
  ban(peer: string, forMs: number): void;
}

/** `steady`: ms of a clock that is never set, asked whenever a connection is about to be made. */
export function openGater(networks: Networks, steady: () => number): Gater {
  const bans = new Map<string, number>();
  const banned = (peer: PeerId): boolean => {
    const until = bans.get(peer.toString());
    if (until === undefined) return false;
    if (until > steady()) return true;
    bans.delete(peer.toString());
    return false;
  };
  const callers = new Callers();
  const perPeer = new Tally();
  return {
    ban(peer: string, forMs: number): void {
      bans.delete(peer);
      bans.set(peer, steady() + forMs);
      // The oldest ban goes first: ids are free, so a longer list would only cost memory.
      for (const oldest of bans.keys()) {
        if (bans.size <= MAX_BANS) break;
        bans.delete(oldest);
      }
    },
    denyDialPeer: banned,
    denyInboundConnection(call: MultiaddrConnection): boolean {
      const ip = ipOf(call.remoteAddr);
      return ip !== null && !untilClosed(call, callers.enter(ip));
    },
    denyInboundEncryptedConnection: (peer: PeerId, call: MultiaddrConnection): boolean =>
      banned(peer) || !untilClosed(call, perPeer.enter(peer.toString(), MAX_CALLS_OF_PEER)),
    denyOutboundEncryptedConnection: banned,
    denyDialMultiaddr: (address: Multiaddr) => !networks.allows(address),
    filterMultiaddrForPeer: (_peer: PeerId, address: Multiaddr) => networks.allows(address),
  };
}

/** Keeps a place until the call is over; false where there was none. */
function untilClosed(call: MultiaddrConnection, leave: (() => void) | null): boolean {
  if (leave === null) return false;
  call.addEventListener("close", leave, { once: true });
  return true;
}

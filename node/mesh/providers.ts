/**
 * Provider records: who has what a key stands for. kad-dht keeps them and answers questions about them; its own walks for them are not used
 * here: one ends as soon as twenty providers were named, so that one liar on the way who names twenty hides all others, and what was
 * provided once is provided for ever. Each of those closest to the key is told, or asked, by itself.
 */
import { MessageType } from "@libp2p/kad-dht";
import type { KadDHT } from "@libp2p/kad-dht";
import type { Libp2p, PeerId, PeerInfo } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";
import { multiaddr } from "@multiformats/multiaddr";
import type { Multiaddr } from "@multiformats/multiaddr";
import { create as digestOf } from "multiformats/hashes/digest";
import { MAX_KNOWN_PEERS, MAX_PEER_ADDRESSES, MAX_PROVIDERS_OF_KEY } from "../../protocol/index.ts";
import type { NamedPeer } from "../../protocol/index.ts";
import { NodeError } from "../errors.ts";
import type { Dht } from "./dht.ts";
import { ipOf, neighbourhood } from "./networks.ts";
import type { Networks } from "./networks.ts";

const SHA2_256 = 0x12;
/** Which of kad-dht's parallel walks a message belongs to: none. */
const NO_PATH = { index: -1, queued: 0, running: 0, total: 0 };

export class ProviderRecords {
  readonly #libp2p: Libp2p;
  readonly #network: Network;
  readonly #dht: Dht;
  readonly #networks: Networks;
  /** Where those can be called who were named last. */
  readonly #addresses = new Map<string, readonly Multiaddr[]>();

  constructor(libp2p: Libp2p, kad: KadDHT, dht: Dht, networks: Networks) {
    this.#libp2p = libp2p;
    this.#network = networkOf(kad);
    this.#dht = dht;
    this.#networks = networks;
  }

  /** How many were told; 0 for a peer that nobody can call. Rejects with `node/busy`, `mesh/timeout`. */
  async provide(key: Uint8Array, timeoutMs: number): Promise<number> {
    const multiaddrs = this.#libp2p.getMultiaddrs().slice(0, MAX_PEER_ADDRESSES);
    if (multiaddrs.length === 0) return 0;
    const own = {
      id: this.#libp2p.peerId.toMultihash().bytes,
      multiaddrs: multiaddrs.map(({ bytes }) => bytes),
    };
    const name = nameOf(key);
    const message = { type: MessageType.ADD_PROVIDER, key: name, providers: [own] };
    const told = await this.#each(name, timeoutMs, async (peer, signal) => {
      for await (const event of this.#network.sendMessage(peer, message, { signal, path: NO_PATH }))
        if (event.name === "PEER_RESPONSE") return true;
      return false;
    });
    return told.filter(Boolean).length;
  }

  /** Rejects with `node/busy`, `mesh/timeout`; whoever is silent or answers junk names nobody. */
  async find(key: Uint8Array, timeoutMs: number): Promise<readonly NamedPeer[]> {
    const name = nameOf(key);
    const message = { type: MessageType.GET_PROVIDERS, key: name };
    const answers = await this.#each(name, timeoutMs, async (peer, signal) => {
      for await (const event of this.#network.sendRequest(peer, message, { signal, path: NO_PATH }))
        if (event.name === "PEER_RESPONSE") return event.providers.slice(0, MAX_PROVIDERS_OF_KEY);
      return [];
    });
    const named = new Map<string, NamedPeer>();
    for (const answer of answers) {
      const heard = new Set<string>();
      for (const info of answer) {
        const peer = info.id.toString();
        const addresses = this.#usable(info);
        if (heard.has(peer) || addresses.length === 0) continue;
        heard.add(peer);
        this.#remember(peer, addresses);
        named.set(peer, { peer, by: (named.get(peer)?.by ?? 0) + 1, net: netOf(addresses) });
      }
    }
    return [...named.values()];
  }

  /** Calls a peer where those who named it say that it is; the gater has the last word (RULES R27). */
  async call(peer: string, timeoutMs: number): Promise<void> {
    const addresses = this.#addresses.get(peer) ?? [];
    if (addresses.length === 0)
      throw new NodeError("mesh/unreachable", `nobody has told an address of ${peer}`);
    const full = addresses.map((address) => multiaddr(`${address.toString()}/p2p/${peer}`));
    try {
      await this.#libp2p.dial(full, { signal: AbortSignal.timeout(timeoutMs) });
    } catch (cause) {
      throw new NodeError("mesh/unreachable", `cannot call ${peer}: ${String(cause)}; it may have gone`, {
        cause,
      });
    }
  }

  /** Puts something to each of the peers closest to a name, all at once; half of the time is for finding them. */
  async #each<Value>(
    name: Uint8Array,
    timeoutMs: number,
    put: (peer: PeerId, signal: AbortSignal) => Promise<Value>,
  ): Promise<readonly Value[]> {
    const closest = await this.#dht.lookup(name, timeoutMs / 2);
    const signal = AbortSignal.timeout(timeoutMs / 2);
    return Promise.all(closest.map((peer) => put(peerIdFromString(peer), signal)));
  }

  /** Addresses without the peer's name that may be dialled. */
  #usable({ id, multiaddrs }: PeerInfo): readonly Multiaddr[] {
    if (id.equals(this.#libp2p.peerId)) return [];
    const own = `/p2p/${id.toString()}`;
    return multiaddrs
      .slice(0, MAX_PEER_ADDRESSES)
      .map((address) => multiaddr(address.toString().replace(own, "")))
      .filter((address) => !address.toString().includes("/p2p/") && this.#networks.allows(address));
  }

  #remember(peer: string, addresses: readonly Multiaddr[]): void {
    this.#addresses.delete(peer);
    this.#addresses.set(peer, addresses);
    if (this.#addresses.size <= MAX_KNOWN_PEERS) return;
    const [oldest] = this.#addresses.keys();
    if (oldest !== undefined) this.#addresses.delete(oldest);
  }
}

/** Kademlia names what is provided by its multihash. */
function nameOf(key: Uint8Array): Uint8Array {
  return digestOf(SHA2_256, key).bytes;
}

function netOf([first]: readonly Multiaddr[]): string | null {
  const ip = first === undefined ? null : ipOf(first);
  return ip === null ? null : neighbourhood(ip);
}

/** What kad-dht does with one peer, as far as it is used here. */
interface Network {
  sendRequest(to: PeerId, message: Message, options: Sending): AsyncIterable<Outcome>;
  sendMessage(to: PeerId, message: Message, options: Sending): AsyncIterable<Outcome>;
}

interface Message {
  readonly type: MessageType;
  readonly key: Uint8Array;
  readonly providers?: readonly { readonly id: Uint8Array; readonly multiaddrs: readonly Uint8Array[] }[];
}

interface Sending {
  readonly signal: AbortSignal;
  readonly path: typeof NO_PATH;
}

type Outcome =
  | { readonly name: "PEER_RESPONSE"; readonly providers: readonly PeerInfo[] }
  | { readonly name: "DIAL_PEER" | "SEND_QUERY" | "QUERY_ERROR" };

/** The interface that kad-dht exports leaves it out; the service has it. */
function networkOf(dht: KadDHT): Network {
  const { network } = dht as KadDHT & { readonly network?: Network };
  if (network === undefined) throw new NodeError("mesh/unreachable", "this kad-dht sends no single messages");
  return network;
}

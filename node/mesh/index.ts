/** The mesh: libp2p behind the driver's `Transport`. Nothing outside this folder knows libp2p. */
import { join } from "node:path";
import type { Libp2p } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";
import { DROP_MS, networkNames } from "../../protocol/index.ts";
import type { Stream } from "../../protocol/index.ts";
import type { Transport, TransportListener } from "../edges.ts";
import { NodeError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Database } from "../store/index.ts";
import { Answering } from "./answering.ts";
import { Asking } from "./asking.ts";
import { AddressBook, readAddresses } from "./addresses.ts";
import { Dht } from "./dht.ts";
import { openGater } from "./gater.ts";
import { headRecords } from "./heads.ts";
import { openHost } from "./host.ts";
import { identifyAll } from "./identified.ts";
import { Keeper } from "./keeper.ts";
import { Networks } from "./networks.ts";
import { ProviderRecords } from "./providers.ts";

export { sortForeign } from "./foreign.ts";
export type { Sorted } from "./foreign.ts";

export interface MeshConfig {
  readonly network: string;
  /** Where the peer key and the address book lie; null = a new peer each time. */
  readonly folder: string | null;
  /** Where libp2p keeps its rows; null = in memory. */
  readonly database: Database | null;
  readonly listen: readonly string[];
  readonly bootstrap: readonly string[];
  readonly light: boolean;
  readonly log: Log;
  /** ms since 1970. */
  readonly now: () => number;
  /** ms of a clock that is never set; where it is not given, the process's. */
  readonly steady?: () => number;
}

/** One connection, for people. */
export interface MeshPeer {
  readonly peer: string;
  readonly addresses: readonly string[];
  readonly direction: "in" | "out";
  readonly since: number;
}

export interface Mesh extends Transport {
  /** Joins the mesh; from now on the listener is told. Rejects with `config/bad-address` if it cannot listen. */
  serve(listener: TransportListener): Promise<void>;
  /**
   * Resolves when everybody configured was called and those who answered have joined, at the latest after `ms`: before
   * that there is nobody to ask.
   */
  met(ms: number): Promise<void>;
  /** Own addresses with peer id, once it serves. */
  addresses(): readonly string[];
  peers(): readonly MeshPeer[];
  close(): Promise<void>;
}

const STOP_MS = 1_500;

/** Throws `config/bad-address`, `data/…`; nothing is connected before `serve`. */
export async function openMesh(config: MeshConfig): Promise<Mesh> {
  const listen = readAddresses(config.listen, "--listen");
  const bootstrap = readAddresses(config.bootstrap, "--bootstrap");
  const networks = new Networks([...listen, ...bootstrap]);
  const { now, steady = () => performance.now() } = config;
  const gater = openGater(networks, steady);
  const heads = headRecords(config.network);
  const host = await openHost({ ...config, listen, bootstrap, networks, gater, heads, now: now() });
  const { libp2p } = host;
  const book = await AddressBook.open(config.folder === null ? null : join(config.folder, "peers.json"));
  const keeper = new Keeper(libp2p, bootstrap, book, config.log, { now, steady });
  const company = new Company();
  const protocols = protocolsOf(config.network);
  const drop = (peer: string, forMs: number): void => {
    gater.ban(peer, forMs);
    book.forget(peer);
    hangUp(libp2p, peer, config.log);
  };
  const blame = (peer: string, why: string): void => {
    config.log.info({ event: "peer-dropped", peer, why, forMs: DROP_MS }, "hung up on a peer");
    drop(peer, DROP_MS);
  };
  const asking = new Asking(libp2p, protocols, blame);
  const dht = new Dht(libp2p, host.dht, heads, config.log);
  const providers = new ProviderRecords(libp2p, host.dht, dht, networks);
  const gossip = host.pubsub === null ? null : { pubsub: host.pubsub, ...(await import("./gossip.ts")) };
  return {
    self: libp2p.peerId.toString(),
    gossip: (topic, bytes) => gossip?.publish(gossip.pubsub, config.network, topic, bytes, config.log),
    ask: (to, stream, bytes, timeoutMs) => asking.ask(to, stream, bytes, timeoutMs),
    lookup: (key, timeoutMs) => dht.lookup(key, timeoutMs),
    region: (key, timeoutMs) => dht.region(key, timeoutMs),
    recall: (key, timeoutMs) => dht.recall(key, timeoutMs),
    near: (keys) => keys.map((key) => dht.isNear(key)),
    announce: (key, value) => dht.announce(key, value),
    provide: (key, timeoutMs) => providers.provide(key, timeoutMs),
    providers: (key, timeoutMs) => providers.find(key, timeoutMs),
    call: (peer, timeoutMs) => providers.call(peer, timeoutMs),
    drop,
    async serve(listener): Promise<void> {
      await company.watch(libp2p, protocols.tiles, listener);
      if (!config.light) await new Answering(listener, blame).serve(libp2p, protocols);
      identifyAll(libp2p, host.identify, config.log);
      await start(libp2p, config.listen);
      gossip?.joinTopics(gossip.pubsub, config.network, listener, blame);
      keeper.start(config.light ? null : () => dht.seek());
    },
    met: (ms) => Promise.race([company.met(keeper), later(ms)]),
    addresses: () => libp2p.getMultiaddrs().map(String),
    peers: () => libp2p.getConnections().map(viewOf),
    async close(): Promise<void> {
      await keeper.stop();
      asking.close();
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, STOP_MS);
      await Promise.race([Promise.resolve(libp2p.stop()), late.promise]);
      clearTimeout(timer);
      await host.flush().catch((error: unknown) => {
        config.log.debug(
          { event: "peers-not-kept", error: String(error) },
          "could not keep what is known of peers",
        );
      });
    },
  };
}

function protocolsOf(network: string): Readonly<Record<Stream, string>> {
  const { tilesStream, queryStream, recordsStream } = networkNames(network);
  return { tiles: tilesStream, query: queryStream, records: recordsStream };
}

/** The peers that answer questions in this network. */
class Company {
  readonly #joined = new Set<string>();
  #changed = Promise.withResolvers<void>();

  /** Tells of each once, until it is gone. */
  async watch(libp2p: Libp2p, protocol: string, listener: TransportListener): Promise<void> {
    await libp2p.register(protocol, {
      onConnect: (peer) => {
        const name = peer.toString();
        if (this.#joined.has(name)) return;
        this.#joined.add(name);
        listener.joined(name);
        this.#changed.resolve();
        this.#changed = Promise.withResolvers<void>();
      },
      onDisconnect: (peer) => {
        if (this.#joined.delete(peer.toString())) listener.left(peer.toString());
      },
    });
  }

  async met(keeper: Keeper): Promise<void> {
    const wanted = await keeper.called();
    while (!wanted.every((name) => this.#joined.has(name))) await this.#changed.promise;
  }
}

async function later(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms).unref());
}

async function start(libp2p: Libp2p, listen: readonly string[]): Promise<void> {
  try {
    await libp2p.start();
  } catch (cause) {
    const [why = String(cause)] = /listen E[A-Z]+: .*/.exec(String(cause)) ?? [];
    throw new NodeError(
      "config/bad-address",
      `cannot listen on ${listen.join(", ")}: ${why.trim()}; choose others with --listen, or none`,
      { cause },
    );
  }
}

function hangUp(libp2p: Libp2p, peer: string, log: Log): void {
  libp2p.hangUp(peerIdFromString(peer)).catch((error: unknown) => {
    log.debug({ event: "peer-not-dropped", peer, error: String(error) }, "could not hang up");
  });
}

function viewOf(connection: ReturnType<Libp2p["getConnections"]>[number]): MeshPeer {
  return {
    peer: connection.remotePeer.toString(),
    addresses: [connection.remoteAddr.toString()],
    direction: connection.direction === "inbound" ? "in" : "out",
    since: connection.timeline.open,
  };
}

import { identify } from "@libp2p/identify";
import type { Identify } from "@libp2p/identify";
import type { Libp2p } from "@libp2p/interface";
import { kadDHT } from "@libp2p/kad-dht";
import type { KadDHT, KadDHTInit } from "@libp2p/kad-dht";
import { ping } from "@libp2p/ping";
import { tcp } from "@libp2p/tcp";
import type { GossipSub } from "@libp2p/gossipsub";
import type { Multiaddr } from "@multiformats/multiaddr";
import { createLibp2p, dnsaddrResolver } from "libp2p";
import type { Libp2pOptions } from "libp2p";
import {
  HANDSHAKE_MS,
  MAX_ADDRESS_BYTES,
  MAX_CHECKPOINT_BYTES,
  MAX_CONNECTIONS,
  MAX_PEER_ADDRESSES,
  MAX_WRITE_BUFFER_BYTES,
  networkNames,
  PING_INTERVAL_MS,
  PING_TIMEOUT_MS,
  PROVIDER_MS,
} from "../../protocol/index.ts";
import type { Database } from "../store/index.ts";
import { setBounds } from "./bounds.ts";
import type { PeerDatastore } from "./datastore.ts";
import type { Gater } from "./gater.ts";
import type { HeadRecords } from "./heads.ts";
import { peerKey } from "./identity.ts";
import { thriftyYamux } from "./muxer.ts";
import { wholeNoise } from "./noise.ts";
import type { Networks } from "./networks.ts";
import { quietLogger } from "./quiet.ts";
import { resolverFor } from "./resolver.ts";

export interface HostConfig {
  readonly network: string;
  readonly folder: string | null;
  readonly database: Database | null;
  readonly listen: readonly Multiaddr[];
  readonly bootstrap: readonly Multiaddr[];
  readonly light: boolean;
  readonly networks: Networks;
  readonly gater: Gater;
  readonly heads: HeadRecords;
  readonly now: number;
}

/** A libp2p node that is not started, and its services. A light peer has no gossip. */
export interface Host {
  readonly libp2p: Libp2p;
  /** Asks nobody by itself. */
  readonly identify: Identify;
  readonly dht: KadDHT;
  readonly pubsub: GossipSub | null;
  /** Writes what libp2p knows of others. */
  flush(): Promise<void>;
}

/** Puts libp2p together: what is not needed is not loaded, since a light peer starts for one question. */
export async function openHost(config: HostConfig): Promise<Host> {
  setBounds(config.network);
  const datastore = await openDatastore(config);
  const options = { ...(await optionsFor(config)), ...(datastore === null ? {} : { datastore }) };
  const flush = async (): Promise<void> => datastore?.flush();
  const services = {
    identify: identify({ timeout: 3_000, runOnConnectionOpen: false }),
    ping: ping(),
    dht: kadDHT(dhtOptions(config)),
  };
  if (config.light) {
    const libp2p = await createLibp2p({ ...options, services });
    const { identify: asker, dht } = libp2p.services;
    return { libp2p, identify: asker, dht, pubsub: null, flush };
  }
  const { gossipService } = await import("./gossip.ts");
  const libp2p = await createLibp2p({
    ...options,
    services: { ...services, pubsub: gossipService(config.network) },
  });
  const { identify: asker, dht, pubsub } = libp2p.services;
  return { libp2p, identify: asker, dht, pubsub, flush };
}

async function optionsFor(config: HostConfig): Promise<Libp2pOptions> {
  const { networks, gater, listen } = config;
  // Inside a private network many peers share an address, and no stranger is there to flood us.
  const perHost = networks.private ? 100 : 5;
  const webSockets = !config.light || config.bootstrap.some(isWebSocket);
  const transports: NonNullable<Libp2pOptions["transports"]> = [
    tcp({ maxConnections: MAX_CONNECTIONS, backlog: 32 }),
  ];
  if (webSockets) transports.push((await import("./websockets.ts")).boundedWebSockets());
  const logger = quietLogger();
  return {
    ...(logger === null ? {} : { logger }),
    start: false,
    privateKey: await peerKey(config.folder),
    nodeInfo: { name: "samebits", version: "1" },
    addresses: {
      listen: listen.map(String),
      announceFilter: (addresses) => addresses.filter((address) => networks.allows(address)),
    },
    transports,
    connectionEncrypters: [wholeNoise()],
    streamMuxers: [
      thriftyYamux({
        maxInboundStreams: 128,
        // The connection monitor pings as well.
        enableKeepAlive: false,
        streamOptions: { maxWriteBufferLength: MAX_WRITE_BUFFER_BYTES },
      }),
    ],
    connectionManager: {
      maxConnections: MAX_CONNECTIONS,
      inboundConnectionThreshold: perHost,
      maxIncomingPendingConnections: 4 * perHost,
      maxPeerAddrsToDial: 8,
      dialTimeout: 5_000,
      addressDialTimeout: 3_000,
      inboundUpgradeTimeout: HANDSHAKE_MS,
      // Whom to call again, and when, is the keeper's business.
      reconnectRetries: 0,
      resolvers: { dnsaddr: resolverFor(networks, dnsaddrResolver) },
    },
    connectionMonitor: { pingInterval: PING_INTERVAL_MS, pingTimeout: { minTimeout: PING_TIMEOUT_MS } },
    connectionGater: gater,
    // What a provider told of itself is known for as long as its record lives (js-libp2p: one hour, and six).
    peerStore: { maxAddressAge: PROVIDER_MS, maxPeerAge: PROVIDER_MS },
  };
}

async function openDatastore({ database, heads, now }: HostConfig): Promise<PeerDatastore | null> {
  if (database === null) return null;
  const { PeerDatastore: Datastore } = await import("./datastore.ts");
  const datastore = new Datastore(database, heads);
  await datastore.open(now);
  return datastore;
}

function dhtOptions(config: HostConfig): KadDHTInit {
  const { network, networks, heads, light, listen } = config;
  const timeout = { minTimeout: 1_000, maxTimeout: 2_000 };
  const refuse = (): never => {
    throw new Error("only head records are kept here");
  };
  const options: KadDHTInit = {
    protocol: networkNames(network).dhtProtocol,
    allowQueryWithZeroPeers: true,
    // Without this a peer that takes a question and never answers holds a look-up for a minute.
    networkDialTimeout: timeout,
    pingNewContactTimeout: timeout,
    pingOldContactTimeout: timeout,
    maxInboundStreams: 16,
    peerInfoMapper: (info) => ({
      ...info,
      multiaddrs: info.multiaddrs
        .filter((address) => networks.allows(address) && address.bytes.length <= MAX_ADDRESS_BYTES)
        .slice(0, MAX_PEER_ADDRESSES),
    }),
    reprovide: { validity: PROVIDER_MS },
    validators: {
      pk: refuse,
      [heads.namespace]: (key, value) => {
        if (value.length > MAX_CHECKPOINT_BYTES) throw new Error("this head record is too long");
        heads.sizeOf(key, value);
      },
    },
    selectors: {
      [heads.namespace]: (key, values) => {
        const sizes = values.map((value) => heads.sizeOf(key, value));
        return sizes.indexOf(Math.max(...sizes));
      },
    },
  };
  // Who cannot be called serves nobody; who can is a server, on the public net as soon as its address is known to be one.
  if (light || listen.length === 0) return { ...options, clientMode: true };
  return networks.private ? { ...options, clientMode: false } : options;
}

function isWebSocket(address: Multiaddr): boolean {
  return address.getComponents().some(({ name }) => name === "ws" || name === "wss");
}

import { isNetworkName } from "../protocol/index.ts";
import type { Cosigner, Origin, PublicKey } from "../protocol/index.ts";
import { NodeError } from "./errors.ts";
import type { PolicyView } from "./policies.ts";

/** What a node is told once, when it starts. The command line reads files and flags; a node only takes values. */
export interface NodeConfig {
  readonly network: string;
  /** Folder of keys, store and own head; null = everything in memory, gone when the node ends. */
  readonly dataDir: string | null;
  /** Multiaddrs; none = outbound only. */
  readonly listen: readonly string[];
  /** Multiaddrs, `/dnsaddr/…` too. */
  readonly bootstrap: readonly string[];
  /** Whose word alone counts after a restore (I1): peer ids, and mirrors that stand in `mirrors` too. */
  readonly anchors: readonly string[];
  /** Feeds in static files: `https://HOST/PATH`, `http://…`, `file:DIR`. */
  readonly mirrors: readonly string[];
  /** PKCS#8 PEM text of the own feed's key; null = a carrier feed whose key lies in the data folder. */
  readonly publishKey: string | null;
  /** PKCS#8 PEM text of the key that cosigns heads of followed feeds; null = no witness. */
  readonly witnessKey: string | null;
  /** Witnesses whose cosignatures are kept of every feed. */
  readonly witnesses?: readonly Cosigner[];
  /** The feed that is recovered: followed, and not published to; with the head of it that is known here. */
  readonly recovers?: { readonly origin: Origin; readonly known: Uint8Array | null };
  /** The feed of `publishKey` begins now (RULES R13). */
  readonly first: boolean;
  readonly follow: {
    readonly all: boolean;
    readonly origins: readonly Origin[];
    readonly builders: readonly PublicKey[];
  };
  /** What people are shown of the policies that all this comes from; left out = none. */
  readonly policies?: readonly PolicyView[];
  /** Keeps no foreign feed, answers nobody, publishes nothing: only finds. */
  readonly light: boolean;
  /** Octets that feeds may take which nobody here follows, and those that are followed. */
  readonly maxStoreBytes: number;
  readonly maxFollowedBytes: number;
  /** The HTTP interface; null = none. */
  readonly api: {
    /** `HOST:PORT`; null = the unix socket alone. */
    readonly listen: string | null;
    /** Serve every route beyond loopback too. */
    readonly public: boolean;
    /** Names, beside loopback, that requests may give as Host. */
    readonly hosts: readonly string[];
  } | null;
  /** rebuilderd's read interface; left out = none. */
  readonly rebuilderd?: RebuilderdConfig;
  readonly log: LogLevel;
  /** The released version, for those who look at many nodes. */
  readonly version?: string;
}

/** rebuilderd's read interface: where, and for whose attestations. */
export interface RebuilderdConfig {
  /** `HOST:PORT`. */
  readonly listen: string;
  /** Listen beyond loopback too. */
  readonly public: boolean;
  /** Names, beside `localhost`, behind which builders' names may stand in Host. */
  readonly hosts: readonly string[];
  readonly builders: readonly {
    readonly name: string;
    /** Until when a key counts: ms since 1970, null = no end is known. */
    readonly keys: readonly { readonly key: PublicKey; readonly until: number | null }[];
  }[];
  /** The distribution that .deb files are of. */
  readonly namespace: string;
}

export type LogLevel = "silent" | "warn" | "info" | "debug";

const SMALLEST_STORE = 1024 * 1024;

/** The configuration of a full node that nobody told anything: in the data folder, not listening, following nothing. */
export function defaultConfig(dataDir: string): NodeConfig {
  return {
    network: "main",
    dataDir,
    listen: [],
    bootstrap: [],
    mirrors: [],
    anchors: [],
    publishKey: null,
    witnessKey: null,
    first: false,
    follow: { all: false, origins: [], builders: [] },
    light: false,
    maxStoreBytes: 4 * 1024 ** 3,
    maxFollowedBytes: 32 * 1024 ** 3,
    api: null,
    log: "warn",
  };
}

/** The configuration of a peer that only asks, for as long as one command runs. */
export function lightConfig(network: string, bootstrap: readonly string[]): NodeConfig {
  return { ...defaultConfig(""), network, bootstrap, dataDir: null, light: true };
}

/** Throws `config/…` for what no node can be started with; addresses are read by the mesh. */
export function checkConfig(config: NodeConfig): void {
  if (!isNetworkName(config.network)) {
    throw new NodeError(
      "config/bad-network",
      `${JSON.stringify(config.network)} is not a network name: 1 to 32 of a-z, 0-9 and -`,
    );
  }
  if (!Number.isSafeInteger(config.maxStoreBytes) || config.maxStoreBytes < SMALLEST_STORE) {
    throw new NodeError(
      "config/out-of-range",
      `--max-store ${config.maxStoreBytes}: a store has at least ${SMALLEST_STORE} octets; give more, e.g. 1G`,
    );
  }
  if (!Number.isSafeInteger(config.maxFollowedBytes) || config.maxFollowedBytes < SMALLEST_STORE) {
    throw new NodeError(
      "config/out-of-range",
      `--max-followed ${config.maxFollowedBytes}: followed feeds have at least ${SMALLEST_STORE} octets; give more, e.g. 32G`,
    );
  }
  if (config.first && config.publishKey === null) {
    throw new NodeError("config/out-of-range", "--first begins the feed of --publish-key: give both");
  }
  if (config.dataDir === null && !config.light) {
    throw new NodeError(
      "config/out-of-range",
      "only a light peer lives without a data folder, a feed in memory would fork: name a folder with --data",
    );
  }
}

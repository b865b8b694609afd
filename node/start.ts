import { randomInt } from "node:crypto";
import { join } from "node:path";
import { createEngine, origin, parseAttestation } from "../protocol/index.ts";
import type {
  Caution,
  EngineConfig,
  FindResult,
  PublishedEntry,
  Question,
  StatusResult,
  WitnessAnswer,
} from "../protocol/index.ts";
import type { Api, ApiNode, Gateway } from "./api/index.ts";
import { beginBackground } from "./background.ts";
import { openChecker } from "./check.ts";
import { checkConfig } from "./config.ts";
import type { NodeConfig } from "./config.ts";
import { diskOf, followedRoom } from "./disk-room.ts";
import { domainsOn } from "./domains.ts";
import type { Domains } from "./domains.ts";
import { Driver } from "./driver.ts";
import type { Clock, Store } from "./edges.ts";
import type { NodeError } from "./errors.ts";
import { acknowledgedOf, findingsAfter, followFindings } from "./findings.ts";
import { openLog } from "./log.ts";
import type { Log } from "./log.ts";
import type { Mesh, MeshConfig } from "./mesh/index.ts";
import type { MirroredTransport } from "./mirror/index.ts";
import { openOwnFeed } from "./own-feed.ts";
import { pictureOn } from "./picture/index.ts";
import type { Picture } from "./picture/index.ts";
import { readIfThere } from "./private-file.ts";
import { runCommand } from "./run-command.ts";
import { memoryStore, openStore } from "./store/index.ts";
import type { Database } from "./store/index.ts";
import { openWitness } from "./witness-key.ts";
import type { WitnessKey } from "./witness-key.ts";

/** A running peer. Whatever it answers is bytes for the asker to check. */
export interface Node extends ApiNode {
  readonly picture: Picture;
  readonly domains: Domains;
  /** URL of the HTTP interface; null without one. */
  readonly api: string | null;
  /** URL of rebuilderd's interface; null without one. */
  readonly rebuilderd: string | null;
  /** Origin of its own feed; null for a light peer. */
  readonly origin: string | null;
  /** Resolves when its store or own-head file has failed; `keepNode` starts it anew then. */
  readonly broken: Promise<NodeError>;
  /** Stops cleanly: nothing that was acknowledged is lost. Takes at most 5 s. */
  close(): Promise<void>;
}

/** ms that a light peer waits for those whom it was told to begin from. */
const MEET_MS = 2_000;

const clock: Clock = {
  now: () => Date.now(),
  at(at, run) {
    const timer = setTimeout(run, Math.max(0, at - Date.now()));
    return () => clearTimeout(timer);
  },
};

/**
 * Starts a peer: opens its store and feed, joins the mesh, serves. Rejects with a `NodeError` that says what to do, and
 * leaves nothing open. `log`: what it writes to; else its own, by `config.log`.
 */
export async function startNode(config: NodeConfig, log?: Log): Promise<Node> {
  checkConfig(config);
  const open: (() => Promise<void>)[] = [];
  const close = (): Promise<void> => closeAll(open.splice(0).reverse());
  try {
    return await start(config, log ?? (await openLog(config.log)), open, close);
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
}

/** One after the other, each whatever became of those before it. */
async function closeAll(open: readonly (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of open) await close().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

async function start(
  config: NodeConfig,
  log: Log,
  open: (() => Promise<void>)[],
  close: () => Promise<void>,
): Promise<Node> {
  const loading = import("./mesh/index.ts");
  const { store, database } = await openRows(config);
  open.push(() => store.close());
  const own = await openOwnFeed(config);
  const feedKey = own.signer?.publicKey ?? null;
  const witness = openWitness(config, feedKey);
  const { openMesh } = await loading;
  const mesh = await openMesh(meshConfig(config, database, log));
  open.push(() => mesh.close());
  const checker = openChecker();
  open.push(() => checker.close());
  const { network, follow, light, maxStoreBytes } = config;
  const maxFollowedBytes = await followedRoom(config.dataDir, config.maxFollowedBytes);
  const rooms = { maxStoreBytes, maxFollowedBytes };
  const extras = await extrasOf(config, witness);
  const engine = createEngine(
    { network, self: mesh.self, feedKey, first: own.first, follow, light, ...rooms, ...extras },
    random,
  );
  const mirrored = await openMirrors(config, mesh);
  const driver = new Driver(engine, {
    store,
    ownHead: own.ownHead,
    transport: mirrored ?? mesh,
    signer: own.signer,
    witness: witness?.signer ?? null,
    checker,
    clock,
    log,
  });
  open.push(() => driver.close());
  if (mirrored !== null) open.push(async () => mirrored.close());
  await driver.open();
  await own.begun();
  await mesh.serve(driver.listener);
  mirrored?.begin(driver.listener);
  // It was started to ask, so it starts when there is somebody to ask.
  if (light) await mesh.met(MEET_MS);
  const domains = domainsOn(driver, clock);
  const picture = pictureOn(driver, config, { store, checker, clock, log });
  const peer = { ...nodeOn(config, driver, mesh), domains, picture };
  const { api, gateway } = await openDoors(config, peer, log, open);
  if (!light) open.push(await beginBackground(peer, clock, log));
  log.info({ event: "serving", peer: mesh.self, listen: mesh.addresses(), api: api?.url ?? null }, "serving");
  if (feedKey !== null) await tellOwnFeed(peer, log);
  return {
    ...peer,
    api: api?.url ?? null,
    rebuilderd: gateway?.url ?? null,
    origin: feedKey === null ? null : origin(network, feedKey),
    broken: driver.broken,
    close,
  };
}

/** Says what keeps the own feed from being published to. */
async function tellOwnFeed(node: Pick<ApiNode, "status">, log: Log): Promise<void> {
  const { own } = await node.status();
  if (own === null) return;
  const { origin: feed, state, reason } = own;
  if (state === "not-begun")
    log.warn(
      { event: "own-feed-not-begun", origin: feed },
      "this feed was not begun here, nothing can be published: see --first",
    );
  else if (reason !== null)
    log.warn(
      { event: `own-feed-${state}`, origin: feed, reason },
      `this feed is ${state}: nothing can be published`,
    );
}

/** What not every engine has. */
async function extrasOf(
  config: NodeConfig,
  witness: WitnessKey | null,
): Promise<Pick<EngineConfig, "caution" | "recovers" | "witness" | "witnesses">> {
  return {
    caution: await cautionOf(config),
    ...(config.recovers === undefined ? {} : { recovers: config.recovers }),
    ...(witness === null ? {} : { witness: witness.cosigner }),
    ...(config.witnesses === undefined ? {} : { witnesses: config.witnesses }),
  };
}

/** Whom to wait for before the own feed is signed on: those whom the node was told to begin from, or could call before. */
async function cautionOf({ dataDir, bootstrap, mirrors, anchors }: NodeConfig): Promise<Caution> {
  const called = dataDir === null ? null : await readIfThere(join(dataDir, "peers.json"));
  const files = anchors.filter((name) => mirrors.includes(name));
  const named = files.length === 0 ? [] : files.map((await import("./mirror/index.ts")).mirrorName);
  return {
    anchors: [...anchors.filter((name) => !files.includes(name)), ...named],
    awaits: bootstrap.length + mirrors.length > 0 || called !== null,
  };
}

/** For choices that no stranger is to foresee. */
function random(): number {
  return randomInt(2 ** 32) / 2 ** 32;
}

async function openRows(
  config: NodeConfig,
): Promise<{ readonly store: Store; readonly database: Database | null }> {
  if (config.dataDir === null) return { store: memoryStore(), database: null };
  const store = await openStore(config.dataDir);
  return { store, database: store.database };
}

function meshConfig(config: NodeConfig, database: Database | null, log: Log): MeshConfig {
  const { network, dataDir, listen, bootstrap, light } = config;
  return { network, folder: dataDir, database, listen, bootstrap, light, log, now: () => clock.now() };
}

/** Null without any: then nothing of it is loaded. */
async function openMirrors({ mirrors }: NodeConfig, mesh: Mesh): Promise<MirroredTransport | null> {
  if (mirrors.length === 0) return null;
  const { withMirrors } = await import("./mirror/index.ts");
  return withMirrors(mesh, mirrors, clock);
}

/** What listens for HTTP, each null where it is not wanted. */
async function openDoors(
  config: NodeConfig,
  node: ApiNode,
  log: Log,
  open: (() => Promise<void>)[],
): Promise<{ readonly api: Api | null; readonly gateway: Gateway | null }> {
  const api = await startApi(config, node, log);
  if (api !== null) open.push(() => api.close());
  const gateway = await startGateway(config, node, log);
  if (gateway !== null) open.push(() => gateway.close());
  return { api, gateway };
}

async function startApi(config: NodeConfig, node: ApiNode, log: Log): Promise<Api | null> {
  const { api, dataDir } = config;
  if (api === null || dataDir === null) return null;
  const { openToken, startApi: serve } = await import("./api/index.ts");
  return serve(node, {
    listen: api.listen,
    socket: join(dataDir, "api.sock"),
    token: await openToken(dataDir),
    apiPublic: api.public,
    hosts: api.hosts,
    log,
  });
}

/** Null without one: then nothing of it is loaded. */
async function startGateway({ rebuilderd }: NodeConfig, node: ApiNode, log: Log): Promise<Gateway | null> {
  if (rebuilderd === undefined) return null;
  const { startGateway: serve } = await import("./api/index.ts");
  return serve(node, { ...rebuilderd, log });
}

function nodeOn(config: NodeConfig, driver: Driver, mesh: Mesh): Omit<ApiNode, "domains" | "picture"> {
  return {
    network: config.network,
    peerId: mesh.self,
    listen: mesh.addresses(),
    async query(question: Question, options): Promise<FindResult> {
      const deadline = clock.now() + options.deadlineMs;
      const result = await runCommand(
        driver,
        { do: "find", question, network: options.network, deadline },
        "find",
      );
      return result.result;
    },
    async publish(entries): Promise<readonly PublishedEntry[]> {
      const attestations = entries.map(parseAttestation);
      return (await runCommand(driver, { do: "publish", attestations }, "publish")).entries;
    },
    async status(): Promise<StatusResult> {
      return (await runCommand(driver, { do: "status" }, "status")).result;
    },
    acknowledged: (id) => acknowledgedOf(driver, id),
    async acknowledge(id, note): Promise<void> {
      await runCommand(driver, { do: "acknowledge", id, note }, "acknowledge");
    },
    async addCheckpoint(request): Promise<WitnessAnswer> {
      return (await runCommand(driver, { do: "add-checkpoint", request }, "add-checkpoint")).answer;
    },
    version: config.version ?? "unknown",
    disk: async () => (config.dataDir === null ? null : diskOf(config.dataDir)),
    peers: () => mesh.peers(),
    traffic: driver.traffic,
    trouble: () => driver.trouble,
    policies: config.policies ?? [],
    findings: (since, wanted) => findingsAfter(driver, since, wanted),
    events: (since, signal) => followFindings(driver, since, signal),
    ask: (stream, bytes) => driver.ask(stream, mesh.self, bytes),
    read: (range) => driver.read(range),
  };
}

import { createEngine, ed25519Key, publicFromSeed, signDomain } from "../../protocol/index.ts";
import type { Stream } from "../../protocol/index.ts";
import { openChecker } from "../../node/check.ts";
import { Driver } from "../../node/driver.ts";
import type { Clock, Signer, Transport } from "../../node/edges.ts";
import { NodeError } from "../../node/errors.ts";
import { silent } from "../../node/log.ts";
import { memoryOwnHead, openStore } from "../../node/store/index.ts";

/** A peer without a network: engine, driver and level, and whoever stands around it is the caller. */
export interface LonePeer {
  readonly driver: Driver;
  readonly name: string;
  close(): Promise<void>;
}

export interface LoneOptions {
  readonly name: string;
  readonly network: string;
  /** Where its store lies. */
  readonly folder: string;
  /** Seed of the feed's key; null = a peer that publishes nothing. */
  readonly seed: Uint8Array | null;
  readonly follow: readonly string[];
  readonly builders: readonly Uint8Array[];
  ask(to: string, stream: Stream, bytes: Uint8Array): Promise<Uint8Array>;
  gossip(bytes: Uint8Array): void;
  /** ms by which its clock is ahead; the caller may move it on. */
  ahead?(): number;
}

export async function startLonePeer(options: LoneOptions): Promise<LonePeer> {
  const { name, network, seed, follow, builders } = options;
  const store = await openStore(options.folder);
  const signer: Signer | null =
    seed === null ? null : { publicKey: publicFromSeed(seed), sign: (bytes) => signDomain(seed, bytes) };
  const transport: Transport = {
    self: name,
    gossip: (topic, bytes) => void (topic === "feeds" && options.gossip(bytes)),
    ask: (to, stream, bytes) => options.ask(to, stream, bytes),
    region: () => Promise.reject(new NodeError("mesh/unreachable", "there is no mesh here")),
    lookup: () => Promise.reject(new NodeError("mesh/unreachable", "there is no mesh here")),
    near: (keys) => keys.map(() => true),
    recall: async () => null,
    provide: async () => 0,
    providers: async () => [],
    call: () => Promise.reject(new Error("nobody is there")),
    announce: () => undefined,
    drop: () => undefined,
  };
  const now = (): number => Date.now() + (options.ahead?.() ?? 0);
  const clock: Clock = {
    now,
    at(at, run) {
      const timer = setTimeout(run, Math.max(0, at - now()));
      return () => clearTimeout(timer);
    },
  };
  const engine = createEngine(
    {
      network,
      self: name,
      feedKey: signer?.publicKey ?? null,
      first: signer !== null,
      follow: { all: false, origins: follow, builders: builders.map(ed25519Key) },
      light: false,
      maxStoreBytes: 2 ** 32,
      maxFollowedBytes: 2 ** 40,
    },
    Math.random,
  );
  const checker = openChecker();
  const driver = new Driver(engine, {
    store,
    ownHead: memoryOwnHead(),
    transport,
    signer,
    checker,
    clock,
    log: silent,
  });
  await driver.open();
  return {
    driver,
    name,
    async close(): Promise<void> {
      await driver.close();
      await checker.close();
      await store.close();
    },
  };
}

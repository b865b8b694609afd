/** A publisher's lives on one folder: engine, driver, LevelDB and own-head file, each life on a disk that may fail; and what must hold after. */
import assert from "node:assert/strict";
import {
  checkFeed,
  createEngine,
  headInFile,
  leafHash,
  parseEntriesPath,
  parseTilePath,
  publicFromSeed,
  readFeedUpdate,
  readTilesAnswer,
  rootOf,
  sha256,
  signDomain,
  toHex,
  utf8,
  verifyCheckpoint,
  writeBundle,
  writeTilesRequest,
} from "../../protocol/index.ts";
import type { CommandResult, SignedHead, TilesRequest } from "../../protocol/index.ts";
import { openChecker } from "../../node/check.ts";
import { Driver } from "../../node/driver.ts";
import type { Clock, Transport } from "../../node/edges.ts";
import { NodeError } from "../../node/errors.ts";
import { silent } from "../../node/log.ts";
import { openStore, ownHeadFile } from "../../node/store/index.ts";
import { Builder, packageNumber } from "../sim/builder.ts";
import { FaultyDisk } from "./faulty.ts";
import type { Fault } from "./faulty.ts";
import { publishing } from "../publishing.ts";

const NETWORK = "test";
const SELF = "self";
/** Two heads are 200 ms apart for the engine; nobody has to wait for that. */
const FASTER = 40;
const BATCHES = 4;

/** What all lives of one publisher have promised so far. */
export class Publisher {
  readonly #folder: string;
  readonly #builder = new Builder(1);
  readonly #keyHex: string;
  /** Index of each entry that was acknowledged, by its octets in hex. */
  readonly #acknowledged = new Map<string, number>();
  /** Heads that left the node. */
  readonly #told: SignedHead[] = [];
  /** Batches that were not acknowledged. */
  readonly #refused: (readonly Uint8Array[])[] = [];
  #next = 0;

  constructor(folder: string) {
    this.#folder = folder;
    this.#keyHex = toHex(publicFromSeed(this.#builder.seed));
  }

  /** How many entries were acknowledged. */
  get acknowledged(): number {
    return this.#acknowledged.size;
  }

  /** Opens, publishes some batches, whatever becomes of those before, and ends, by itself or as power fails. How many writes it did. */
  async live(fault: Fault | null): Promise<number> {
    const disk = new FaultyDisk(this.#folder, fault);
    await this.#on(disk, async (driver) => {
      for (let batch = 0; batch < BATCHES; batch++) {
        await this.#publish(driver, this.#fresh(1 + (batch % 3)));
      }
    });
    return disk.steps;
  }

  /** Opens without a fault and holds it to its promises: the feed is whole, and all that was acknowledged or told of is in it. */
  async check(): Promise<void> {
    await this.#on(new FaultyDisk(this.#folder, null), async (driver) => {
      // What was refused may be there or not: published again, it is where it is said to be.
      for (const batch of this.#refused.splice(0))
        assert.equal(await this.#publish(driver, batch), "done", "what was refused is published");
      assert.equal(await this.#publish(driver, this.#fresh(1)), "done", "it publishes again");
      const content = await ownHeadFile(this.#folder, this.#keyHex).read();
      const head = typeof content === "string" ? null : headInFile(content, NETWORK);
      assert.ok(head !== null, "there is a head");
      const entries = await fsck(driver, head);
      const leaves = entries.map(leafHash);
      for (const [entry, index] of this.#acknowledged)
        assert.equal(toHex(entries[index] ?? new Uint8Array(0)), entry, `entry ${index} was acknowledged`);
      for (const told of this.#told)
        assert.deepEqual(rootOf(leaves.slice(0, told.size)), told.root, `a head of ${told.size} was told of`);
    });
  }

  #fresh(count: number): readonly Uint8Array[] {
    return Array.from({ length: count }, () => this.#builder.link(packageNumber(this.#next++), "same"));
  }

  /** `done`, or why not. */
  async #publish(driver: Driver, entries: readonly Uint8Array[]): Promise<string> {
    // Until it is acknowledged.
    this.#refused.push(entries);
    const result: CommandResult = await driver.command(publishing(entries));
    if (!result.ok) return `${result.code}: ${result.message}`;
    if (result.do !== "publish") return result.do;
    this.#refused.splice(this.#refused.indexOf(entries), 1);
    for (const [i, { index }] of result.entries.entries())
      this.#acknowledged.set(toHex(entries[i] ?? utf8("")), index);
    return "done";
  }

  /** One life. The machine's stop ends it at once, as a failed write does. */
  async #on(disk: FaultyDisk, use: (driver: Driver) => Promise<void>): Promise<void> {
    const level = await openStore(this.#folder);
    const file = ownHeadFile(this.#folder, this.#keyHex);
    const first = (await file.read()) === "none";
    const { seed } = this.#builder;
    const checker = openChecker();
    const engine = createEngine(
      {
        network: NETWORK,
        self: SELF,
        feedKey: publicFromSeed(seed),
        first,
        light: false,
        follow: { all: false, origins: [], builders: [] },
        maxStoreBytes: 2 ** 32,
        maxFollowedBytes: 2 ** 40,
      },
      Math.random,
    );
    const driver = new Driver(engine, {
      store: disk.store(level),
      ownHead: disk.ownHead(file, this.#keyHex),
      transport: this.#transport(),
      signer: { publicKey: publicFromSeed(seed), sign: (bytes) => signDomain(seed, bytes) },
      checker,
      clock: fastClock(),
      log: silent,
    });
    const life = driver.open().then(() => use(driver));
    try {
      await Promise.race([life, disk.stopped]);
    } finally {
      // Whoever waits for a machine that stopped waits no more.
      void life.catch(() => undefined);
      const closed = driver.close();
      await Promise.race([closed, disk.stopped]);
      await checker.close();
      await level.close();
      await disk.settle();
    }
  }

  #transport(): Transport {
    const nobody = (): Promise<never> => Promise.reject(new NodeError("mesh/unreachable", "nobody is here"));
    return {
      self: SELF,
      gossip: (topic, bytes) => {
        if (topic === "feeds") this.#told.push(verifyCheckpoint(readFeedUpdate(bytes).checkpoint, NETWORK));
      },
      ask: nobody,
      lookup: nobody,
      region: nobody,
      near: (keys) => keys.map(() => false),
      recall: async () => null,
      provide: async () => 0,
      providers: async () => [],
      call: nobody,
      announce: () => undefined,
      drop: () => undefined,
    };
  }
}

/** `samebits feed check` on what the peer serves; the entries. */
async function fsck(driver: Driver, head: SignedHead): Promise<readonly Uint8Array[]> {
  const ask = async (request: TilesRequest): Promise<readonly Uint8Array[]> =>
    readTilesAnswer(await driver.ask("tiles", SELF, writeTilesRequest(request))).blobs;
  const { origin } = head;
  const all: Uint8Array[] = [];
  const checking = checkFeed(head);
  for (let step = checking.next(); step.done !== true;) {
    const path = step.value;
    if (path.startsWith("tile/entries/")) {
      const { index, count } = parseEntriesPath(path);
      const entries = await ask({ kind: "entries", origin, from: 256 * index, count });
      all.push(...entries);
      step = checking.next(writeBundle(entries));
    } else {
      const [tile = new Uint8Array(0)] = await ask({ kind: "tiles", origin, tiles: [parseTilePath(path)] });
      step = checking.next(tile);
    }
  }
  return all;
}

function fastClock(): Clock {
  const [start, real] = [Date.now(), performance.now()];
  const now = (): number => Math.floor(start + FASTER * (performance.now() - real));
  return {
    now,
    at(at, run) {
      const timer = setTimeout(run, Math.max(0, (at - now()) / FASTER));
      return () => clearTimeout(timer);
    },
  };
}

/** A number that seeds decide, below `end`. */
export function below(end: number, ...seeds: readonly (number | string)[]): number {
  const [a = 0, b = 0, c = 0] = sha256(utf8(seeds.join()));
  return (a * 65_536 + b * 256 + c) % end;
}

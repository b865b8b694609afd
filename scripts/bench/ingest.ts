/**
 * Taking in a feed, of 10,000 entries as a rule: engine, driver and level in one process, fed with recorded answers of the stream `tiles`, and with
 * recorded gossip. Beside each, in turn, the same with one check of each attestation's signature on the way.
 */
import { join } from "node:path";
import {
  MAX_TAIL_BYTES,
  MAX_TAIL_ENTRIES,
  MIN_HEAD_INTERVAL_MS,
  origin,
  parseAttestation,
  readFeedUpdate,
  readTilesAnswer,
  readTilesRequest,
  rowAt,
  toHex,
  verifyOwn,
} from "../../protocol/index.ts";
import type { StatusResult } from "../../protocol/index.ts";
import { claim } from "../../test/e2e/claims.ts";
import type { TestBuilder } from "../../test/e2e/claims.ts";
import { startLonePeer } from "../../test/node/lone-peer.ts";
import type { LonePeer } from "../../test/node/lone-peer.ts";
import { BUILDERS } from "./crew.ts";
import { ratioOf, spreadOf } from "./figure.ts";
import type { Benchmark, Figure } from "./figure.ts";
import { NETWORK, sleep, withFolder } from "./processes.ts";
import { Shares } from "./shares.ts";
import { publishing } from "../../test/publishing.ts";

/** Entries of a frame that is far from full: how many come together is the publisher's doing. */
const FEW = 16;
const GIVE_UP_MS = 60_000;
const FRAMES_AT_ONCE = 32;
const PUBLISHER = "publisher";

/** What a publisher of the feed says to whoever comes. */
interface Recorded {
  readonly by: TestBuilder;
  /** Entries in all. */
  readonly size: number;
  readonly origin: string;
  /** By the hex of the question. */
  readonly answers: ReadonlyMap<string, Said>;
  readonly gossip: readonly Said[];
}

/** Octets, and the entries in them: taken out beforehand, so that a check on the way pays for nothing but itself. */
interface Said {
  readonly bytes: Uint8Array;
  readonly entries: readonly Uint8Array[];
}

interface Timing {
  /** ms until all entries were stored, and until their claims were indexed too. */
  readonly stored: number;
  readonly indexed: number;
}

type Look = (entries: readonly Uint8Array[]) => void;

/** Is told when a reader begins, and when it has stored all. */
interface Span {
  start(): Promise<void>;
  stop(): Promise<void>;
}

const UNWATCHED: Span = { start: async () => {}, stop: async () => {} };

export const ingest: Benchmark = ingestOf(10_000, 5);

/** The benchmark with a feed of that size, in so many rounds. */
export function ingestOf(size: number, rounds: number): Benchmark {
  return {
    name: "ingest",
    run: (say) =>
      withFolder(async (folder) => {
        say(`a feed of ${size} entries is made, twice`);
        const full = await record(folder, size, MAX_TAIL_ENTRIES);
        return measure(full, await record(folder, size, FEW), folder, rounds, say);
      }),
  };
}

async function measure(
  feed: Recorded,
  inFew: Recorded,
  folder: string,
  rounds: number,
  say: (line: string) => void,
): Promise<readonly Figure[]> {
  const plain: Look = () => undefined;
  const ways = {
    tiles: (look: Look, name: string, span = UNWATCHED) => takeTiles(feed, join(folder, name), look, span),
    gossip: (look: Look, name: string, span = UNWATCHED) => takeGossip(feed, join(folder, name), look, span),
    "gossip-few": (look: Look, name: string, span = UNWATCHED) =>
      takeGossip(inFew, join(folder, name), look, span),
  };
  const check: Look = (entries) => checkAll(entries, feed.by);
  const figures: Figure[] = [];
  for (const way of ["tiles", "gossip", "gossip-few"] as const) {
    const plainly: Timing[] = [];
    const checked: Timing[] = [];
    for (let round = 0; round <= rounds; round++) {
      say(`${way}, round ${round} of ${rounds}`);
      plainly.push(await ways[way](plain, `${way}-${round}`));
      checked.push(await ways[way](check, `${way}-${round}-checked`));
    }
    // Apart from the rounds that are timed: samples cost something.
    const shares = new Shares();
    for (let round = 0; round < rounds; round++) await ways[way](plain, `${way}-${round}-sampled`, shares);
    // The first round warms the compiler up.
    const words =
      way === "tiles" ? "" : `; ${entriesAFrame(way === "gossip" ? feed : inFew)} entries a frame`;
    figures.push(figureOf(way, feed.size, plainly.slice(1), checked.slice(1), shares.inWords() + words));
  }
  return figures;
}

function figureOf(
  way: string,
  size: number,
  plainly: readonly Timing[],
  checked: readonly Timing[],
  shares: string,
): Figure {
  const rateOf = (ms: number): number => (1_000 * size) / ms;
  const indexed = spreadOf(plainly.map((timing) => rateOf(timing.indexed)));
  return ratioOf(
    `ingest-${way}`,
    "1/s",
    plainly.map(({ stored }) => rateOf(stored)),
    checked.map(({ stored }) => rateOf(stored)),
    {
      what: `entries a second, from ${way} to stored, a feed of ${size}`,
      ratioTo: "the same with one Ed25519 check of each attestation",
      target: way === "gossip-few" ? null : { of: "ratio", atLeast: 8 },
      note: `${shares}; until their claims are indexed too ${Math.round(indexed.median)}/s`,
    },
  );
}

function entriesAFrame({ size, gossip }: Recorded): number {
  return Math.round(size / gossip.length);
}

function checkAll(entries: readonly Uint8Array[], by: TestBuilder): void {
  for (const entry of entries) {
    if (verifyOwn(parseAttestation(entry), by.raw) === null) throw new Error("a signature does not hold");
  }
}

/**
 * Publishes the feed once, as many entries at a time as a frame of gossip carries with their head and `most` at the most, and writes down
 * all that is asked for and gossiped.
 */
async function record(folder: string, size: number, most: number): Promise<Recorded> {
  const [by] = BUILDERS;
  if (by === undefined) throw new Error("no builder");
  const gossip: Said[] = [];
  // A feed has five heads a second; its clock is moved on so that nobody waits for them.
  let ahead = 0;
  const publisher = await startLonePeer({
    name: PUBLISHER,
    network: NETWORK,
    folder: join(folder, `publisher-${most}`),
    seed: by.seed,
    follow: [],
    builders: [],
    ask: () => Promise.reject(new Error("nobody is there")),
    gossip: (bytes) => void gossip.push({ bytes, entries: readFeedUpdate(bytes).tail }),
    ahead: () => ahead,
  });
  for (let i = 0; i < size;) {
    const entries = portion(by, i, Math.min(most, size - i));
    await publisher.driver.command(publishing(entries));
    ahead += MIN_HEAD_INTERVAL_MS;
    i += entries.length;
  }
  const carried = gossip.reduce((sum, { entries }) => sum + entries.length, 0);
  if (carried !== size) throw new Error(`gossip carried ${carried} of ${size} entries`);
  const answers = new Map<string, Said>();
  const feed = { by, size, origin: origin(NETWORK, by.raw), answers, gossip };
  await takeTiles(
    feed,
    join(folder, `recording-${most}`),
    () => undefined,
    UNWATCHED,
    async (question) => {
      const bytes = await publisher.driver.ask("tiles", "reader", question);
      const isPage = readTilesRequest(question).kind === "entries";
      const said = { bytes, entries: isPage ? readTilesAnswer(bytes).blobs : [] };
      answers.set(toHex(question), said);
      return said;
    },
  );
  await publisher.close();
  return feed;
}

/** Claims from number `from` on that fit beside their head into one frame: at least one, at most `most`. */
function portion(by: TestBuilder, from: number, most: number): readonly Uint8Array[] {
  const entries: Uint8Array[] = [];
  let octets = 0;
  while (entries.length < most) {
    const entry = claim(by, `p${from + entries.length}`, "bits");
    octets += entry.length;
    if (entries.length > 0 && octets > MAX_TAIL_BYTES) break;
    entries.push(entry);
  }
  return entries;
}

async function reader(
  feed: Recorded,
  folder: string,
  ask: (question: Uint8Array) => Promise<Uint8Array>,
): Promise<LonePeer> {
  return startLonePeer({
    name: "reader",
    network: NETWORK,
    folder,
    seed: null,
    follow: [feed.origin],
    builders: [feed.by.raw],
    ask: (_to, stream, bytes) => (stream === "tiles" ? ask(bytes) : Promise.reject(new Error("only tiles"))),
    gossip: () => undefined,
  });
}

async function takeTiles(
  feed: Recorded,
  folder: string,
  look: Look,
  span: Span,
  answer: (question: Uint8Array) => Promise<Said> = async (question) => {
    const known = feed.answers.get(toHex(question));
    if (known === undefined) throw new Error(`not recorded: ${toHex(question)}`);
    return known;
  },
): Promise<Timing> {
  const peer = await reader(feed, folder, async (question) => {
    const { bytes, entries } = await answer(question);
    look(entries);
    return bytes;
  });
  await span.start();
  const began = performance.now();
  peer.driver.listener.joined(PUBLISHER);
  const timing = await whole(peer, feed.size, began, span);
  await peer.close();
  return timing;
}

async function takeGossip(feed: Recorded, folder: string, look: Look, span: Span): Promise<Timing> {
  const peer = await reader(feed, folder, () => Promise.reject(new Error("only gossip")));
  await span.start();
  const began = performance.now();
  let before: Promise<unknown> = Promise.resolve();
  for (const [i, { bytes, entries }] of feed.gossip.entries()) {
    look(entries);
    await peer.driver.listener.gossip("feeds", PUBLISHER, bytes);
    if (i % FRAMES_AT_ONCE > 0) continue;
    // A read waits for the writes before it: more than some megabytes that are not stored are left to the stream.
    await before;
    before = peer.driver.read(rowAt(Uint8Array.of(0)));
  }
  const timing = await whole(peer, feed.size, began, span);
  await peer.close();
  return timing;
}

/** When the feed is held and indexed. */
async function whole({ driver }: LonePeer, entries: number, began: number, span: Span): Promise<Timing> {
  let stored = NaN;
  for (;;) {
    const result = await driver.command({ do: "status" });
    const feeds: StatusResult["feeds"] = result.ok && result.do === "status" ? result.result.feeds : [];
    const feed = feeds.find(({ size }) => size === entries);
    const now = performance.now() - began;
    if (feed?.held === entries && Number.isNaN(stored)) {
      stored = now;
      await span.stop();
    }
    // The index's cursor runs ahead of the store.
    if (feed?.indexed === entries && !Number.isNaN(stored)) return { stored, indexed: now };
    if (now > GIVE_UP_MS) throw new Error(`${feed?.held ?? 0} of ${entries} entries after ${now} ms`);
    await sleep(2);
  }
}

/**
 * Recovers a feed whose disk was lost, or is not to be trusted: collects what others hold of it, checks it whole, waits, and writes the own-head
 * file anew (`protocol/spec/peer.md`, "Recovery"). Nothing is signed.
 */
import { setTimeout } from "node:timers/promises";
import {
  beginRecovery,
  endRecovery,
  headInFile,
  origin,
  rowAt,
  toHex,
  verifyCheckpoint,
} from "../protocol/index.ts";
import type { RecoveryView, Row, SignedHead, StoreStep } from "../protocol/index.ts";
import type { NodeConfig } from "./config.ts";
import type { OwnHeadFile, Store } from "./edges.ts";
import { NodeError } from "./errors.ts";
import { RecoveryWitnesses } from "./recovery-witnesses.ts";
import type { WitnessesView } from "./recovery-witnesses.ts";
import { openSigner } from "./signer.ts";
import { startNode } from "./start.ts";
import type { Node } from "./start.ts";
import { assertNotFrozen, openStore, ownHeadFile, recoveryFiles } from "./store/index.ts";
import type { Quarantine, RecoveryFiles } from "./store/index.ts";

const GLANCE_MS = 500;

/** How it stands. */
export interface RecoveryProgress extends RecoveryView {
  /** ms since 1970 at which the quarantine ends; null as long as too few have answered. */
  readonly until: number | null;
  /** What the witnesses say that were named. */
  readonly witnesses: WitnessesView;
}

export interface RecoverOptions {
  /** ms for which nothing newer may turn up. */
  readonly quarantineMs: number;
  /** Submission prefixes of witnesses (c2sp.org/tlog-witness), all of which must have answered. */
  readonly witnesses: readonly string[];
  readonly stop: AbortSignal;
  readonly progress: (progress: RecoveryProgress) => void;
}

/** What came of it. */
export interface Recovered {
  /** `forked`: two histories were signed. `withheld`: nobody hands out what was signed. `stopped`: it can be gone on with. */
  readonly outcome: "recovered" | "forked" | "withheld" | "stopped";
  readonly origin: string;
  /** The head at which the feed goes on; else the largest of which all is held, or null. */
  readonly head: SignedHead | null;
  readonly last: RecoveryProgress;
}

/** Recovers the feed of `config.publishKey` into the data folder, in which no node runs. Rejects as `startNode`. */
export async function recoverFeed(config: NodeConfig, options: RecoverOptions): Promise<Recovered> {
  if (config.dataDir === null || config.publishKey === null)
    throw new NodeError(
      "config/out-of-range",
      "a feed is recovered into a data folder, with its key: give both",
    );
  const { publicKey } = openSigner(config.publishKey, "--key");
  const name = origin(config.network, publicKey);
  await assertNotFrozen(config.dataDir, toHex(publicKey));
  const ownHead = ownHeadFile(config.dataDir, toHex(publicKey));
  const files = recoveryFiles(config.dataDir, toHex(publicKey));
  const content = await ownHead.read();
  const known = typeof content === "string" ? null : headInFile(content, config.network);
  await withStore(config.dataDir, (store) =>
    run(beginRecovery(config.network, publicKey, known, config.follow.builders), store),
  );
  await files.expect();
  const node = await startNode({
    ...config,
    publishKey: null,
    first: false,
    follow: { ...config.follow, origins: [...config.follow.origins, name] },
    // Feeds that are no longer asked for here must not make room for each other meanwhile.
    maxStoreBytes: Number.MAX_SAFE_INTEGER,
    maxFollowedBytes: Number.MAX_SAFE_INTEGER,
    recovers: { origin: name, known: known?.note ?? null },
    api: null,
  });
  let collected: Recovered;
  try {
    collected = await collect(node, name, files, options);
  } finally {
    await node.close();
  }
  const { head, outcome } = collected;
  if (outcome !== "recovered" || head === null) return collected;
  await withStore(config.dataDir, (store) => goOn(store, head, ownHead, config.network));
  await files.forget();
  return collected;
}

/** Waits until enough have answered, all is held, and nothing newer has turned up for long enough. */
async function collect(
  node: Node,
  name: string,
  files: RecoveryFiles,
  { quarantineMs, stop, progress, ...options }: RecoverOptions,
): Promise<Recovered> {
  const witnesses = new RecoveryWitnesses(options.witnesses);
  let quarantine = await files.quarantine();
  for (;;) {
    const view = await viewOf(node);
    quarantine = await kept(view, quarantine, files);
    const until = quarantine === null ? null : quarantine.since + quarantineMs;
    const head = view.head === null ? null : verifyCheckpoint(view.head, node.network);
    await witnesses.ask(head, stop);
    const last = { ...view, until, witnesses: witnesses.view() };
    progress(last);
    const result = { origin: name, head, last };
    if (view.forked) return { ...result, outcome: "forked" };
    if (until !== null && Date.now() >= until) {
      if (head !== null && witnesses.allow(head)) return { ...result, outcome: "recovered" };
      if (view.withheld) return { ...result, outcome: "withheld" };
    }
    if (stop.aborted) return { ...result, outcome: "stopped" };
    const failed = await Promise.race([node.broken, pause(stop)]);
    if (failed !== null) throw failed;
  }
}

/** The clock runs while enough have answered, and from the beginning whenever something newer turns up. */
async function kept(
  view: RecoveryView,
  before: Quarantine | null,
  files: RecoveryFiles,
): Promise<Quarantine | null> {
  if (view.heard < view.needed || !view.recalled) return null;
  const stored = before ?? (await files.quarantine());
  if (stored !== null && stored.size === view.size && stored.since <= Date.now()) return stored;
  const fresh = { since: Date.now(), size: view.size };
  await files.keepQuarantine(fresh);
  return fresh;
}

async function viewOf(node: Node): Promise<RecoveryView> {
  const { recovery } = await node.status();
  if (recovery === null) throw new NodeError("node/no-engine", "the engine recovers nothing");
  return recovery;
}

/** Checks all of the feed once more, and makes its head the one at which publishing goes on. */
async function goOn(store: Store, head: SignedHead, ownHead: OwnHeadFile, network: string): Promise<void> {
  if ((await run(endRecovery(network, head.key, head), store)) === null)
    throw new NodeError(
      "store/failed",
      "the store does not hold what was fetched into it a moment ago: see to the disk, and recover the feed again",
    );
  const content = await ownHead.read();
  // Of a file that is lost nothing is there, or an empty one.
  const olds = typeof content === "string" ? [null, new Uint8Array(0)] : [content];
  for (const old of olds) if (await ownHead.swap(old, head.note)) return;
  throw new NodeError(
    "own-head/changed",
    "another process writes the same feed: stop it, and recover the feed again",
  );
}

async function withStore<T>(folder: string, use: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(folder);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/** Does what the steps ask for, one after the other. */
async function run<T>(steps: Generator<StoreStep, T, readonly Row[]>, store: Store): Promise<T> {
  let step = steps.next();
  while (step.done !== true) {
    const wanted = step.value;
    if (wanted.kind === "write") {
      await store.apply(wanted.ops, true);
      step = steps.next([]);
    } else step = steps.next(await readWhole(store, wanted));
  }
  return step.value;
}

async function readWhole(
  store: Store,
  { range }: Extract<StoreStep, { kind: "read" }>,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let rest = range;
  for (;;) {
    const page = await store.read(rest);
    rows.push(...page.rows);
    const last = page.rows.at(-1);
    const limit = range.limit - rows.length;
    if (!page.more || last === undefined || limit <= 0) return rows;
    rest = { ...rest, from: rowAt(last.key).to, limit };
  }
}

/** A moment, or less where it is told to stop. */
async function pause(stop: AbortSignal): Promise<null> {
  return setTimeout(GLANCE_MS, null, { signal: stop }).catch(() => null);
}

import { setImmediate } from "node:timers/promises";
import {
  MAX_FEED_READS,
  MAX_FIND_BYTES,
  MAX_FIND_RESULTS,
  parseAttestation,
  TILE_WIDTH,
  verifyOwn,
} from "../../../protocol/index.ts";
import type { RawEntry, RawFindings, SignedHead } from "../../../protocol/index.ts";
import { ClientError } from "../../errors.ts";
import type { FeedCache } from "./cache.ts";
import { dropped } from "./dropped.ts";
import type { Folder } from "./folder.ts";
import { namesOf, placesOf } from "./names.ts";
import type { Bundle, Tree } from "./tree.ts";

const BREATH = 64;

/** What was found in all feeds: only so much is held. */
export class Found {
  readonly #entries: RawEntry[] = [];
  /** Of these the ones that a feed carries for others: their key ids may name anybody, so that all keys are to be tried. */
  readonly #envelopes: Uint8Array[] = [];
  #octets = 0;

  /** False where there is no room for another entry. */
  add(found: RawEntry): boolean {
    const { entry, signer } = found;
    this.#octets += entry.length;
    if (this.#entries.length >= MAX_FIND_RESULTS || this.#octets > MAX_FIND_BYTES) return false;
    this.#entries.push(found);
    if (verifyOwn(parseAttestation(entry), signer) === null) this.#envelopes.push(entry);
    return true;
  }

  raw(): Pick<RawFindings, "entries" | "envelopes"> {
    return { entries: this.#entries, envelopes: this.#envelopes };
  }
}

/** What a feed is read for, and with what. */
export interface Task {
  readonly names: ReadonlySet<bigint>;
  readonly found: Found;
  readonly cache: FeedCache;
  readonly deadline: AbortSignal;
  /** Is told of each bundle that was looked at, with its number of entries. */
  readonly told: (entries: number) => void;
}

/** Why a feed was not read to its end at this mirror; null if it was. What was found before holds all the same. */
export async function readFeed(folder: Folder, head: SignedHead, task: Task): Promise<ClientError | null> {
  let looked = 0;
  const told = (entries: number): void => {
    looked += entries;
    task.told(entries);
  };
  try {
    const tree = await folder.tree(head, task.deadline);
    const failure = await new FeedRun(folder, tree, { ...task, told }).run();
    if (failure === null) task.cache.keepTail(tree);
    return failure;
  } catch (error) {
    return dropped(folder.name, error, task.deadline, `${looked} of ${head.size} entries were looked at`);
  }
}

/** One feed on its way: the newest bundles first, since what people install is mostly new. */
class FeedRun {
  readonly #folder: Folder;
  readonly #tree: Tree;
  readonly #task: Task;
  #next: number;
  #isFull = false;

  constructor(folder: Folder, tree: Tree, task: Task) {
    this.#folder = folder;
    this.#tree = tree;
    this.#task = task;
    this.#next = tree.roots.length - 1;
  }

  async run(): Promise<ClientError | null> {
    const { tail, roots } = this.#tree;
    if (tail !== null) this.#take(roots.length, tail, placesOf(namesOf(tail.entries), this.#task.names));
    const failures: unknown[] = [];
    const readOn = async (): Promise<void> => {
      while (this.#next >= 0 && failures.length === 0 && !this.#isFull) {
        const number = this.#next--;
        // What is kept is read in one go: let timers have their turn now and then.
        if (number % BREATH === 0) await setImmediate();
        this.#task.deadline.throwIfAborted();
        await this.#look(number);
      }
    };
    const runs = Array.from({ length: MAX_FEED_READS }, () =>
      readOn().catch((error: unknown) => void failures.push(error)),
    );
    await Promise.all(runs);
    if (failures.length > 0) throw failures[0];
    if (!this.#isFull) return null;
    return new ClientError(
      "mirror/unfinished",
      `mirror ${this.#folder.name}: more is said of these files than is held at once: verify fewer of them`,
    );
  }

  /** Looks into a full bundle; into its entries only where something in it is sought, or it is new here. */
  async #look(number: number): Promise<void> {
    const { cache, names } = this.#task;
    const root = this.#tree.roots[number] ?? new Uint8Array();
    let rows = cache.names(number, root);
    let bundle: Bundle | null = null;
    if (rows === null) {
      bundle = await this.#bundle(number);
      rows = namesOf(bundle.entries);
      cache.keepNames(number, root, rows);
    }
    const places = placesOf(rows, names);
    if (places.length > 0) this.#take(number, bundle ?? (await this.#bundle(number)), places);
    else this.#task.told(TILE_WIDTH);
  }

  /** From here, or from the mirror. */
  async #bundle(number: number): Promise<Bundle> {
    const { cache, deadline } = this.#task;
    const kept = cache.bundle(number, this.#tree);
    if (kept !== null) return kept;
    const bundle = this.#tree.bundle(number, await this.#folder.bundle(number, deadline));
    cache.keepBundle(number, bundle);
    return bundle;
  }

  #take(number: number, bundle: Bundle, places: readonly number[]): void {
    const { head } = this.#tree;
    for (const at of places) {
      const isTaken = this.#task.found.add({
        // A copy: a view would hold the whole bundle.
        entry: (bundle.entries[at] ?? new Uint8Array()).slice(),
        signer: head.key,
        index: number * TILE_WIDTH + at,
        path: this.#tree.inclusion(number, bundle, at),
        checkpoint: head.note,
      });
      if (!isTaken) this.#isFull = true;
    }
    this.#task.told(bundle.entries.length);
  }
}

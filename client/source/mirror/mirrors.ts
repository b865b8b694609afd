import {
  COSIGNED_PATH,
  MAX_MIRROR_COSIGNED,
  MAX_MIRROR_PAST,
  MAX_MIRROR_READS,
  nameOfHead,
  originHash,
  PAST_PATH,
  ProtocolError,
  proveFork,
  toHex,
  tried,
  verifyCosigned,
  verifyPast,
  writeEvidence,
} from "../../../protocol/index.ts";
import type { ForkEvidence, RawHead, RawJoin, SignedHead } from "../../../protocol/index.ts";
import type { Mirrors, MirrorsRead, Sought } from "../../edges.ts";
import { ClientError } from "../../errors.ts";
import { uptimeMs } from "../../uptime.ts";
import { Cache } from "./cache.ts";
import type { FeedCache } from "./cache.ts";
import { dropped, ignored } from "./dropped.ts";
import { Folder } from "./folder.ts";
import type { Files, FolderHead } from "./folder.ts";
import { joinHeads } from "./joins.ts";
import { soughtNames } from "./names.ts";
import { Found, readFeed } from "./read-feed.ts";
import type { Bundle, Tree } from "./tree.ts";
import { Turns } from "./turns.ts";

export interface MirrorOptions {
  readonly network: string;
  readonly dataDir: string;
}

/** A feed at a mirror, the head that it shows, and those that witnesses have cosigned, by its word: a line each. */
interface Place extends Omit<FolderHead, "cosigned" | "past"> {
  readonly folder: Folder;
  readonly mirror: Files;
  readonly cosigned: readonly SignedHead[];
  readonly past: readonly SignedHead[];
}

/** Feeds of static files: each mirror is the folder of one feed, or has feeds in folders named by the hash of their origins. */
export class StaticMirrors implements Mirrors {
  readonly #mirrors: readonly Files[];
  readonly #options: MirrorOptions;
  #run: Run | null = null;

  constructor(mirrors: readonly Files[], options: MirrorOptions) {
    this.#mirrors = mirrors;
    this.#options = options;
  }

  async read(sought: Sought, deadlineMs: number): Promise<MirrorsRead> {
    const run = new Run(this.#options, sought, deadlineMs);
    this.#run = run;
    try {
      return await run.read(this.#mirrors);
    } finally {
      this.#run = null;
    }
  }

  progress(): string | null {
    return this.#run?.progress() ?? null;
  }
}

/** One reading of all mirrors. */
class Run {
  readonly #network: string;
  readonly #sought: Sought;
  readonly #names: ReadonlySet<bigint>;
  /** On the clock of this process. */
  readonly #until: number;
  readonly #deadline: AbortSignal;
  readonly #cache: Cache;
  readonly #turns = new Turns(MAX_MIRROR_READS);
  readonly #found = new Found();
  readonly #heads: RawHead[] = [];
  readonly #joins: RawJoin[] = [];
  readonly #evidence: Uint8Array[] = [];
  readonly #dropped: ClientError[] = [];
  readonly #served = new Set<Files>();
  #ended = true;
  #wanted = 0;
  #looked = 0;

  constructor({ network, dataDir }: MirrorOptions, sought: Sought, deadlineMs: number) {
    this.#network = network;
    this.#sought = sought;
    this.#names = soughtNames(sought);
    this.#until = uptimeMs() + deadlineMs;
    this.#deadline = AbortSignal.timeout(Math.ceil(deadlineMs));
    this.#cache = new Cache(dataDir, network);
  }

  async read(mirrors: readonly Files[]): Promise<MirrorsRead> {
    const places = (await Promise.all(mirrors.map((mirror) => this.#places(mirror)))).flat();
    const byFeed = Map.groupBy(places, ({ head }) => head.origin);
    await Promise.all([...byFeed.values()].map((some) => this.#feed(some)));
    return {
      raw: { ...this.#found.raw(), heads: this.#heads, joins: this.#joins, evidence: this.#evidence },
      count: this.#served.size,
      ended: this.#ended,
      dropped: this.#dropped,
    };
  }

  progress(): string {
    return this.#wanted === 0
      ? "asking mirrors …"
      : `${this.#looked} of ${this.#wanted} entries of mirrors …`;
  }

  /** The feeds at a mirror: its own, else those that are sought. */
  async #places(mirror: Files): Promise<readonly Place[]> {
    const own = await this.#place(mirror, "");
    if (own !== null) return own;
    const { origins } = this.#sought;
    const some = await Promise.all(
      origins.map((origin) => this.#place(mirror, toHex(originHash(origin)), origin)),
    );
    const found = some.flatMap((places) => places ?? []);
    if (some.every((places) => places === null))
      this.#dropped.push(
        new ClientError(
          "mirror/unreachable",
          `mirror ${mirror.name}: no checkpoint of a feed is there, nor of any of the ${origins.length} feeds of the policy in a folder of its own`,
        ),
      );
    return found;
  }

  /** The feed in a folder; null where no feed is there, none where it is of no use. */
  async #place(mirror: Files, path: string, origin?: string): Promise<readonly Place[] | null> {
    const folder = new Folder(mirror, path, this.#turns);
    try {
      const head = await folder.head(this.#network, this.#sought.since.length > 0, this.#deadline);
      if (head === null) return null;
      if (origin === undefined || head.head.origin === origin)
        return [{ ...head, folder, mirror, ...this.#cosigned(folder, head) }];
      throw new ProtocolError("checkpoint/bad-origin", `it is a feed of ${head.head.origin}`);
    } catch (error) {
      if (this.#deadline.aborted) this.#ended = false;
      this.#dropped.push(dropped(folder.name, error, this.#deadline));
      return [];
    }
  }

  /** Heads that witnesses are said to have cosigned: they are not needed, and where they don't hold the rest of the mirror does. */
  #cosigned(folder: Folder, { head, cosigned, past }: FolderHead): Pick<Place, "cosigned" | "past"> {
    const { witnesses, since } = this.#sought;
    const read = (
      path: string,
      file: PromiseSettledResult<Uint8Array | null>,
      verify: (octets: Uint8Array) => readonly SignedHead[],
    ): readonly SignedHead[] => {
      try {
        if (file.status === "rejected") throw file.reason;
        return file.value === null ? [] : verify(file.value);
      } catch (error) {
        this.#dropped.push(ignored(folder.name, path, error, this.#deadline));
        return [];
      }
    };
    return {
      cosigned: read(COSIGNED_PATH, cosigned, (octets) => verifyCosigned(octets, head)),
      past: read(PAST_PATH, past, (octets) => verifyPast(octets, head, { witnesses, times: since })),
    };
  }

  /** One feed: at the mirror that shows most of it, and where that does not serve at the next. */
  async #feed(places: readonly Place[]): Promise<void> {
    const order = places.toSorted((a, b) => b.head.size - a.head.size);
    let whole: Place | null = null;
    let failure: ClientError | null = null;
    for (const [i, place] of order.entries()) {
      if (whole !== null) break;
      failure = await this.#read(place, order.length - i);
      if (failure === null) whole = place;
      else this.#dropped.push(failure);
    }
    if (failure?.code === "mirror/unfinished") this.#ended = false;
    for (const { head, timed } of order)
      this.#heads.push({
        checkpoint: head.note,
        timed: timed?.note ?? null,
        complete: head === whole?.head,
      });
    const cosigned = [
      ...order.flatMap((place) => place.cosigned).slice(0, MAX_MIRROR_COSIGNED),
      ...order.flatMap(({ past }) => past).slice(0, MAX_MIRROR_PAST),
    ];
    for (const { note } of cosigned) this.#heads.push({ checkpoint: note, timed: null, complete: false });
    if (whole === null) return;
    const cache = this.#cache.feed(whole.head);
    const seen = [...order.map(({ head }) => head), cache.head()].filter((head) => head !== null);
    const joined = await this.#join([...seen, ...cosigned], whole);
    for (const { mirror } of order) this.#served.add(mirror);
    if (this.#extendsKept(cache, whole, joined)) cache.keepHead(whole.head);
  }

  /**
   * Whether a head is proven to extend the one that is kept from before, by whichever mirror that was. One that is smaller, or of that size and
   * another root, is held against what is kept: it may be the other branch of a fork, and never takes the place of the head that was seen.
   */
  #extendsKept(cache: FeedCache, { head }: Place, joined: ReadonlySet<string>): boolean {
    const known = cache.head();
    if (known === null) return true;
    if (known.size <= head.size) return joined.has(nameOfHead(known));
    const tree = cache.tree();
    if (tree !== null) this.#tell(forkWithin(tree, head, (number) => cache.bundle(number, tree)));
    return false;
  }

  #tell(fork: ForkEvidence | null): void {
    if (fork !== null) this.#evidence.push(writeEvidence(fork));
  }

  /** Reads a feed at one of several mirrors, so many of which are left: one that is slow must leave the others their share of the time. */
  async #read({ folder, head, mirror }: Place, left: number): Promise<ClientError | null> {
    let looked = 0;
    this.#wanted += head.size;
    const shareMs = Math.max(0, Math.ceil((this.#until - uptimeMs()) / left));
    const failure = await readFeed(folder, head, {
      names: this.#names,
      found: this.#found,
      cache: this.#cache.feed(head),
      deadline: AbortSignal.any([this.#deadline, AbortSignal.timeout(shareMs)]),
      told: (entries) => {
        looked += entries;
        this.#looked += entries;
      },
    });
    if (failure === null || looked > 0) this.#served.add(mirror);
    if (failure !== null) this.#wanted -= head.size - looked;
    return failure;
  }

  /** Which of these heads are of the history of the one under which a feed was read; by its own tiles, which are not believed. */
  async #join(others: readonly SignedHead[], { folder, head }: Place): Promise<ReadonlySet<string>> {
    const earlier = folder.earlier(head, this.#deadline);
    const { names, joins, forks, failure } = await joinHeads(head, others, earlier);
    this.#joins.push(...joins);
    for (const fork of forks) this.#tell(fork);
    if (failure === null) return names;
    if (this.#deadline.aborted) this.#ended = false;
    const far = "not all of its heads were compared";
    this.#dropped.push(dropped(folder.name, failure, this.#deadline, far));
    return names;
  }
}

/** Proof that a smaller head is none of the history that a tree stands for; null if it is, or what that takes is not kept. */
function forkWithin(
  tree: Tree,
  smaller: SignedHead,
  bundleOf: (number: number) => Bundle | null,
): ForkEvidence | null {
  return tried(() => proveFork(smaller, tree.head, tree.earlier(smaller.size, bundleOf), null));
}

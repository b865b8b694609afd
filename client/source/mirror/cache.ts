import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  CHECKPOINT_PATH,
  entriesPath,
  MAX_FEED_FILE_BYTES,
  MAX_MIRRORED_BYTES,
  MAX_MIRRORED_NAMES_BYTES,
  TILE_WIDTH,
  toHex,
  tried,
  verifyHead,
} from "../../../protocol/index.ts";
import type { SignedHead } from "../../../protocol/index.ts";
import { makeFolder } from "../../folder.ts";
import { readNames, rootInNames, writeNames } from "./names.ts";
import { openBundle, Tree } from "./tree.ts";
import type { Bundle } from "./tree.ts";

/** Bundles, and what is in them: each has a folder, and room. */
type Kind = "bundles" | "names";
const ROOM: Readonly<Record<Kind, number>> = {
  bundles: MAX_MIRRORED_BYTES,
  names: MAX_MIRRORED_NAMES_BYTES,
};

/**
 * Full bundles of feeds, and what is in them, kept over runs in `DATA/mirrored/NETWORK/KEY`: they never change, so that the next run reads
 * what is new. Nothing of it is believed: a bundle has the root that the head of today demands, or it is read anew. A folder that can't be
 * written keeps nothing, and that is all. Synchronously: the files are small, and what is read of them is used at once.
 */
export class Cache {
  readonly #folder: string;
  readonly #room: Readonly<Record<Kind, number>>;
  /** Octets in all feeds, once something is to be written. */
  #taken: Record<Kind, number> | null = null;
  readonly #used = new Set<string>();

  constructor(dataDir: string, network: string, room: Readonly<Record<Kind, number>> = ROOM) {
    this.#folder = join(dataDir, "mirrored", network);
    this.#room = room;
  }

  feed({ key }: SignedHead): FeedCache {
    const name = toHex(key);
    this.#used.add(name);
    return new FeedCache(join(this.#folder, name), (kind, octets) => this.#takes(kind, octets));
  }

  /** Whether there is room for so much more; feeds that are not read now make some, those not read for longest first. */
  #takes(kind: Kind, octets: number): boolean {
    const taken = (this.#taken ??= this.#count());
    if (taken[kind] + octets > this.#room[kind] && this.#makeRoom()) return this.#takes(kind, octets);
    if (taken[kind] + octets > this.#room[kind]) return false;
    taken[kind] += octets;
    return true;
  }

  #makeRoom(): boolean {
    const others = namesIn(this.#folder)
      .filter((name) => !this.#used.has(name))
      .map((name) => ({ name, time: timeOf(join(this.#folder, name)) }));
    const [oldest] = others.toSorted((a, b) => a.time - b.time);
    if (oldest === undefined) return false;
    rmSync(join(this.#folder, oldest.name), { recursive: true, force: true });
    this.#taken = this.#count();
    return !namesIn(this.#folder).includes(oldest.name);
  }

  #count(): Record<Kind, number> {
    const sum = (kind: Kind): number =>
      namesIn(this.#folder).reduce((all, name) => all + octetsIn(join(this.#folder, name, kind)), 0);
    return { bundles: sum("bundles"), names: sum("names") };
  }
}

/** What is kept of one feed. */
export class FeedCache {
  readonly #folder: string;
  readonly #takes: (kind: Kind, octets: number) => boolean;

  constructor(folder: string, takes: (kind: Kind, octets: number) => boolean) {
    this.#folder = folder;
    this.#takes = takes;
  }

  /** What is in a bundle with this root; null where that is not kept. */
  names(number: number, root: Uint8Array): Uint8Array | null {
    const octets = this.#read("names", number);
    return octets === null ? null : readNames(octets, root);
  }

  /** A bundle of this tree; null where it is not kept. */
  bundle(number: number, tree: Tree): Bundle | null {
    const octets = this.#read("bundles", number);
    return tried(() => (octets === null ? null : tree.bundle(number, octets)));
  }

  keepNames(number: number, root: Uint8Array, rows: Uint8Array): void {
    this.#keep("names", number, writeNames(rows, root));
  }

  keepBundle(number: number, { octets }: Bundle): void {
    this.#keep("bundles", number, octets);
  }

  /** The largest head whose feed was read to its end; null where none was. */
  head(): SignedHead | null {
    return attempt(() => verifyHead(new Uint8Array(readFileSync(join(this.#folder, CHECKPOINT_PATH)))));
  }

  /** The tree under that head, as far as what is kept makes it: its root shows whether it does. Null where something is not there. */
  tree(): Tree | null {
    const head = this.head();
    if (head === null) return null;
    return attempt(() => {
      const full = Math.floor(head.size / TILE_WIDTH);
      const roots = Array.from({ length: full }, (_, number) =>
        rootInNames(this.#read("names", number) ?? new Uint8Array()),
      );
      const count = head.size % TILE_WIDTH;
      const tail = count === 0 ? null : openBundle(this.#tail(head), count);
      return new Tree(head, roots, tail);
    });
  }

  /** Entries behind the last full bundle under a head: without them its tree can't be made. */
  keepTail({ head, tail }: Tree): void {
    if (tail !== null && this.#takes("bundles", tail.octets.length)) this.#write(tailOf(head), tail.octets);
  }

  /** The feed was read to its end under this head, which extends the one that was kept before. */
  keepHead(head: SignedHead): void {
    const known = this.head();
    this.#write(CHECKPOINT_PATH, head.note);
    if (known !== null && known.size < head.size)
      attempt(() => rmSync(join(this.#folder, tailOf(known)), { force: true }));
    attempt(() => utimesSync(this.#folder, new Date(), new Date()));
  }

  #tail(head: SignedHead): Uint8Array {
    return new Uint8Array(readFileSync(join(this.#folder, tailOf(head))));
  }

  #read(kind: Kind, number: number): Uint8Array | null {
    const path = join(this.#folder, pathOf(kind, number));
    return attempt(() =>
      statSync(path).size > MAX_FEED_FILE_BYTES ? null : new Uint8Array(readFileSync(path)),
    );
  }

  #keep(kind: Kind, number: number, octets: Uint8Array): void {
    if (this.#takes(kind, octets.length)) this.#write(pathOf(kind, number), octets);
  }

  /** Whole or not at all. Not flushed to the disk: what a crash leaves of it is no bundle of any root, and is read anew. */
  #write(path: string, octets: Uint8Array): void {
    const to = join(this.#folder, path);
    const temporary = `${to}.${randomBytes(6).toString("hex")}.tmp`;
    const isDone = attempt(() => {
      makeFolder(dirname(to), 0o700);
      writeFileSync(temporary, octets, { mode: 0o600 });
      renameSync(temporary, to);
      return true;
    });
    if (isDone !== true) attempt(() => rmSync(temporary, { force: true }));
  }
}

function tailOf({ size, root }: SignedHead): string {
  return `bundles/tail.${size}.${toHex(root).slice(0, 16)}`;
}

function pathOf(kind: Kind, number: number): string {
  return entriesPath(number).replace(/^tile.entries/, kind);
}

function namesIn(folder: string): readonly string[] {
  return attempt(() => readdirSync(folder)) ?? [];
}

function octetsIn(folder: string): number {
  const files = attempt(() => readdirSync(folder, { recursive: true, withFileTypes: true })) ?? [];
  return files
    .filter((file) => file.isFile())
    .map(({ parentPath, name }) => attempt(() => statSync(join(parentPath, name)).size) ?? 0)
    .reduce((all, octets) => all + octets, 0);
}

function timeOf(path: string): number {
  return attempt(() => statSync(path).mtimeMs) ?? 0;
}

/** Null where it can't be done: what can't be kept is read again, and that is all. */
function attempt<Value>(work: () => Value): Value | null {
  try {
    return work();
  } catch {
    return null;
  }
}

import { toHex } from "../../protocol/bytes/index.ts";
import { parseCheckpointBody } from "../../protocol/feed/index.ts";
import type { CheckpointBody } from "../../protocol/feed/index.ts";
import type { RowHead } from "./feed-views.ts";
import type { MemoryFeed } from "./memory-feed.ts";

/** A head without its signature. */
type Tree = Pick<RowHead, "origin" | "size" | "root">;

/** What was really signed in a run: the one history of each honest feed, and all branches of each liar's. */
export class Histories {
  /** Roots in hex by size, of honest feeds. */
  readonly #honest = new Map<string, Map<number, string>>();
  readonly #branches = new Map<string, readonly MemoryFeed[]>();
  /** By witness and origin: the largest head that it cosigned. */
  readonly #cosigned = new Map<string, Tree>();

  /** An honest peer signs a head: whether it is the first of its size, or the same again. */
  signs(body: string): { readonly size: number; readonly isFirst: boolean } {
    const { origin, size, root } = parseCheckpointBody(body);
    const roots = this.#honest.get(origin) ?? new Map<number, string>();
    this.#honest.set(origin, roots);
    const isFirst = (roots.get(size) ?? toHex(root)) === toHex(root);
    roots.set(size, toHex(root));
    return { size, isFirst };
  }

  /** A witness cosigns a head: whether it was signed, and extends all of its feed that this one cosigned before. */
  cosigns(witness: string, { origin, size, root }: CheckpointBody): boolean {
    const name = `${witness} ${origin}`;
    const next = { origin, size, root: toHex(root) };
    const before = this.#cosigned.get(name);
    if (!this.wasSigned(next) || (before !== undefined && !this.isExtended(before, next))) return false;
    this.#cosigned.set(name, next);
    return true;
  }

  /** A liar's key signs heads of these and of nothing else. */
  lies(branches: readonly MemoryFeed[]): void {
    for (const { origin } of branches) this.#branches.set(origin, branches);
  }

  /** Roots that an honest feed signed, by size. */
  signedBy(origin: string): ReadonlyMap<number, string> {
    return this.#honest.get(origin) ?? new Map<number, string>();
  }

  isHonest(origin: string): boolean {
    return this.#honest.has(origin);
  }

  /** Whether its key signed that head; true of feeds that nobody told of. */
  wasSigned({ origin, size, root }: Tree): boolean {
    const branches = this.#branches.get(origin);
    if (branches !== undefined) return branches.some((branch) => has(branch, size, root));
    return !this.#honest.has(origin) || this.signedBy(origin).get(size) === root;
  }

  /** Whether one history has both heads, the smaller one first; true of feeds that nobody told of. */
  isExtended(from: Tree, to: Tree): boolean {
    if (to.size < from.size) return false;
    if (to.size === from.size && to.root !== from.root) return false;
    const branches = this.#branches.get(from.origin);
    if (branches === undefined) return true;
    return branches.some((branch) => has(branch, from.size, from.root) && has(branch, to.size, to.root));
  }
}

function has(branch: MemoryFeed, size: number, root: string): boolean {
  return size <= branch.entries.length && toHex(branch.root(size)) === root;
}

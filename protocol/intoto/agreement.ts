/** Who got the same: what one of them says of an artifact contradicts none of the others, and all have a strong digest of it in common. */
import { MAX_STEP_RESULTS } from "../limits.ts";
import { areEqual, areSame, inCommon } from "./digests.ts";
import type { Artifacts, Digests, Link } from "./types.ts";

/** A link as some have written it: with other algorithms than others, or more of them. */
interface Writing {
  readonly link: Link;
  readonly voters: Set<string>;
}

type Side = "materials" | "products";

/** Links of one result. Whether all links of a step are in one does not depend on their order. */
export class Agreement {
  readonly #first: Link;
  readonly #writings: Writing[];
  /** What all have in common. */
  #common: Readonly<Record<Side, Artifacts>>;

  /** `voter`: whose link it is. */
  constructor(link: Link, voter: string) {
    this.#first = link;
    this.#writings = [{ link, voters: new Set([voter]) }];
    this.#common = link;
  }

  /**
   * The first link, with the digests for which `threshold` of them speak: fewer voices add none, and one more who agrees takes none away. There is a
   * strong one of each artifact, where there are so many of them.
   */
  link(threshold: number): Link {
    if (this.#writings.length === 1) return this.#first;
    return Object.freeze({
      ...this.#first,
      materials: this.#spokenFor("materials", threshold),
      products: this.#spokenFor("products", threshold),
    });
  }

  /** Takes the link where it has the same result. */
  take(link: Link, voter: string): boolean {
    const alike = this.#writings.find((one) => isWrittenAlike(one.link, link));
    if (alike !== undefined) {
      alike.voters.add(voter);
      return true;
    }
    if (this.#writings.length >= MAX_STEP_RESULTS) return false;
    if (!this.#writings.every((one) => isSameResult(one.link, link))) return false;
    const materials = commonOf(this.#common.materials, link.materials);
    const products = commonOf(this.#common.products, link.products);
    if (materials === null || products === null) return false;
    this.#writings.push({ link, voters: new Set([voter]) });
    this.#common = { materials, products };
    return true;
  }

  /** They have the same paths, and where two give the same algorithm, the same digest. */
  #spokenFor(side: Side, threshold: number): Artifacts {
    const spoken = new Map<string, Digests>();
    for (const path of this.#first[side].keys()) {
      const voters = new Map<string, { readonly digest: string; readonly of: Set<string> }>();
      for (const { link, voters: some } of this.#writings) {
        for (const [algorithm, digest] of link[side].get(path) ?? []) {
          const known = voters.get(algorithm)?.of ?? [];
          voters.set(algorithm, { digest, of: new Set([...known, ...some]) });
        }
      }
      const enough = [...voters].filter(([, { of }]) => of.size >= threshold);
      spoken.set(path, new Map(enough.map(([algorithm, { digest }]) => [algorithm, digest])));
    }
    return spoken;
  }
}

function isWrittenAlike(one: Link, other: Link): boolean {
  return areEqual(one.materials, other.materials) && areEqual(one.products, other.products);
}

function isSameResult(one: Link, other: Link): boolean {
  return areSame(one.materials, other.materials) && areSame(one.products, other.products);
}

function commonOf(some: Artifacts, others: Artifacts): Artifacts | null {
  const common = new Map<string, Digests>();
  for (const [path, digests] of some) {
    const both = inCommon(digests, others.get(path) ?? new Map());
    if (both === null) return null;
    common.set(path, both);
  }
  return common;
}

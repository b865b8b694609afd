/** Who got the same: what one of them says of an artifact contradicts none of the others, and all have a strong digest of it in common. */
import { MAX_STEP_RESULTS } from "../limits.ts";
import { areEqual, areSame, inCommon } from "./digests.ts";
import type { Artifacts, Digests, Link } from "./types.ts";

/** Links of one result. Whether all links of a step are in one does not depend on their order. */
export class Agreement {
  /** The writings there are: with other algorithms, or others more. */
  readonly #writings: Link[];
  #link: Link;

  constructor(link: Link) {
    this.#writings = [link];
    this.#link = link;
  }

  /** The first link, with those digests alone that all give. */
  get link(): Link {
    return this.#link;
  }

  /** Takes the link where it has the same result. */
  take(link: Link): boolean {
    if (this.#writings.some((one) => isWrittenAlike(one, link))) return true;
    if (this.#writings.length >= MAX_STEP_RESULTS) return false;
    if (!this.#writings.every((one) => isSameResult(one, link))) return false;
    const materials = commonOf(this.#link.materials, link.materials);
    const products = commonOf(this.#link.products, link.products);
    if (materials === null || products === null) return false;
    this.#writings.push(link);
    this.#link = Object.freeze({ ...this.#link, materials, products });
    return true;
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

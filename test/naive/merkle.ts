/** RFC 6962, section 2.1, word for word: what `protocol/feed` is compared with. Roots are kept, or its tests would take minutes. */
import { createHash } from "node:crypto";

export class NaiveTree {
  readonly #leaves: readonly Uint8Array[];
  readonly #roots = new Map<string, Uint8Array>();

  constructor(leaves: readonly Uint8Array[]) {
    this.#leaves = leaves;
  }

  /** MTH(D[n]) */
  root(n: number): Uint8Array {
    return this.#mth(0, n);
  }

  /** PATH(m, D[n]) */
  path(m: number, n: number): Uint8Array[] {
    return this.#path(m, 0, n);
  }

  /** PROOF(m, D[n]) */
  proof(m: number, n: number): Uint8Array[] {
    return this.#subproof(m, 0, n, true);
  }

  /** MTH(D[start:end]) */
  #mth(start: number, end: number): Uint8Array {
    const known = this.#roots.get(`${start}:${end}`);
    if (known !== undefined) return known;
    const root = this.#hash(start, end);
    this.#roots.set(`${start}:${end}`, root);
    return root;
  }

  #hash(start: number, end: number): Uint8Array {
    const n = end - start;
    if (n === 0) return sha256([]);
    if (n === 1) return sha256([Uint8Array.of(0), ...this.#leaves.slice(start, end)]);
    const k = split(n);
    return sha256([Uint8Array.of(1), this.#mth(start, start + k), this.#mth(start + k, end)]);
  }

  #path(m: number, start: number, end: number): Uint8Array[] {
    if (end - start === 1) return [];
    const k = split(end - start);
    return m < k
      ? [...this.#path(m, start, start + k), this.#mth(start + k, end)]
      : [...this.#path(m - k, start + k, end), this.#mth(start, start + k)];
  }

  #subproof(m: number, start: number, end: number, known: boolean): Uint8Array[] {
    const n = end - start;
    if (m === n) return known ? [] : [this.#mth(start, end)];
    const k = split(n);
    return m <= k
      ? [...this.#subproof(m, start, start + k, known), this.#mth(start + k, end)]
      : [...this.#subproof(m - k, start + k, end, false), this.#mth(start, start + k)];
  }
}

/** The largest power of two smaller than n. */
function split(n: number): number {
  let k = 1;
  while (2 * k < n) k *= 2;
  return k;
}

function sha256(parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

/**
 * Leaf states (RULES R9): nothing is shown of an entry, and nothing is said of its signer, before a signature was checked. Checked at
 * first use, remembered until restart.
 */
import { trustChecked, signatureItems } from "../attestation/index.ts";
import type { Attestation, Verified } from "../attestation/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import { MAX_CHECKED_ENTRIES, MAX_CHECK_ITEMS } from "../limits.ts";
import type { Accuser } from "./accuse.ts";
import type { Context } from "./context.ts";
import type { FeedState } from "./feed-state.ts";
import type { AskedKeys, KnownKeys } from "./keys.ts";
import { Seen } from "./seen.ts";
import type { SignatureItem } from "./signature-item.ts";

/** An entry of a feed, parsed. */
export interface Leaf {
  readonly feed: FeedState;
  readonly index: number;
  readonly attestation: Attestation;
}

/** One key that is tried on one leaf: it signed if any of the items holds. */
interface Trial {
  readonly at: number;
  readonly key: PublicKey;
  readonly items: readonly SignatureItem[];
}

export class Checker {
  readonly #ctx: Context;
  readonly #keys: KnownKeys;
  readonly #accuser: Accuser;
  /** By feed number and index: who signed, where there is one signature only. */
  readonly #good = new Seen<PublicKey>(MAX_CHECKED_ENTRIES);
  /** Single signatures that are not the feed's own. */
  readonly #notOwn = new Seen<true>(MAX_CHECKED_ENTRIES);

  constructor(ctx: Context, keys: KnownKeys, accuser: Accuser) {
    this.#ctx = ctx;
    this.#keys = keys;
    this.#accuser = accuser;
  }

  /** For each leaf the attestation as somebody's whom we know or were asked for, or null. */
  verify(
    leaves: readonly Leaf[],
    asked: AskedKeys,
    done: (verified: readonly (Verified | null)[]) => void,
    failed: (code: string) => void,
  ): void {
    const results: (Verified | null)[] = leaves.map((leaf) => this.#remembered(leaf));
    const rounds = leaves.map((leaf, at) => (results[at] === null ? this.#trials(leaf, at, asked) : []));
    const round = (number: number): void => {
      const trials = rounds.flatMap((ofLeaf, at) => {
        const trial = results[at] === null ? ofLeaf[number] : undefined;
        return trial === undefined ? [] : [trial];
      });
      if (trials.length === 0) {
        done(results);
        return;
      }
      this.#check(
        trials,
        (good) => {
          for (const [i, { at, key }] of trials.entries()) {
            const leaf = leaves[at];
            if (leaf !== undefined) results[at] = this.#conclude(leaf, key, good[i] === true);
          }
          round(number + 1);
        },
        failed,
      );
    };
    round(0);
  }

  #trials(leaf: Leaf, at: number, asked: AskedKeys): Trial[] {
    const { attestation, feed } = leaf;
    const skipOwn = this.#notOwn.has(nameOf(leaf));
    return this.#keys
      .candidates(attestation, skipOwn ? null : feed, asked)
      .map((key) => ({ at, key, items: signatureItems(attestation, key) }))
      .filter(({ items }) => items.length > 0);
  }

  #remembered(leaf: Leaf): Verified | null {
    const key = this.#good.get(nameOf(leaf));
    return key === undefined ? null : trustChecked(leaf.attestation, key);
  }

  #conclude(leaf: Leaf, key: PublicKey, good: boolean): Verified | null {
    const name = nameOf(leaf);
    const single = leaf.attestation.signatures.length === 1;
    if (good) {
      if (single) this.#good.set(name, key);
      return trustChecked(leaf.attestation, key);
    }
    if (key === leaf.feed.publicKey && single) {
      this.#notOwn.set(name, true);
      this.#accuser.accuse(leaf.feed, leaf.index, leaf.attestation);
    }
    return null;
  }

  /** Checks slice by slice; `good[i]` says whether any item of trial i holds. */
  #check(
    trials: readonly Trial[],
    done: (good: readonly boolean[]) => void,
    failed: (code: string) => void,
  ): void {
    const items = trials.flatMap((trial, number) => trial.items.map((item) => ({ number, item })));
    const good = trials.map(() => false);
    const slice = (from: number): void => {
      const part = items.slice(from, from + MAX_CHECK_ITEMS);
      if (part.length === 0) {
        done(good);
        return;
      }
      this.#ctx.turn.check(
        part.map(({ item }) => item),
        (holds) => {
          for (const [i, { number }] of part.entries()) if (holds[i] === true) good[number] = true;
          slice(from + part.length);
        },
        failed,
      );
    };
    slice(0);
  }
}

function nameOf({ feed, index }: Leaf): string {
  return `${feed.no}/${index}`;
}

/**
 * Leaf states (RULES R9): nothing is shown of an entry, and nothing is said of its signer, before a signature was checked. Checked at
 * first use, remembered until restart.
 */
import { trustChecked, signatureItems } from "../attestation/index.ts";
import type { Attestation, Verified } from "../attestation/index.ts";
import { keyIdPlain } from "../crypto/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import { MAX_CHECKED_ENTRIES, MAX_CHECK_ITEMS } from "../limits.ts";
import type { Accuser } from "./accuse.ts";
import type { Context } from "./context.ts";
import type { FeedState } from "./feed-state.ts";
import type { AskedKeys, KnownKeys } from "./keys.ts";
import { Seen } from "./seen.ts";
import type { SignatureItem } from "./signature-item.ts";
import type { SlowChecks } from "./slow-checks.ts";

/** An entry of a feed, parsed. */
export interface Leaf {
  readonly feed: FeedState;
  readonly index: number;
  readonly attestation: Attestation;
}

/** One key that is tried on one leaf: it signed if any of the items holds. */
interface Trial {
  readonly at: number;
  readonly leaf: Leaf;
  readonly key: PublicKey;
  readonly items: readonly SignatureItem[];
}

export class Checker {
  readonly #ctx: Context;
  readonly #keys: KnownKeys;
  readonly #accuser: Accuser;
  readonly #slow: SlowChecks;
  /** By feed number and index: who signed, where there is one signature only. */
  readonly #good = new Seen<PublicKey>(MAX_CHECKED_ENTRIES);
  /** Single signatures that are not the feed's own. */
  readonly #notOwn = new Seen<true>(MAX_CHECKED_ENTRIES);
  /** What came of trials that took long, by entry and key. */
  readonly #tried = new Seen<boolean>(MAX_CHECKED_ENTRIES);

  constructor(ctx: Context, keys: KnownKeys, accuser: Accuser, slow: SlowChecks) {
    this.#ctx = ctx;
    this.#keys = keys;
    this.#accuser = accuser;
    this.#slow = slow;
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
          for (const [i, { at, leaf, key }] of trials.entries())
            results[at] = this.#conclude(leaf, key, good[i] === true);
          round(number + 1);
        },
        failed,
      );
    };
    round(0);
  }

  /** Whether the feed has spent what it may on slow checks, and this leaf takes some: so many at most, else 0. */
  owed(leaf: Leaf, asked: AskedKeys): number {
    return this.#slow.tokens(leaf.feed) > 0 ? 0 : this.#slowCost(leaf, asked);
  }

  #slowCost(leaf: Leaf, asked: AskedKeys): number {
    if (this.#remembered(leaf) !== null) return 0;
    return this.#trials(leaf, 0, asked)
      .filter((trial) => isSlow(trial) && !this.#tried.has(nameOfTrial(trial)))
      .reduce((sum, { items }) => sum + items.length, 0);
  }

  #trials(leaf: Leaf, at: number, asked: AskedKeys): Trial[] {
    const { attestation, feed } = leaf;
    const skipOwn = this.#notOwn.has(nameOf(leaf));
    return this.#keys
      .candidates(attestation, skipOwn ? null : feed, asked)
      .map((key) => ({ at, leaf, key, items: signatureItems(attestation, key) }))
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

  /** `good[i]` says whether any item of trial i holds: the quick ones at once, the slow ones feed by feed. */
  #check(
    trials: readonly Trial[],
    done: (good: readonly boolean[]) => void,
    failed: (code: string) => void,
  ): void {
    const known = trials.map((trial) => (isSlow(trial) ? this.#tried.get(nameOfTrial(trial)) : undefined));
    const good = known.map((holds) => holds === true);
    const open = trials.flatMap((trial, number) =>
      known[number] === undefined ? trial.items.map((item) => ({ trial, number, item })) : [],
    );
    const slow = Map.groupBy(
      open.filter(({ trial }) => isSlow(trial)),
      ({ trial }) => trial.leaf.feed,
    );
    const quick = open.filter(({ trial }) => !isSlow(trial));
    let left = 1 + slow.size;
    let isOver = false;
    const fail = (code: string): void => {
      if (!isOver) failed(code);
      isOver = true;
    };
    const part = (some: typeof open) => (holds: readonly boolean[]) => {
      for (const [i, { number }] of some.entries()) if (holds[i] === true) good[number] = true;
      for (const { trial, number } of some)
        if (isSlow(trial)) this.#tried.set(nameOfTrial(trial), good[number] === true);
      left--;
      if (left === 0 && !isOver) done(good);
    };
    for (const [feed, some] of slow)
      this.#slow.check(
        feed,
        some.map(({ item }) => item),
        part(some),
        fail,
      );
    this.#quick(
      quick.map(({ item }) => item),
      part(quick),
      fail,
    );
  }

  /** Slice by slice. */
  #quick(
    items: readonly SignatureItem[],
    done: (holds: readonly boolean[]) => void,
    failed: (code: string) => void,
  ): void {
    const all: boolean[] = [];
    const slice = (): void => {
      const part = items.slice(all.length, all.length + MAX_CHECK_ITEMS);
      if (part.length === 0) {
        done(all);
        return;
      }
      this.#ctx.turn.check(
        part,
        (holds) => {
          all.push(...part.map((_, i) => holds[i] === true));
          slice();
        },
        failed,
      );
    };
    slice();
  }
}

function isSlow({ key }: Trial): boolean {
  return key.type !== "ed25519";
}

function nameOf({ feed, index }: Leaf): string {
  return `${feed.no}/${index}`;
}

/** Of a slow one: an RSA key has hundreds of octets. */
function nameOfTrial({ leaf, key }: Trial): string {
  return `${nameOf(leaf)} ${keyIdPlain(key)}`;
}

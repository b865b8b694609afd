/** How many records are kept, in all and of each followed builder's key: what bounds them (RULES R25, I9). */
import { toHex } from "../bytes/index.ts";
import { MAX_BUILDER_RECORDS, MAX_FOLLOWED_RECORDS, MAX_RECORDS } from "../limits.ts";
import type { KnownKeys } from "./keys.ts";
import { expiryOf, signerOfRecord } from "./rows.ts";

/** What one write changes. */
export interface RecordChange {
  /** Keys of the rows of records that come. */
  readonly come: readonly Uint8Array[];
  /** Keys of the expiry rows of those that go. */
  readonly gone: readonly Uint8Array[];
}

export class RecordCounts {
  readonly #keys: KnownKeys;
  readonly #ofBuilder: Map<string, number>;
  #all: number;
  #followed: number;

  constructor(keys: KnownKeys, from: RecordCounts | null = null) {
    this.#keys = keys;
    this.#ofBuilder = new Map(from === null ? [] : from.#ofBuilder);
    this.#all = from === null ? 0 : from.#all;
    this.#followed = from === null ? 0 : from.#followed;
  }

  get all(): number {
    return this.#all;
  }

  /** Whether a further one makes another go, if there is one that may. */
  get isFull(): boolean {
    return this.#all >= MAX_RECORDS;
  }

  /** Whether any belongs to somebody whom nobody here follows. */
  get hasStrangers(): boolean {
    return this.#all > this.#followed;
  }

  /** To be changed while it is decided what comes. */
  copy(): RecordCounts {
    return new RecordCounts(this.#keys, this);
  }

  /** Whether one more of this key's followed signer may come, be it in the place of a stranger's. */
  allowsFollowed(key: Uint8Array): boolean {
    const ofBuilder = this.#ofBuilder.get(toHex(signerOfRecord(key))) ?? 0;
    return this.#followed < MAX_FOLLOWED_RECORDS && ofBuilder < MAX_BUILDER_RECORDS;
  }

  apply({ come, gone }: RecordChange): void {
    for (const key of come) this.#count(key, 1);
    for (const key of gone) this.#count(expiryOf(key).record, -1);
  }

  #count(key: Uint8Array, by: number): void {
    this.#all += by;
    const signer = signerOfRecord(key);
    if (!this.#keys.followsHash(signer)) return;
    this.#followed += by;
    const name = toHex(signer);
    this.#ofBuilder.set(name, (this.#ofBuilder.get(name) ?? 0) + by);
  }
}

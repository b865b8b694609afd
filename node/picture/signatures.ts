/** Looks at the signatures of entries that nobody has looked at, and writes into the book who made them (RULES R9). */
import {
  ed25519Key,
  entriesIn,
  entryRange,
  feedKey,
  feedNumberOf,
  fromHex,
  keyOfFeedRow,
  KnownKeys,
  MAX_KNOWN_STEPS,
  parseAttestation,
  rowAt,
  rowsOf,
  sha256,
  signatureItems,
  toHex,
  tried,
  utf8,
} from "../../protocol/index.ts";
import type { Attestation, PublicKey, Range, SignatureItem } from "../../protocol/index.ts";
import type { Checker, Page } from "../edges.ts";
import { Book } from "./book.ts";
import type { Place } from "./book.ts";

export interface Rows {
  read(range: Range): Promise<Page>;
}

/** Rows of feeds have up to 14 KB. */
const FEEDS_AT_ONCE = 64;
/** Octets of a step's hash in a row of the index. */
const STEP_BYTES = 8;

interface Entry {
  readonly index: number;
  readonly octets: Uint8Array;
}

/** A key that may have signed an entry, and what shows whether it did. */
interface Trial {
  readonly signer: string;
  readonly items: readonly SignatureItem[];
}

export class Signatures {
  readonly book: Book = new Book();
  readonly #rows: Rows;
  readonly #checker: Checker;
  readonly #known: KnownKeys;
  /** By the beginning of its hash. */
  readonly #steps = new Map<string, string>();
  readonly #tags = new Map<string, string>();

  constructor(rows: Rows, checker: Checker, followed: readonly PublicKey[]) {
    this.#rows = rows;
    this.#checker = checker;
    this.#known = new KnownKeys(followed);
  }

  /** Opens the sheets of all feeds that there are. Returns their numbers. */
  async meetAll(): Promise<readonly number[]> {
    const numbers: number[] = [];
    let range = rowsOf("f", FEEDS_AT_ONCE);
    for (;;) {
      const { rows, more } = await this.#rows.read(range);
      for (const { key, value } of rows) {
        this.book.open(feedNumberOf(key), toHex(keyOfFeedRow(value)));
        numbers.push(feedNumberOf(key));
      }
      const last = rows.at(-1);
      if (!more || last === undefined) return numbers;
      range = { ...range, from: rowAt(last.key).to };
    }
  }

  /** Whether there is such a feed. Its number may have been another's before. */
  async meet(no: number): Promise<boolean> {
    const [row] = (await this.#rows.read(rowAt(feedKey(no)))).rows;
    if (row === undefined) return false;
    this.book.open(no, toHex(keyOfFeedRow(row.value)));
    return true;
  }

  /** Checks up to `count` entries from `from` on; how many there were. */
  async checkRun(no: number, from: number, count: number): Promise<number> {
    const key = this.book.keyOf(no);
    const { rows } = await this.#rows.read(entryRange(no, from, from + count));
    const entries = entriesIn(rows, from, from + count);
    await this.#check(
      no,
      key,
      entries.map((octets, i) => ({ index: from + i, octets })),
    );
    return entries.length;
  }

  /** Checks these entries. */
  async checkAll(places: readonly Place[]): Promise<void> {
    for (const [no, some] of Map.groupBy(places, (place) => place.no)) {
      const key = this.book.keyOf(no);
      const entries = await Promise.all(some.map((place) => this.entryAt(place)));
      await this.#check(
        no,
        key,
        entries.flatMap((octets, i) => (octets === null ? [] : [{ index: some[i]?.index ?? 0, octets }])),
      );
    }
  }

  /** Its octets, or null where it is gone. */
  async entryAt({ no, index }: Place): Promise<Uint8Array | null> {
    const { rows } = await this.#rows.read(entryRange(no, index, index + 1));
    return entriesIn(rows, index, index + 1)[0] ?? null;
  }

  /** The name of a step, of which a row has the beginning of its hash; as in the entry where it stands. */
  async stepOf(tag: string, place: Place): Promise<string> {
    const known = this.#steps.get(tag);
    if (known !== undefined) return known;
    const octets = await this.entryAt(place);
    const attestation = octets === null ? null : tried(() => parseAttestation(octets));
    if (attestation !== null) this.#learn(attestation);
    return this.#steps.get(tag) ?? tag;
  }

  #learn({ claims }: Attestation): void {
    for (const { step } of claims) {
      if (this.#tags.has(step) || this.#steps.size >= MAX_KNOWN_STEPS) continue;
      const tag = toHex(sha256(utf8(step)).subarray(0, STEP_BYTES));
      this.#tags.set(step, tag);
      this.#steps.set(tag, step);
    }
  }

  /** `key`: whose feed had that number when they were read. */
  async #check(no: number, key: string | null, entries: readonly Entry[]): Promise<void> {
    if (key === null) return;
    const feed = { publicKey: ed25519Key(fromHex(key, 32)) };
    const trials = entries.map(({ octets }) => this.#trials(octets, feed));
    const signers: (string | null)[] = entries.map(() => null);
    for (let round = 0; ; round++) {
      const open = trials.flatMap((some, at) => {
        const trial = signers[at] === null ? some[round] : undefined;
        return trial === undefined ? [] : [{ at, trial }];
      });
      if (open.length === 0) break;
      const good = await this.#checker.check(open.flatMap(({ trial }) => trial.items));
      let next = 0;
      for (const { at, trial } of open) {
        const own = good.slice(next, (next += trial.items.length));
        if (own.includes(true)) signers[at] = trial.signer;
      }
    }
    // Another feed may have been given that number meanwhile.
    if (this.book.keyOf(no) !== key) return;
    for (const [at, { index }] of entries.entries()) this.book.set({ no, index }, signers[at] ?? null);
  }

  #trials(octets: Uint8Array, feed: { readonly publicKey: PublicKey }): readonly Trial[] {
    const attestation = tried(() => parseAttestation(octets));
    if (attestation === null) return [];
    this.#learn(attestation);
    return this.#known
      .candidates(attestation, feed)
      .map((key) => ({ signer: toHex(key.raw), items: signatureItems(attestation, key) }))
      .filter(({ items }) => items.length > 0);
  }
}

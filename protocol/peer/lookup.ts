/** What this peer holds about targets and digests: only entries whose signature is good, each with what proves it (RULES R9, R25). */
import { equalBytes, toHex } from "../bytes/index.ts";
import { nameOfHead, origin } from "../feed/index.ts";
import type { SignedHead } from "../feed/index.ts";
import { LOOKUP_STEP_ENTRIES, MAX_FOUND_ENTRIES, MAX_QUESTION_ROWS, MAX_TARGET_CLAIMS } from "../limits.ts";
import { readClaims } from "./claim-reads.ts";
import type { Checker, Leaf } from "./checker.ts";
import type { Context } from "./context.ts";
import { readEntries } from "./entries.ts";
import type { FeedState } from "./feed-state.ts";
import type { HeldHead } from "./head-joins.ts";
import { readable } from "./readable.ts";
import { askedKeys } from "./keys.ts";
import type { AskedKeys } from "./keys.ts";
import { digestRange, placeOfRow, targetRange } from "./rows.ts";
import type { Tiles } from "./tiles.ts";
import type { FoundEntry, Question, Row } from "./types.ts";

type Failed = (code: string) => void;

/** Entries `from` … of all that the question names, as many as fit and at most MAX_FOUND_ENTRIES of them looked at. */
export interface Page {
  readonly from: number;
  readonly maxBytes: number;
}

export interface Found {
  readonly entries: readonly FoundEntry[];
  /** Heads under which they are proven, each once. */
  readonly heads: readonly HeldHead[];
  /** Where the next page begins; null = that was all. */
  readonly next: number | null;
}

interface Place {
  readonly feed: FeedState;
  readonly index: number;
}

/** A place, its entry, and the head under which it can be proven. */
interface Candidate extends Leaf {
  readonly head: SignedHead;
}

/** Whose attestations, and who asks. */
interface Wanted {
  readonly asked: AskedKeys;
  readonly onlyAsked: boolean;
  readonly by: "us" | "strangers";
}

/** An entry with its proof, and the head under which that holds. */
interface Proven extends HeldHead {
  readonly entry: FoundEntry;
}

export class Lookup {
  readonly #ctx: Context;
  readonly #checker: Checker;
  readonly #tiles: Tiles;

  constructor(ctx: Context, checker: Checker, tiles: Tiles) {
    this.#ctx = ctx;
    this.#checker = checker;
    this.#tiles = tiles;
  }

  /** For strangers without what would take slow checks of a feed that has spent what it may: they can ask again. */
  find(
    question: Question,
    page: Page,
    by: "us" | "strangers",
    done: (found: Found) => void,
    failed: Failed,
  ): void {
    const asked = askedKeys(question.builders);
    const wanted = { asked, onlyAsked: question.builders.length > 0, by };
    this.#places(question, asked, (places) => this.#collect(places, page, wanted, done, failed), failed);
  }

  /** Where the index rows point, in an order of its own, so that pages fit together: the feeds of those asked for stand first. */
  #places(
    question: Question,
    asked: AskedKeys,
    done: (places: readonly Place[]) => void,
    failed: Failed,
  ): void {
    const [targets, digests] = [distinct(question.targets), distinct(question.digests)];
    const share = Math.floor(MAX_QUESTION_ROWS / Math.max(1, targets.length + digests.length));
    const most = Math.min(MAX_TARGET_CLAIMS, Math.max(1, share));
    const ranges = [
      ...targets.map((target) => targetRange(target, most)),
      ...digests.map((digest) => digestRange(digest, most)),
    ];
    const places = (rows: readonly (readonly Row[])[]): readonly Place[] => [
      ...this.#distinct(rows.flat(), asked),
      ...this.#endings(asked),
    ];
    readClaims(this.#ctx, ranges, asked, (rows) => done(places(rows)), failed);
  }

  /** What ended the feeds of those asked for, which tells why nothing more of them comes. */
  #endings({ keys }: AskedKeys): readonly Place[] {
    const { network } = this.#ctx.config;
    return keys
      .filter(({ type }) => type === "ed25519")
      .flatMap(({ raw }) => this.#ctx.endings.placeOf(origin(network, raw)) ?? []);
  }

  #distinct(rows: readonly Row[], asked: AskedKeys): Place[] {
    const places = new Map<string, Place>();
    for (const { key } of rows) {
      const { no, index } = placeOfRow(key);
      const feed = this.#ctx.feeds.byNo(no);
      if (feed?.wanted === true) places.set(`${no}/${index}`, { feed, index });
    }
    const names = new Set(asked.keys.map(({ raw }) => toHex(raw)));
    const feeds = new Set([...places.values()].map(({ feed }) => feed));
    const ranks = new Map([...feeds].map((feed) => [feed, names.has(toHex(feed.key)) ? -1 : rank(feed)]));
    const order = (a: FeedState, b: FeedState): number =>
      (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0) || a.no - b.no;
    return [...places.values()].sort((a, b) => order(a.feed, b.feed) || a.index - b.index);
  }

  /** Step by step, until all places are through, or the page is full, or enough for one question was looked at. */
  #collect(
    places: readonly Place[],
    page: Page,
    wanted: Wanted,
    done: (found: Found) => void,
    failed: Failed,
  ): void {
    const entries: FoundEntry[] = [];
    const heads = new Map<string, HeldHead>();
    let octets = 0;
    const tell = (next: number | null): void => done({ entries, heads: [...heads.values()], next });
    const end = Math.min(places.length, page.from + MAX_FOUND_ENTRIES);
    const step = (from: number): void => {
      const part = places.slice(from, Math.min(end, from + LOOKUP_STEP_ENTRIES));
      if (part.length === 0) {
        tell(from < places.length ? from : null);
        return;
      }
      this.#step(
        part,
        wanted,
        (found) => {
          for (const [i, one] of found.entries()) {
            if (one === null) continue;
            const size = sizeOf(one.entry);
            if (octets + size > page.maxBytes && entries.length > 0) {
              tell(from + i);
              return;
            }
            entries.push(one.entry);
            heads.set(nameOfHead(one.head), one);
            octets += size;
          }
          step(from + part.length);
        },
        failed,
      );
    };
    step(page.from);
  }

  /** For each place its entry with proof, or null where it has no good signature of anybody wanted. */
  #step(
    places: readonly Place[],
    { asked, onlyAsked, by }: Wanted,
    done: (found: readonly (Proven | null)[]) => void,
    failed: Failed,
  ): void {
    readEntries(
      this.#ctx.turn,
      places.map(({ feed, index }) => ({ no: feed.no, index })),
      (entries) => {
        const leaves = places.map((place, i) => candidate(place, entries[i] ?? null));
        const isPaid = (leaf: Leaf): boolean => by === "us" || this.#checker.owed(leaf, asked) === 0;
        const readableLeaves = leaves.filter((leaf) => leaf !== null).filter(isPaid);
        this.#checker.verify(
          readableLeaves,
          asked,
          (verified) => {
            const found = new Map<Candidate, Proven>();
            const good = readableLeaves.flatMap((leaf, i) => {
              const signer = verified[i]?.signer;
              const wanted = signer !== undefined && (!onlyAsked || isAsked(signer.raw, asked));
              return wanted ? [{ leaf, signer: signer.raw }] : [];
            });
            this.#prove(
              good,
              found,
              () => done(leaves.map((leaf) => (leaf === null ? null : (found.get(leaf) ?? null)))),
              failed,
            );
          },
          failed,
        );
      },
      failed,
    );
  }

  /** Proofs, feed by feed: entries of one feed share tiles. */
  #prove(
    good: readonly { readonly leaf: Candidate; readonly signer: Uint8Array }[],
    found: Map<Candidate, Proven>,
    done: () => void,
    failed: Failed,
  ): void {
    const [first] = good;
    if (first === undefined) {
      done();
      return;
    }
    const { feed, head } = first.leaf;
    const same = good.filter(({ leaf }) => leaf.feed === feed && leaf.head === head);
    const rest = good.filter(({ leaf }) => leaf.feed !== feed || leaf.head !== head);
    this.#tiles.inclusion(
      feed,
      same.map(({ leaf }) => leaf.index),
      head.size,
      (paths) => {
        for (const [i, { leaf, signer }] of same.entries()) {
          const entry = leaf.attestation.bytes;
          const proof = { index: leaf.index, path: paths[i] ?? [], checkpoint: head.note };
          found.set(leaf, { feed, head, entry: { entry, signer, ...proof } });
        }
        this.#prove(rest, found, done, failed);
      },
      failed,
    );
  }
}

/** Each once: whoever asks for the same many times is answered as if he had not. */
function distinct(keys: readonly Uint8Array[]): readonly Uint8Array[] {
  return [...new Map(keys.map((key) => [toHex(key), key])).values()];
}

/** The own feed first, then followed, then others: who floods comes last. */
function rank(feed: FeedState): number {
  return ["own", "followed", "vouched", "unknown"].indexOf(feed.class);
}

function candidate({ feed, index }: Place, entry: Uint8Array | null): Candidate | null {
  const head = feed.proven;
  if (entry === null || head === null || index >= head.size) return null;
  const attestation = readable(entry);
  return attestation === null ? null : { feed, index, attestation, head };
}

function isAsked(signer: Uint8Array, asked: AskedKeys): boolean {
  return asked.keys.some(({ raw }) => equalBytes(raw, signer));
}

/** Octets that an entry takes in an answer, proof and checkpoint included. */
export function sizeOf(entry: FoundEntry): number {
  return entry.entry.length + entry.signer.length + 34 * entry.path.length + entry.checkpoint.length + 32;
}

/**
 * Which records of a question may be kept (RULES R25). One whose entry stands in a followed feed here is known to be in it: only its
 * signature is checked, once. Of any other everything is checked.
 */
import { claimId } from "../attestation/index.ts";
import type { Attestation, Verified } from "../attestation/index.ts";
import { equalBytes, toHex } from "../bytes/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import { MAX_CHECK_ITEMS } from "../limits.ts";
import type { StoredRecord } from "../wire/index.ts";
import type { Checker, Leaf } from "./checker.ts";
import type { Context } from "./context.ts";
import { readEntries } from "./entries.ts";
import type { FeedState } from "./feed-state.ts";
import { askedKeys } from "./keys.ts";
import { parsedEntry } from "./leaves.ts";
import { RecordCheck } from "./record-check.ts";
import type { CheckedRecord, Envelope } from "./record-check.ts";
import type { RecordRow } from "./record-row.ts";
import { keysOf, slotsOf } from "./slots.ts";

/** A record that may be kept, if there is room. */
export interface AdmittedRecord {
  readonly slot: Uint8Array;
  readonly signer: PublicKey;
  readonly claimId: string;
  readonly row: Omit<RecordRow, "expires">;
}

type Results = readonly (AdmittedRecord | null)[];
type Failed = (code: string) => void;

export class RecordAdmission {
  readonly #ctx: Context;
  readonly #checker: Checker;

  constructor(ctx: Context, checker: Checker) {
    this.#ctx = ctx;
    this.#checker = checker;
  }

  /** For each record what is to be kept, or null. */
  admit(records: readonly StoredRecord[], done: (admitted: Results) => void, failed: Failed): void {
    const slots = new Map(records.map(({ slot }) => [toHex(slot), slot]));
    this.#ctx.turn.near(
      [...slots.values()],
      (answers) => {
        const isNear = new Set([...slots.keys()].filter((_, i) => answers[i] === true));
        const near = records.filter(({ slot }) => isNear.has(toHex(slot)));
        const told = (admitted: Results): void => {
          const results = new Map(near.map((record, i) => [record, admitted[i] ?? null]));
          done(records.map((record) => results.get(record) ?? null));
        };
        this.#admitNear(near, told, failed);
      },
      failed,
    );
  }

  /** The same for records whose slot lies near this peer. */
  #admitNear(records: readonly StoredRecord[], done: (admitted: Results) => void, failed: Failed): void {
    const feeds = records.map((record) => this.#feedOf(record));
    readEntries(
      this.#ctx.turn,
      records.map(({ index }, i) => ({ no: feeds[i]?.no ?? 0, index })),
      (entries) => {
        const leaves = records.map((record, i): Leaf | null => {
          const feed = feeds[i] ?? null;
          const entry = entries[i] ?? null;
          if (feed === null || entry === null || !equalBytes(entry, record.envelope)) return null;
          const { index } = record;
          const attestation = parsedEntry(this.#ctx, feed.no, index, entry);
          return attestation === null ? null : { feed, index, attestation };
        });
        this.#held(records, leaves, (held) => this.#others(records, leaves, held, done, failed), failed);
      },
      failed,
    );
  }

  /** Where the record's entry stands in a feed that is held here for good. */
  #feedOf({ origin, index }: StoredRecord): FeedState | null {
    const feed = this.#ctx.feeds.get(origin);
    return feed === null || !feed.isFollowed || index >= (feed.proven?.size ?? 0) ? null : feed;
  }

  #held(
    records: readonly StoredRecord[],
    leaves: readonly (Leaf | null)[],
    done: (held: Results) => void,
    failed: Failed,
  ): void {
    const distinct = new Map<string, Leaf>();
    for (const leaf of leaves) if (leaf !== null) distinct.set(nameOf(leaf), leaf);
    const signers = new Map(records.map(({ signer }) => [signer.join(), signer]));
    this.#checker.verify(
      [...distinct.values()],
      askedKeys([...signers.values()]),
      (verified) => {
        const byName = new Map([...distinct.keys()].map((name, i) => [name, verified[i] ?? null]));
        done(
          records.map((record, i) => {
            const leaf = leaves[i] ?? null;
            const one = leaf === null ? null : (byName.get(nameOf(leaf)) ?? null);
            return leaf === null || one === null ? null : fromFeed(record, leaf, one);
          }),
        );
      },
      failed,
    );
  }

  /** Records of entries that are not held here. */
  #others(
    records: readonly StoredRecord[],
    leaves: readonly (Leaf | null)[],
    held: Results,
    done: (admitted: Results) => void,
    failed: Failed,
  ): void {
    const check = new RecordCheck(this.#ctx.config.network);
    const checked = records.map((record, i) => (leaves[i] === null ? check.check(record) : null));
    const envelopes = new Set(checked.flatMap((one) => (one === null ? [] : [one.envelope])));
    this.#signed(
      [...envelopes],
      (signed) => {
        done(
          checked.map((one, i) =>
            one !== null && signed.has(one.envelope) ? whole(one) : (held[i] ?? null),
          ),
        );
      },
      failed,
    );
  }

  /** Of which envelopes a signature holds. */
  #signed(
    envelopes: readonly Envelope[],
    done: (signed: ReadonlySet<Envelope>) => void,
    failed: Failed,
  ): void {
    const items = envelopes.flatMap((envelope) => envelope.items.map((item) => ({ envelope, item })));
    const signed = new Set<Envelope>();
    const slice = (from: number): void => {
      const part = items.slice(from, from + MAX_CHECK_ITEMS);
      if (part.length === 0) {
        done(signed);
        return;
      }
      this.#ctx.turn.check(
        part.map(({ item }) => item),
        (holds) => {
          for (const [i, { envelope }] of part.entries()) if (holds[i] === true) signed.add(envelope);
          slice(from + part.length);
        },
        failed,
      );
    };
    slice(0);
  }
}

/** The newest that is known of its own feed tells how long its publisher has stood by it. */
function fromFeed(record: StoredRecord, { feed, index }: Leaf, verified: Verified): AdmittedRecord | null {
  const { signer } = verified;
  const slots = keysOf(verified, signer.raw).flatMap(slotsOf);
  const isIts = equalBytes(signer.raw, record.signer) && slots.some((slot) => equalBytes(slot, record.slot));
  if (!isIts) return null;
  const row = {
    ...ofAttestation(verified),
    time: feed.timed?.time ?? 0,
    size: feed.proven?.size ?? 0,
    signer: signer.raw,
    body: { held: { no: feed.no, index } },
  };
  return { slot: record.slot, signer, claimId: verified.id, row };
}

function whole({ record, envelope, head }: CheckedRecord): AdmittedRecord {
  const { attestation, signer } = envelope;
  const row = {
    ...ofAttestation(attestation),
    time: head.time ?? 0,
    size: head.size,
    signer: signer.raw,
    body: { record },
  };
  return { slot: record.slot, signer, claimId: claimId(signer.raw, attestation.signedBytes), row };
}

function ofAttestation({ claims }: Attestation): {
  readonly digest: Uint8Array;
  readonly isRetraction: boolean;
} {
  const positive = claims.find(({ kind }) => kind === "positive");
  return {
    digest: positive?.sha256 ?? new Uint8Array(0),
    isRetraction: claims.some(({ kind }) => kind === "retraction"),
  };
}

function nameOf({ feed, index }: Leaf): string {
  return `${feed.no}/${index}`;
}

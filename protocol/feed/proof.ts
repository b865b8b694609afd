/** Entries with all that proves them, and their file form: c2sp.org/tlog-proof. */
import {
  concat,
  fromBase64,
  fromDecimal,
  fromUtf8,
  reading,
  toBase64,
  toDecimal,
  utf8,
} from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_FEED_SIZE, MAX_NOTE_BYTES, MAX_PROOF_HASHES, MAX_TLOG_PROOF_BYTES } from "../limits.ts";
import { assertEntry } from "./entries.ts";
import { verifyCheckpoint } from "./head.ts";
import type { SignedHead } from "./head.ts";
import { HASH_BYTES, checkInclusion, leafHash } from "./merkle.ts";

/** An entry as `query`, records, bundles and mirrors hand it around; nothing of it is verified. */
export interface ProvenEntry {
  readonly entry: Uint8Array;
  readonly index: number;
  /** Inclusion proof, leaf's sibling first. */
  readonly path: readonly Uint8Array[];
  /** Signed note. */
  readonly checkpoint: Uint8Array;
}

declare const verified: unique symbol;

/** An entry that is in a feed under a verified head; only `verifyEntry` and `verifyEntryUnder` make one. Frozen. */
export interface VerifiedEntry {
  readonly head: SignedHead;
  readonly index: number;
  readonly entry: Uint8Array;
  readonly leafHash: Uint8Array;
  readonly [verified]: true;
}

/** Verifies the checkpoint, then the entry under it. Throws `note/…`, `checkpoint/…`, `tree/…`, `bundle/entry-too-big`. */
export function verifyEntry(proven: ProvenEntry, network: string): VerifiedEntry {
  return verifyEntryUnder(
    verifyCheckpoint(proven.checkpoint, network),
    proven.entry,
    proven.index,
    proven.path,
  );
}

/** Verifies that an entry is in the feed under a head that is verified already. Throws `tree/…`, `bundle/entry-too-big`. */
export function verifyEntryUnder(
  head: SignedHead,
  entry: Uint8Array,
  index: number,
  path: readonly Uint8Array[],
): VerifiedEntry {
  assertEntry(entry);
  const leaf = leafHash(entry);
  checkInclusion(index, head.size, leaf, path, head.root);
  return Object.freeze({ head, index, entry, leafHash: leaf }) as VerifiedEntry;
}

/** A `.tlog-proof` file; nothing of it is verified. Frozen. */
export interface TlogProof {
  readonly index: number;
  /** What the writer added, not covered by any signature; null = no such line. */
  readonly extra: Uint8Array | null;
  readonly path: readonly Uint8Array[];
  /** Octets of the signed note, to be read by `parseCheckpoint` or `verifyCheckpoint`. */
  readonly checkpoint: Uint8Array;
}

const FIRST_LINE = "c2sp.org/tlog-proof@v1";
const EXTRA = "extra ";
const INDEX = "index ";

/**
 * Reads a `.tlog-proof` file: first line, at most one `extra` line, `index` line, a line a hash, an empty line, the checkpoint.
 * Writing it again gives the same octets. Throws `proof/malformed`, `proof/too-big`.
 */
export function readTlogProof(bytes: Uint8Array): TlogProof {
  assertSize(bytes.length);
  const text = reading("proof/malformed", "proof", () => fromUtf8(bytes));
  // No line of the header is empty, so the first empty line ends it.
  const split = text.indexOf("\n\n");
  if (split < 0) throw malformed("no empty line before the checkpoint");
  const [first, ...lines] = text.slice(0, split).split("\n");
  if (first !== FIRST_LINE) throw malformed(`its first line is not ${FIRST_LINE}`);
  const extra = lines[0]?.startsWith(EXTRA) ? lines.shift() : undefined;
  const index = lines.shift();
  if (!index?.startsWith(INDEX)) throw malformed("no index line");
  if (lines.length > MAX_PROOF_HASHES)
    throw malformed(`at most ${MAX_PROOF_HASHES} hashes, not ${lines.length}`);
  return freeze({
    index: reading("proof/malformed", "index", () => fromDecimal(index.slice(INDEX.length), MAX_FEED_SIZE)),
    extra:
      extra === undefined
        ? null
        : reading("proof/malformed", "extra", () => fromBase64(extra.slice(EXTRA.length))),
    path: lines.map(readHash),
    checkpoint: utf8(text.slice(split + 2)),
  });
}

/** Octets of a `.tlog-proof` file. Throws `proof/malformed`, `proof/too-big` where `readTlogProof` would. */
export function writeTlogProof(proof: TlogProof): Uint8Array {
  const header = [
    FIRST_LINE,
    ...(proof.extra === null ? [] : [EXTRA + toBase64(proof.extra)]),
    INDEX + toDecimal(proof.index),
    ...proof.path.map(toBase64),
  ];
  const bytes = concat(utf8(`${header.join("\n")}\n\n`), proof.checkpoint);
  readTlogProof(bytes);
  return bytes;
}

function readHash(line: string, number: number): Uint8Array {
  const hash = reading("proof/malformed", `hash ${number}`, () => fromBase64(line));
  if (hash.length !== HASH_BYTES)
    throw malformed(`hash ${number} has ${hash.length} octets, not ${HASH_BYTES}`);
  return hash;
}

function freeze(proof: TlogProof): TlogProof {
  if (proof.checkpoint.length === 0 || proof.checkpoint.length > MAX_NOTE_BYTES) {
    throw malformed(`its checkpoint has ${proof.checkpoint.length} octets; 1 to ${MAX_NOTE_BYTES} are read`);
  }
  return Object.freeze({ ...proof, path: Object.freeze(proof.path) });
}

function assertSize(length: number): void {
  if (length > MAX_TLOG_PROOF_BYTES) {
    throw new ProtocolError(
      "proof/too-big",
      `a proof has at most ${MAX_TLOG_PROOF_BYTES} octets, not ${length}`,
    );
  }
}

function malformed(what: string): ProtocolError {
  return new ProtocolError("proof/malformed", `tlog-proof: ${what}`);
}

/** Envelopes with proofs as the node hands them out (`POST /v1/query`), read: nothing of them is believed before it is checked here. */
import {
  fromBase64,
  MAX_ENTRY_BYTES,
  MAX_FIND_COSIGNED,
  MAX_NOTE_BYTES,
  MAX_PROOF_HASHES,
  MAX_TOLD_COSIGNATURES,
  MAX_TOLD_JOINS,
  utf8,
} from "../../protocol/index.ts";
import type { RawEntry, RawFindings, RawHead, RawJoin, RecordShape, Shape } from "../../protocol/index.ts";

export interface Found {
  readonly network: string;
  readonly raw: RawFindings;
  /** How many other peers answered. */
  readonly peers: number;
  /** All that were asked have answered or given up. */
  readonly ended: boolean;
}

const LARGE = Number.MAX_SAFE_INTEGER;
const MANY = 100_000;

/** That a feed is held in full is the node's word, and is not taken over. */
export function readFound(root: RecordShape): Found {
  const told = root.optional("cosigned")?.list(MAX_FIND_COSIGNED) ?? [];
  return {
    network: root.string("network"),
    raw: {
      entries: root.list("found", MANY).map(readEntry),
      envelopes: [],
      heads: [...root.list("heads", MANY).flatMap(readHeads), ...told.map((note) => seen(readNote(note)))],
      evidence: root.list("evidence", MANY).map((item) => fromBase64(item.string())),
      joins: root.list("joins", MAX_TOLD_JOINS).map(readJoin),
    },
    peers: root.record("peers").integer("replied", 0, LARGE),
    ended: root.boolean("ended"),
  };
}

function readEntry(item: Shape): RawEntry {
  const found = item.record();
  return {
    entry: fromBase64(found.string("envelope", 2 * MAX_ENTRY_BYTES)),
    signer: found.member("signer").hex(),
    index: found.integer("index", 0, LARGE),
    path: found.list("path", MAX_PROOF_HASHES).map((hash) => hash.hex(32)),
    checkpoint: readNote(found.member("checkpoint")),
  };
}

function readHeads(item: Shape): readonly RawHead[] {
  const head = item.record();
  const timed = head.member("timed");
  return [
    {
      checkpoint: readNote(head.member("checkpoint")),
      timed: timed.value === null ? null : readNote(timed),
      complete: false,
    },
    ...head.list("cosigned", MAX_TOLD_COSIGNATURES).map((note) => seen(readNote(note))),
  ];
}

function seen(checkpoint: Uint8Array): RawHead {
  return { checkpoint, timed: null, complete: false };
}

function readJoin(item: Shape): RawJoin {
  const join = item.record();
  return {
    small: readNote(join.member("small")),
    large: readNote(join.member("large")),
    proof: join.list("proof", MAX_PROOF_HASHES).map((hash) => hash.hex(32)),
  };
}

function readNote(note: Shape): Uint8Array {
  return utf8(note.string(MAX_NOTE_BYTES));
}

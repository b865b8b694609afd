import {
  fromBase64,
  MAX_ENTRY_BYTES,
  MAX_CHECKPOINT_BYTES,
  MAX_FIND_COSIGNED,
  MAX_HTTP_ANSWER_BYTES,
  MAX_NOTE_BYTES,
  MAX_PROOF_HASHES,
  MAX_TOLD_COSIGNATURES,
  MAX_TOLD_JOINS,
  readJson,
  record,
  utf8,
} from "../../protocol/index.ts";
import type {
  FeedClass,
  FeedStateName,
  FindResult,
  FoundEntry,
  HeadJoin,
  HeadView,
  PublishedEntry,
  Shape,
} from "../../protocol/index.ts";

const MAX_ITEMS = 100_000;
const MAX_NETWORK_BYTES = 64;
const MAX_COUNT = 1_000_000;
const MAX_SIGNER_BYTES = 1_024;
const STATES: readonly FeedStateName[] = [
  "open",
  "syncing",
  "full",
  "oversized",
  "withheld",
  "not-begun",
  "unconfirmed",
  "frozen",
  "forked",
  "lost",
];
const CLASSES: readonly FeedClass[] = ["own", "followed", "vouched", "unknown"];

/** What a node found, and of which network it is. */
export interface FindAnswer {
  readonly network: string;
  readonly result: FindResult;
}

/** Reads the answer to `POST /v1/query`. What stands in it is unverified bytes; only its form is held to be right. */
export function readFindAnswer(body: Uint8Array): FindAnswer {
  const root = record(readJson(body, { maxBytes: MAX_HTTP_ANSWER_BYTES }), "answer");
  root.integer("samebits", 1, 1);
  const result: FindResult = {
    found: root.list("found", MAX_ITEMS).map(readFound),
    heads: root.list("heads", MAX_ITEMS).map(readHead),
    cosigned: readNotes(root.optional("cosigned")),
    joins: root.list("joins", MAX_TOLD_JOINS).map(readJoin),
    evidence: root.list("evidence", MAX_ITEMS).map((item) => fromBase64(item.string())),
    peers: readAsked(root.member("peers")),
    dht: readAsked(root.member("dht")),
    ended: root.boolean("ended"),
  };
  return { network: root.string("network", MAX_NETWORK_BYTES), result };
}

/** Reads the answer to `POST /v1/attestations`. */
export function readPublished(body: Uint8Array): readonly PublishedEntry[] {
  const root = record(readJson(body, { maxBytes: MAX_HTTP_ANSWER_BYTES }), "answer");
  root.integer("samebits", 1, 1);
  return root.list("entries", MAX_ITEMS).map((item) => {
    const entry = item.record();
    return {
      origin: entry.string("origin"),
      index: entry.integer("index", 0, Number.MAX_SAFE_INTEGER),
      known: entry.boolean("known"),
    };
  });
}

function readFound(item: Shape): FoundEntry {
  const found = item.record();
  return {
    entry: fromBase64(found.string("envelope", 2 * MAX_ENTRY_BYTES)),
    signer: found.member("signer").hex().slice(0, MAX_SIGNER_BYTES),
    index: found.integer("index", 0, Number.MAX_SAFE_INTEGER),
    path: found.list("path", MAX_PROOF_HASHES).map((hash) => hash.hex(32)),
    checkpoint: utf8(found.string("checkpoint", MAX_NOTE_BYTES)),
  };
}

function readHead(item: Shape): HeadView {
  const head = item.record();
  const timed = head.member("timed");
  return {
    origin: head.string("origin"),
    checkpoint: utf8(head.string("checkpoint", MAX_NOTE_BYTES)),
    size: head.integer("size", 0, Number.MAX_SAFE_INTEGER),
    held: head.integer("held", 0, Number.MAX_SAFE_INTEGER),
    indexed: head.integer("indexed", 0, Number.MAX_SAFE_INTEGER),
    timed: timed.value === null ? null : utf8(timed.string(MAX_NOTE_BYTES)),
    cosigned: head
      .list("cosigned", MAX_TOLD_COSIGNATURES)
      .map((note) => utf8(note.string(MAX_CHECKPOINT_BYTES))),
    state: head.member("state").oneOf(STATES),
    class: head.member("class").oneOf(CLASSES),
  };
}

/** Older nodes hand none out. */
function readNotes(item: Shape | undefined): readonly Uint8Array[] {
  const notes = item?.list(MAX_FIND_COSIGNED) ?? [];
  return notes.map((note) => utf8(note.string(MAX_CHECKPOINT_BYTES)));
}

function readJoin(item: Shape): HeadJoin {
  const join = item.record();
  return {
    small: utf8(join.string("small", MAX_NOTE_BYTES)),
    large: utf8(join.string("large", MAX_NOTE_BYTES)),
    proof: join.list("proof", MAX_PROOF_HASHES).map((hash) => hash.hex(32)),
  };
}

function readAsked(item: Shape): { readonly asked: number; readonly replied: number } {
  const counts = item.record();
  return { asked: counts.integer("asked", 0, MAX_COUNT), replied: counts.integer("replied", 0, MAX_COUNT) };
}

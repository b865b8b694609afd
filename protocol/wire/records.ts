/** Questions and answers of the stream `records`: attestations stored in the DHT (RULES R25). */
import {
  MAX_ANSWER_ITEMS,
  MAX_CHECKPOINT_BYTES,
  MAX_FIND_SLOTS,
  MAX_NAMED_SIGNERS,
  MAX_PROOF_HASHES,
  MAX_RECORD_ENVELOPE_BYTES,
  MAX_SIGNER_BYTES,
  MAX_STORE_RECORDS,
  MAX_STREAM_BYTES,
} from "../limits.ts";
import {
  badField,
  checkCode,
  checkCount,
  checkFilled,
  checkHashes,
  checkIndex,
  checkLength,
  checkNumber,
  checkOneOf,
  checkOrigin,
  checkPage,
  decodeExact,
  encodeWithin,
} from "./frame.ts";
import { RecordsAnswerMessage, RecordsRequestMessage } from "./messages.ts";
import type { RecordMessage } from "./messages.ts";
import { checkSigners } from "./query.ts";

/** One attestation with all that proves that it stands in a feed. */
export interface StoredRecord {
  /** SHA-256(i ‖ target key), i = 0 or 1 (R26). */
  readonly slot: Uint8Array;
  readonly envelope: Uint8Array;
  /** Raw Ed25519 key or SPKI of who signed the envelope. */
  readonly signer: Uint8Array;
  readonly origin: string;
  readonly index: number;
  readonly path: readonly Uint8Array[];
  /** Signed note of the head that `path` leads to. */
  readonly checkpoint: Uint8Array;
}

export type RecordsRequest =
  | { readonly kind: "store"; readonly records: readonly StoredRecord[] }
  | {
      readonly kind: "find";
      readonly slots: readonly Uint8Array[];
      readonly builders: readonly Uint8Array[];
      /** `next` of the page before, or empty. */
      readonly page: Uint8Array;
    };

export interface RecordsAnswer {
  /** Of a store: for each record of the request, whether it is kept. */
  readonly stored: readonly boolean[];
  /** Of a find. */
  readonly records: readonly StoredRecord[];
  /** Mark of the next page, or empty. */
  readonly next: Uint8Array;
  /** Why there is nothing (more), or "". */
  readonly code: string;
}

/** Throws `wire/…`. */
export function readRecordsRequest(bytes: Uint8Array): RecordsRequest {
  const { store, find } = decodeExact(RecordsRequestMessage, bytes, MAX_STREAM_BYTES, {
    store: { records: MAX_STORE_RECORDS, records$: { path: MAX_PROOF_HASHES } },
    find: { keys: MAX_FIND_SLOTS, builders: MAX_NAMED_SIGNERS },
  });
  checkOneOf({ store: store !== undefined, find: find !== undefined });
  if (store !== undefined) return checkRequest({ kind: "store", records: store.records });
  const { keys, builders, page } = find ?? { keys: [], builders: [], page: new Uint8Array(0) };
  return checkRequest({ kind: "find", slots: keys, builders, page });
}

export function writeRecordsRequest(request: RecordsRequest): Uint8Array {
  checkRequest(request);
  const message =
    request.kind === "store"
      ? { store: { records: request.records.map(recordMessage) } }
      : { find: { keys: [...request.slots], builders: [...request.builders], page: request.page } };
  return encodeWithin(RecordsRequestMessage, message, MAX_STREAM_BYTES);
}

function checkRequest(request: RecordsRequest): RecordsRequest {
  if (request.kind === "store") {
    if (request.records.length === 0) throw badField("records", "holds none");
    checkCount(request.records, "records", MAX_STORE_RECORDS);
    request.records.forEach(checkRecord);
  } else {
    if (request.slots.length === 0) throw badField("keys", "holds none");
    checkHashes(request.slots, "keys", MAX_FIND_SLOTS);
    checkSigners(request.builders);
    checkPage(request.page, "page");
  }
  return Object.freeze(request);
}

/** Throws `wire/…`. */
export function readRecordsAnswer(bytes: Uint8Array): RecordsAnswer {
  const { stored, ...rest } = decodeExact(RecordsAnswerMessage, bytes, MAX_STREAM_BYTES, {
    records: MAX_ANSWER_ITEMS,
    records$: { path: MAX_PROOF_HASHES },
  });
  for (const octet of stored) checkNumber(octet, "stored", 0, 1);
  const answer = { ...rest, stored: Array.from(stored, (octet) => octet === 1) };
  checkAnswer(answer);
  return Object.freeze(answer);
}

export function writeRecordsAnswer(answer: RecordsAnswer): Uint8Array {
  checkAnswer(answer);
  const stored = Uint8Array.from(answer.stored, Number);
  const message = { ...answer, stored, records: answer.records.map(recordMessage) };
  return encodeWithin(RecordsAnswerMessage, message, MAX_STREAM_BYTES);
}

function checkAnswer({ stored, records, next, code }: RecordsAnswer): void {
  checkCount(stored, "stored", MAX_STORE_RECORDS);
  checkCount(records, "records", MAX_ANSWER_ITEMS);
  records.forEach(checkRecord);
  checkPage(next, "next");
  checkCode(code);
}

function checkRecord({ slot, envelope, signer, origin, index, path, checkpoint }: StoredRecord): void {
  checkLength(slot, "slot");
  checkFilled(envelope, "envelope", MAX_RECORD_ENVELOPE_BYTES);
  checkFilled(signer, "signer", MAX_SIGNER_BYTES);
  checkOrigin(origin, "origin");
  checkIndex(index, "index");
  checkHashes(path, "path", MAX_PROOF_HASHES);
  checkFilled(checkpoint, "checkpoint", MAX_CHECKPOINT_BYTES);
}

function recordMessage(record: StoredRecord): RecordMessage {
  return { ...record, path: [...record.path] };
}

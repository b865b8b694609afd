/** Questions and answers of the stream `query`: attestations by target, digest and signer, each with what proves it. */
import {
  MAX_ANSWER_ITEMS,
  MAX_CHECKPOINT_BYTES,
  MAX_ENTRY_BYTES,
  MAX_NAMED_SIGNERS,
  MAX_PEER_COSIGNED,
  MAX_PEER_JOINS,
  MAX_PEER_PAST,
  MAX_PROOF_HASHES,
  MAX_QUERY_KEYS,
  MAX_SIGNER_BYTES,
  MAX_SINCE_S,
  MAX_SINCE_TIMES,
  MAX_STREAM_BYTES,
} from "../limits.ts";
import {
  badField,
  checkCode,
  checkCount,
  checkFilled,
  checkHashes,
  checkIndex,
  checkNumber,
  checkPage,
  decodeExact,
  encodeWithin,
} from "./frame.ts";
import { QueryAnswerMessage, QueryRequestMessage } from "./messages.ts";

export interface QueryRequest {
  /** Target keys, and keys of legacy file names (R5). */
  readonly targets: readonly Uint8Array[];
  /** SHA-256 of products. */
  readonly digests: readonly Uint8Array[];
  /** Raw Ed25519 keys or SPKI of the signers wanted; empty = whoever is known. */
  readonly builders: readonly Uint8Array[];
  /** `next` of the page before, or empty. */
  readonly page: Uint8Array;
  /** Seconds since 1970: the answer has beside also the newest heads that witnesses had cosigned by then. None = those of now alone. */
  readonly since?: readonly number[];
}

export interface QueryFound {
  readonly entry: Uint8Array;
  /** Hint: whose signature to look for. */
  readonly signer: Uint8Array;
  readonly index: number;
  readonly path: readonly Uint8Array[];
  /** Number into the answer's `checkpoints`. */
  readonly checkpoint: number;
}

/** How two heads go together. */
export interface QueryJoin {
  /** Numbers into the answer's `checkpoints`, and behind these its `cosigned`. */
  readonly small: number;
  readonly large: number;
  readonly proof: readonly Uint8Array[];
}

export interface QueryAnswer {
  readonly found: readonly QueryFound[];
  /** Each signed note once. */
  readonly checkpoints: readonly Uint8Array[];
  /** Heads of feeds that carry what was found, each with the feed's line and one of a witness. */
  readonly cosigned: readonly Uint8Array[];
  readonly joins: readonly QueryJoin[];
  /** Mark of the next page, or empty. */
  readonly next: Uint8Array;
  /** Why there is nothing (more), or "". */
  readonly code: string;
}

/** Throws `wire/…`. */
export function readQueryRequest(bytes: Uint8Array): QueryRequest {
  const request = decodeExact(QueryRequestMessage, bytes, MAX_STREAM_BYTES, {
    targets: MAX_QUERY_KEYS,
    digests: MAX_QUERY_KEYS,
    builders: MAX_NAMED_SIGNERS,
    since: MAX_SINCE_TIMES,
  });
  checkRequest(request);
  return Object.freeze(request);
}

export function writeQueryRequest(request: QueryRequest): Uint8Array {
  checkRequest(request);
  const { targets, digests, builders, page, since = [] } = request;
  const message = {
    targets: [...targets],
    digests: [...digests],
    builders: [...builders],
    page,
    since: [...since],
  };
  return encodeWithin(QueryRequestMessage, message, MAX_STREAM_BYTES);
}

function checkRequest({ targets, digests, builders, page, since = [] }: QueryRequest): void {
  checkHashes(targets, "targets", MAX_QUERY_KEYS);
  checkHashes(digests, "digests", MAX_QUERY_KEYS);
  if (targets.length + digests.length === 0) throw badField("targets", "and digests are both empty");
  checkSigners(builders);
  checkPage(page, "page");
  checkCount(since, "since", MAX_SINCE_TIMES);
  for (const time of since) checkNumber(time, "since", 0, MAX_SINCE_S);
}

/** At most MAX_NAMED_SIGNERS keys. */
export function checkSigners(builders: readonly Uint8Array[]): void {
  checkCount(builders, "builders", MAX_NAMED_SIGNERS);
  for (const builder of builders) checkFilled(builder, "builders", MAX_SIGNER_BYTES);
}

/** Throws `wire/…`. */
export function readQueryAnswer(bytes: Uint8Array): QueryAnswer {
  const answer = decodeExact(QueryAnswerMessage, bytes, MAX_STREAM_BYTES, {
    found: MAX_ANSWER_ITEMS,
    found$: { path: MAX_PROOF_HASHES },
    checkpoints: MAX_ANSWER_ITEMS,
    cosigned: MAX_PEER_COSIGNED + MAX_PEER_PAST,
    joins: MAX_PEER_JOINS + MAX_PEER_PAST,
    joins$: { proof: MAX_PROOF_HASHES },
  });
  checkAnswer(answer);
  return Object.freeze(answer);
}

export function writeQueryAnswer(answer: QueryAnswer): Uint8Array {
  checkAnswer(answer);
  const found = answer.found.map((item) => ({ ...item, path: [...item.path] }));
  const joins = answer.joins.map((join) => ({ ...join, proof: [...join.proof] }));
  const { checkpoints, cosigned, next, code } = answer;
  const message = { found, checkpoints: [...checkpoints], next, code, cosigned: [...cosigned], joins };
  return encodeWithin(QueryAnswerMessage, message, MAX_STREAM_BYTES);
}

function checkAnswer({ found, checkpoints, cosigned, joins, next, code }: QueryAnswer): void {
  checkCount(found, "found", MAX_ANSWER_ITEMS);
  checkCount(checkpoints, "checkpoints", MAX_ANSWER_ITEMS);
  for (const note of checkpoints) checkFilled(note, "checkpoints", MAX_CHECKPOINT_BYTES);
  for (const { entry, signer, index, path, checkpoint } of found) {
    checkFilled(entry, "entry", MAX_ENTRY_BYTES);
    checkFilled(signer, "signer", MAX_SIGNER_BYTES);
    checkIndex(index, "index");
    checkHashes(path, "path", MAX_PROOF_HASHES);
    if (checkpoint >= checkpoints.length) {
      throw badField("checkpoint", `is number ${checkpoint} of ${checkpoints.length} checkpoints`);
    }
  }
  checkCount(cosigned, "cosigned", MAX_PEER_COSIGNED + MAX_PEER_PAST);
  for (const note of cosigned) checkFilled(note, "cosigned", MAX_CHECKPOINT_BYTES);
  checkCount(joins, "joins", MAX_PEER_JOINS + MAX_PEER_PAST);
  for (const { small, large, proof } of joins) {
    checkHashes(proof, "proof", MAX_PROOF_HASHES);
    const heads = checkpoints.length + cosigned.length;
    if (Math.max(small, large) >= heads) throw badField("joins", `name a head beyond the ${heads} there are`);
  }
  checkPage(next, "next");
  checkCode(code);
}

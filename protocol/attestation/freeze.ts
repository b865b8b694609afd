/** A feed's key says that its feed ends, and which one goes on in its stead (`protocol/spec/freeze.md`): a hint, never trust. */
import { jsonObject, readJson, record } from "../bytes/index.ts";
import type { JsonValue } from "../bytes/index.ts";
import { MAX_ENTRY_BYTES, MAX_FEED_SIZE, MAX_ORIGIN_CHARS } from "../limits.ts";
import type { Attestation } from "./attestation.ts";
import { readEnvelope } from "./dsse.ts";
import { readReason } from "./stated.ts";
import { assertOwnForm, readStatement, readSubjects } from "./statement.ts";
import { formatTime, parseTime } from "./time.ts";

export const FREEZE_V1 = "https://samebits.dev/feed-freeze/v1";

export interface FreezePredicate {
  readonly origin: string;
  /** The largest size that the key is known to have signed. */
  readonly size: number;
  /** Entries that could be had, in one history. */
  readonly held: number;
  /** Origin of the feed that goes on; null for none. */
  readonly successor: string | null;
  readonly reason: string;
  /** ms since 1970. */
  readonly time: number;
}

/** The predicate as we write it. */
export function freezeJson({ origin, size, held, successor, reason, time }: FreezePredicate): JsonValue {
  return jsonObject({
    origin,
    size,
    held,
    successor: successor ?? undefined,
    reason,
    time: formatTime(time),
  });
}

/** A statement as read: who signed it, and where it stands, is for others to see. Frozen. */
export interface FreezeStatement extends FreezePredicate {
  /** SHA-256 of the origin line that its one subject names. */
  readonly subject: Uint8Array;
}

/** What a statement says of the end of a feed; null for any other attestation. Our own form: read exactly. Throws `shape/…`, `statement/…`, `attestation/…`. */
export function freezeOf(attestation: Attestation): FreezeStatement | null {
  if (attestation.form !== "dsse" || attestation.predicateType !== FREEZE_V1) return null;
  const limits = { maxBytes: MAX_ENTRY_BYTES };
  const { payload } = readEnvelope(record(readJson(attestation.bytes, limits), "envelope"));
  const statement = readStatement(record(readJson(payload, limits), "payload"));
  const { root } = statement;
  const [subject, ...more] = readSubjects(statement);
  if (subject === undefined || subject.sha256 === null || more.length > 0)
    return root
      .member("subject")
      .fail("statement/bad-subjects", "one subject with a SHA-256 expected: the feed");
  const predicate = root.record("predicate");
  const size = predicate.integer("size", 0, MAX_FEED_SIZE);
  const freeze = Object.freeze({
    subject: subject.sha256,
    origin: predicate.string("origin", MAX_ORIGIN_CHARS),
    size,
    held: predicate.integer("held", 0, size),
    successor: predicate.optional("successor")?.string(MAX_ORIGIN_CHARS) ?? null,
    reason: readReason(predicate.member("reason")),
    time: parseTime(predicate.string("time")),
  });
  predicate.done();
  assertOwnForm(statement);
  return freeze;
}

/** A book of alerts as octets, for whoever has to go on with it after a restart. */
import { jsonObject, readJson, record, writeJson } from "../bytes/index.ts";
import type { JsonValue, Shape } from "../bytes/index.ts";
import {
  ALERTS_AT_ONCE,
  MAX_ACKNOWLEDGEMENT_BYTES,
  MAX_ALERT_FINDINGS,
  MAX_ALERT_VOICES,
  MAX_BOOK_BYTES,
  MAX_BOOKED_ALERTS,
  MAX_DIGEST_BUILDERS,
  MAX_DIGEST_MS,
  MAX_FILE_NAME_BYTES,
  MAX_PURL_CHARS,
  MAX_STEP_BYTES,
} from "../limits.ts";
import type { Acknowledged } from "../peer/index.ts";
import { AlertBook } from "./book.ts";
import { ALERT_KINDS } from "./kinds.ts";
import type { AlertKind } from "./kinds.ts";
import type { Allowance, Digest, StormState } from "./storm.ts";
import { SEVERITIES } from "./types.ts";
import type { AlertTarget, BookedAlert, Severity, Voice } from "./types.ts";

const MAX = Number.MAX_SAFE_INTEGER;
const HEX_DIGITS = 64;
const SIGNER_CHARS = 69;

/** One JSON object, MAX_BOOK_BYTES at most. */
export function writeAlertBook(book: AlertBook): Uint8Array {
  const { number, alerts, storm } = book.state;
  const { allowances, digest, dueAt, collectMs } = storm;
  return writeJson(
    jsonObject({
      samebits: 1,
      number,
      alerts: alerts.map(writeAlert),
      allowances: new Map([...allowances].map(([kind, { left, at }]) => [kind, [left, at]])),
      digest: digest === null ? null : writeDigest(digest),
      due_at: dueAt,
      collect_ms: collectMs,
    }),
  );
}

function writeAlert(alert: BookedAlert): JsonValue {
  const { target, acknowledged, voices, ...rest } = alert;
  return jsonObject({
    ...rest,
    target: target === null ? null : jsonObject({ ...target }),
    voices: voices.map(({ signer, sha256, withdrawn }) => [signer, sha256, withdrawn]),
    acknowledged: acknowledged === null ? null : jsonObject({ ...acknowledged }),
  });
}

function writeDigest(digest: Digest): JsonValue {
  const { kinds, severities, builders, ...rest } = digest;
  return jsonObject({ ...rest, kinds, severities, builders });
}

/** Reads what `writeAlertBook` wrote. Throws `shape/…`, `json/…`. */
export function readAlertBook(octets: Uint8Array): AlertBook {
  const root = record(readJson(octets, { maxBytes: MAX_BOOK_BYTES }), "alerts");
  root.integer("samebits", 1, 1);
  const storm: StormState = {
    allowances: kindTable(root.member("allowances"), readAllowance),
    digest: orNull(root.member("digest"), readDigest),
    dueAt: root.integer("due_at", 0, MAX),
    collectMs: root.integer("collect_ms", 0, MAX_DIGEST_MS),
  };
  const state = {
    number: root.integer("number", 0, MAX),
    alerts: root.list("alerts", MAX_BOOKED_ALERTS).map(readAlert),
    storm,
  };
  root.done();
  return new AlertBook(state);
}

function readAlert(shape: Shape): BookedAlert {
  const all = shape.record();
  const alert: BookedAlert = {
    id: all.string("id", HEX_DIGITS),
    kind: all.member("kind").oneOf(ALERT_KINDS),
    findings: all.list("findings", MAX_ALERT_FINDINGS).map((id) => id.string(HEX_DIGITS)),
    number: all.integer("number", 0, MAX),
    signers: all.list("signers", MAX_ALERT_VOICES).map((signer) => signer.string(SIGNER_CHARS)),
    target: orNull(all.member("target"), readTarget),
    step: orNull(all.member("step"), (step) => step.string(MAX_STEP_BYTES)),
    since: all.integer("since", 0, MAX),
    time: all.integer("time", 0, MAX),
    difference: all.boolean("difference"),
    voices: all.list("voices", MAX_ALERT_VOICES).map(readVoice),
    endedAt: orNull(all.member("endedAt"), (time) => time.integer(0, MAX)),
    acknowledged: orNull(all.member("acknowledged"), readAcknowledged),
    told: orNull(all.member("told"), (told) => told.oneOf(SEVERITIES)),
  };
  all.done();
  return alert;
}

function readTarget(shape: Shape): AlertTarget {
  const all = shape.record();
  const target = {
    purl: all.string("purl", MAX_PURL_CHARS),
    file: all.string("file", MAX_FILE_NAME_BYTES),
    key: all.string("key", HEX_DIGITS),
  };
  all.done();
  return target;
}

function readVoice(shape: Shape): Voice {
  const [signer, sha256, withdrawn, ...more] = shape.list(3);
  if (signer === undefined || sha256 === undefined || withdrawn === undefined || more.length > 0)
    return shape.fail("shape/missing", "a voice has a signer, a result, and whether it was taken back");
  return {
    signer: signer.string(SIGNER_CHARS),
    sha256: sha256.string(HEX_DIGITS),
    withdrawn: withdrawn.boolean(),
  };
}

function readAcknowledged(shape: Shape): Acknowledged {
  const all = shape.record();
  const acknowledged = {
    time: orNull(all.member("time"), (time) => time.integer(0, MAX)),
    note: all.string("note", MAX_ACKNOWLEDGEMENT_BYTES),
  };
  all.done();
  return acknowledged;
}

function readAllowance(shape: Shape): Allowance {
  const [left, at] = shape.list(2);
  if (left === undefined || at === undefined)
    return shape.fail("shape/missing", "an allowance has what is left, and a time");
  return { left: left.integer(0, ALERTS_AT_ONCE), at: at.integer(0, MAX) };
}

function readDigest(shape: Shape): Digest {
  const all = shape.record();
  const count = (item: Shape): number => item.integer(0, MAX);
  const digest: Digest = {
    id: all.string("id", HEX_DIGITS),
    from: all.integer("from", 0, MAX),
    to: all.integer("to", 0, MAX),
    since: all.integer("since", 0, MAX),
    until: all.integer("until", 0, MAX),
    count: all.integer("count", 0, MAX),
    kinds: kindTable(all.member("kinds"), count),
    severities: new Map<Severity, number>(
      [...all.table("severities", SEVERITIES.length)].flatMap(([name, item]) =>
        SEVERITIES.flatMap((severity) => (severity === name ? [[severity, count(item)] as const] : [])),
      ),
    ),
    builders: new Map(
      [...all.table("builders", MAX_DIGEST_BUILDERS)].map(([name, item]) => [name, count(item)]),
    ),
    others: all.integer("others", 0, MAX),
  };
  all.done();
  return digest;
}

/** Of a kind that is not known here nothing is remembered. */
function kindTable<Value>(shape: Shape, read: (item: Shape) => Value): ReadonlyMap<AlertKind, Value> {
  return new Map(
    [...shape.table(ALERT_KINDS.length)].flatMap(([name, item]) =>
      ALERT_KINDS.flatMap((kind) => (kind === name ? [[kind, read(item)] as const] : [])),
    ),
  );
}

function orNull<Value>(shape: Shape, read: (shape: Shape) => Value): Value | null {
  return shape.value === null ? null : read(shape);
}

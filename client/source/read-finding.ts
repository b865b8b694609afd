import {
  FINDING_KINDS,
  fromBase64,
  MAX_ACKNOWLEDGEMENT_BYTES,
  MAX_EVENT_BYTES,
  MAX_EVIDENCE_BYTES,
  MAX_FILE_NAME_BYTES,
  MAX_FINDINGS_PAGE,
  MAX_PURL_CHARS,
  MAX_SIGNER_BYTES,
  MAX_STEP_BYTES,
  readJson,
  record,
  writeJson,
} from "../../protocol/index.ts";
import type { NotedFinding } from "../edges.ts";
import type { Acknowledged, JsonValue, RecordShape, Shape } from "../../protocol/index.ts";

const MAX_KEYS = 8;
const ID_CHARS = 64;
const MAX_TIME_CHARS = 32;

/** Reads one event of `GET /v1/events`. Only its form is held to be right: the evidence in it is checked by whoever uses it. */
export function readFinding(data: Uint8Array): NotedFinding {
  const root = record(readJson(data, { maxBytes: MAX_EVENT_BYTES }), "finding");
  root.integer("samebits", 1, 1);
  const evidence = root.member("evidence");
  return {
    number: root.integer("number", 0, Number.MAX_SAFE_INTEGER),
    kind: root.member("kind").oneOf(FINDING_KINDS),
    id: root.string("id", ID_CHARS),
    keys: root.list("keys", MAX_KEYS).map((key) => {
      key.string(2 * MAX_SIGNER_BYTES);
      return key.hex();
    }),
    // The key is SHA-256 over the two that follow: nobody needs it twice.
    target: null,
    purl: text(root, "purl", MAX_PURL_CHARS),
    file: text(root, "file", MAX_FILE_NAME_BYTES),
    step: text(root, "step", MAX_STEP_BYTES),
    evidence: evidence.value === null ? null : fromBase64(evidence.string(2 * MAX_EVIDENCE_BYTES)),
    time: readTime(root),
    difference: root.boolean("difference"),
    acknowledged: readNoted(root.optional("acknowledged")),
  };
}

/** What older nodes don't say is nobody's. */
function readNoted(shape: Shape | undefined): Acknowledged | null {
  if (shape === undefined || shape.value === null) return null;
  const root = shape.record();
  const time = root.member("time");
  return {
    time: time.value === null ? null : timeOf(time),
    note: root.string("note", MAX_ACKNOWLEDGEMENT_BYTES),
  };
}

/** Reads a page of `GET /v1/findings`: what it has, and from which number to go on; null = this was all. */
export function readFindings(answer: JsonValue): {
  readonly findings: readonly NotedFinding[];
  readonly next: number | null;
} {
  const root = record(answer, "findings");
  const findings = root.list("findings", MAX_FINDINGS_PAGE).map(({ value }) => readFinding(writeJson(value)));
  const next = root.integer("next", 0, Number.MAX_SAFE_INTEGER);
  return { findings, next: root.boolean("more") ? next : null };
}

/** Reads the answer of `GET /v1/findings/{id}/ack`. */
export function readAcknowledgement(data: Uint8Array): Acknowledged | null {
  const root = record(readJson(data, { maxBytes: MAX_EVENT_BYTES }), "acknowledgement");
  root.integer("samebits", 1, 1);
  return readNoted(root.member("acknowledged"));
}

function text(root: RecordShape, name: string, maxBytes: number): string | null {
  const member = root.member(name);
  return member.value === null ? null : member.string(maxBytes);
}

function readTime(root: RecordShape): number {
  return timeOf(root.member("time"));
}

function timeOf(member: Shape): number {
  const time = Date.parse(member.string(MAX_TIME_CHARS));
  return Number.isNaN(time) ? member.fail("shape/out-of-range", "a time was expected") : time;
}

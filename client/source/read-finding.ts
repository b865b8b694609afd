import {
  FINDING_KINDS,
  fromBase64,
  MAX_EVENT_BYTES,
  MAX_EVIDENCE_BYTES,
  MAX_FILE_NAME_BYTES,
  MAX_PURL_CHARS,
  MAX_SIGNER_BYTES,
  MAX_STEP_BYTES,
  readJson,
  record,
} from "../../protocol/index.ts";
import type { Finding, RecordShape } from "../../protocol/index.ts";

const MAX_KEYS = 8;
const ID_CHARS = 64;
const MAX_TIME_CHARS = 32;

/** Reads one event of `GET /v1/events`. Only its form is held to be right: the evidence in it is checked by whoever uses it. */
export function readFinding(data: Uint8Array): Finding {
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
  };
}

function text(root: RecordShape, name: string, maxBytes: number): string | null {
  const member = root.member(name);
  return member.value === null ? null : member.string(maxBytes);
}

function readTime(root: RecordShape): number {
  const member = root.member("time");
  const time = Date.parse(member.string(MAX_TIME_CHARS));
  return Number.isNaN(time) ? member.fail("shape/out-of-range", "a time was expected") : time;
}

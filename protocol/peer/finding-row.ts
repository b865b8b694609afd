/** Value of an `a` row: a finding without its evidence, which is in the `v` row of its id. */
import { fromHex, jsonObject, readJson, record, toHex, writeJson } from "../bytes/index.ts";
import {
  MAX_FILE_NAME_BYTES,
  MAX_FINDING_ROW_BYTES,
  MAX_PURL_CHARS,
  MAX_SIGNER_BYTES,
  MAX_STEP_BYTES,
} from "../limits.ts";
import { FINDING_KINDS } from "./finding-kind.ts";
import { findingNumberOf } from "./rows.ts";
import type { Finding, Row } from "./types.ts";

export function writeFinding(finding: Finding): Uint8Array {
  return writeJson(
    jsonObject({
      kind: finding.kind,
      id: finding.id,
      keys: finding.keys.map(toHex),
      target: finding.target === null ? null : toHex(finding.target),
      purl: finding.purl,
      file: finding.file,
      step: finding.step,
      time: finding.time,
      difference: finding.difference,
    }),
  );
}

/** Reads an `a` row; `evidence` is null and is to be read from the row at `evidenceKey(id)`. */
export function readFinding(row: Row): Finding {
  const all = record(readJson(row.value, { maxBytes: MAX_FINDING_ROW_BYTES }), "finding");
  const text = (name: string, max: number): string | null => {
    const value = all.optional(name);
    return value === undefined || value.value === null ? null : value.string(max);
  };
  const target = text("target", 64);
  return Object.freeze({
    number: findingNumberOf(row.key),
    kind: all.member("kind").oneOf(FINDING_KINDS),
    id: all.string("id", 64),
    keys: all.list("keys", 2).map((key) => fromHex(key.string(2 * MAX_SIGNER_BYTES))),
    target: target === null ? null : fromHex(target, 32),
    purl: text("purl", MAX_PURL_CHARS),
    file: text("file", MAX_FILE_NAME_BYTES),
    step: text("step", MAX_STEP_BYTES),
    evidence: null,
    time: all.integer("time", 0, Number.MAX_SAFE_INTEGER),
    difference: all.member("difference").boolean(),
  });
}

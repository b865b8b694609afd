/** `[[exceptions]]` of a policy: what is let by with a warning though it would be refused, until when and why. */
import { fromHex, isJsonArray, quote, toHex } from "../bytes/index.ts";
import type { RecordShape, Shape } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { HASH_BYTES } from "../feed/index.ts";
import { MAX_EXCEPTION_FILES, MAX_LABEL_BYTES, MAX_POLICY_EXCEPTIONS } from "../limits.ts";
import { readDate } from "./date.ts";
import { assertLabel } from "./labels.ts";
import { matchPattern, patternOf, versionOf } from "./pattern.ts";
import type { Exception } from "./types.ts";

/** All of them, in the file's order. Throws `shape/…`, `policy/…`. */
export function readExceptions(shape: Shape | undefined): readonly Exception[] {
  const names = new Set<string>();
  const exceptions = (shape?.list(MAX_POLICY_EXCEPTIONS) ?? []).map((entry) => {
    const fields = entry.record();
    const exception = readException(fields);
    if (names.has(exception.name))
      fields.member("name").fail("policy/duplicate-name", "another exception has this name already");
    names.add(exception.name);
    return exception;
  });
  return Object.freeze(exceptions);
}

/** Is the exception about this file? Whether it has expired is another question. */
export function isExcepted(exception: Exception, purl: string, sha256: Uint8Array): boolean {
  const { sha256: files } = exception;
  return mayExcept(exception, purl) && (files.length === 0 || files.includes(toHex(sha256)));
}

/** Is the exception about some file of this purl? */
export function mayExcept({ match, version }: Exception, purl: string): boolean {
  return matchPattern(match, purl) && (version === null || versionOf(purl) === version);
}

function readException(fields: RecordShape): Exception {
  assertLabel(fields.member("name"));
  const version = fields.optional("version");
  if (version !== undefined) assertLabel(version);
  assertLabel(fields.member("reason"));
  const exception: Exception = Object.freeze({
    name: fields.string("name", MAX_LABEL_BYTES),
    match: patternOf(fields.member("match")),
    version: version?.string() ?? null,
    sha256: readFiles(fields.optional("sha256")),
    over: fields.optional("over")?.oneOf(["pending", "contradicted"] as const) ?? "pending",
    untilMs: readDate(fields.member("until")),
    reason: fields.string("reason", MAX_LABEL_BYTES),
  });
  fields.done();
  if (exception.over === "contradicted" && exception.sha256.length === 0) {
    fields.shape.fail(
      "policy/bad-exception",
      "what contradicts is let by only for files that sha256 = [ … ] lists: whoever looked at them looked at these",
    );
  }
  return exception;
}

/** One digest or a list of them. */
function readFiles(shape: Shape | undefined): readonly string[] {
  if (shape === undefined) return Object.freeze([]);
  const files = new Set<string>();
  for (const item of isJsonArray(shape.value) ? shape.list(MAX_EXCEPTION_FILES) : [shape]) {
    const digest = readDigest(item);
    if (files.has(digest)) item.fail("policy/duplicate-name", "listed twice");
    files.add(digest);
  }
  if (files.size === 0) shape.fail("policy/bad-exception", "an empty list is for no file");
  return Object.freeze([...files]);
}

function readDigest(item: Shape): string {
  const text = item.string();
  try {
    return toHex(fromHex(text, HASH_BYTES));
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    return item.fail("policy/bad-exception", `${quote(text)} is no SHA-256 in 64 small hex digits`);
  }
}

/** in-toto Statements, v1 and v0.1: who says what about which files (in-toto attestation spec, statement.md). */
import { jsonObject, toHex } from "../bytes/index.ts";
import type { JsonValue, RecordShape, Shape } from "../bytes/index.ts";
import { MAX_PATH_BYTES, MAX_SUBJECTS } from "../limits.ts";
import { readDigests, readName } from "./descriptor.ts";
import { hasProfile, parseTarget } from "./target.ts";
import type { Target } from "./target.ts";
import { withoutNormalForms } from "./unsigned.ts";

export const STATEMENT_V1 = "https://in-toto.io/Statement/v1";
/** cosign still writes it; subjects have no `uri` there, so they are found by digest only. */
export const STATEMENT_V01 = "https://in-toto.io/Statement/v0.1";

/** A statement whose predicate is not read yet. */
export interface Statement {
  readonly predicateType: string;
  readonly root: RecordShape;
}

/** A file that a statement is about. */
export interface Subject {
  readonly target: Target | null;
  /** The target's file name, or the name as given, or "" where none is given. */
  readonly file: string;
  readonly sha256: Uint8Array | null;
}

/** Digest name under which a subject that has no file (a failed build) carries its target's key: in-toto wants some digest. */
const TARGET_DIGEST = "samebitsTarget";
const PURL_SCHEME = "pkg:";

export function readStatement(root: RecordShape): Statement {
  return { predicateType: readName(root.member("predicateType")), root };
}

/** The statement's subjects. Throws `statement/bad-subjects`, `target/…`, `shape/…`. */
export function readSubjects(statement: Statement): readonly Subject[] {
  const shape = statement.root.member("subject");
  const items = shape.list(Number.MAX_SAFE_INTEGER);
  if (items.length === 0 || items.length > MAX_SUBJECTS) {
    shape.fail("statement/bad-subjects", `${items.length} subjects; 1 to ${MAX_SUBJECTS} are read`);
  }
  return items.map(readSubject);
}

/**
 * Of predicates of our own the statement is read exactly too, once all its members are; nobody writes them into v0.1. Throws
 * `statement/unknown-type`, `shape/unknown-member`.
 */
export function assertOwnForm({ root }: Statement): void {
  const type = root.member("_type");
  if (type.value !== STATEMENT_V1) type.fail("statement/unknown-type", `${STATEMENT_V1} expected`);
  root.done();
}

/** The files that the step made: subjects without the normal forms of others. */
export function madeOf(subjects: readonly Subject[]): readonly Subject[] {
  return withoutNormalForms(subjects, ({ target, file }) => `${target?.purl ?? ""}\n${file}`);
}

function readSubject(shape: Shape): Subject {
  const subject = shape.record();
  const nameShape = subject.optional("name");
  const file = nameShape === undefined ? "" : readName(nameShape);
  const uri = subject.optional("uri")?.string(MAX_PATH_BYTES);
  const digest = subject.member("digest");
  const { sha256 } = readDigests(digest);
  const target = uri === undefined || !namesPackage(uri) ? null : parseTarget(uri, file);
  const key = digest.record().optional(TARGET_DIGEST);
  if (key !== undefined && key.string() !== target?.keyHex) {
    key.fail("shape/out-of-range", "this is not the key of the subject's package URL and name");
  }
  return { target, file, sha256 };
}

/**
 * Whether a URI is a package URL of a type that has targets. Of other types nothing is known to us, so nothing is wrong with them
 * either; one of a known type that is not canonical is an error, since it would make a second target of the same file (RULES R4).
 */
function namesPackage(uri: string): boolean {
  if (!uri.startsWith(PURL_SCHEME)) return false;
  const end = uri.indexOf("/");
  return hasProfile(uri.slice(PURL_SCHEME.length, end === -1 ? undefined : end).toLowerCase());
}

/** A subject as we write it. */
export function subjectJson(subject: Subject): JsonValue {
  const { target, file, sha256 } = subject;
  const digest: ReadonlyMap<string, JsonValue> =
    sha256 === null ? jsonObject({ [TARGET_DIGEST]: target?.keyHex }) : jsonObject({ sha256: toHex(sha256) });
  return jsonObject({ name: file, uri: target?.purl, digest });
}

/** A Statement v1 as we write it. */
export function statementJson(
  predicateType: string,
  subjects: readonly Subject[],
  predicate: JsonValue,
): JsonValue {
  return jsonObject({
    _type: STATEMENT_V1,
    subject: subjects.map(subjectJson),
    predicateType,
    predicate,
  });
}

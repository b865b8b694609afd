import {
  MAX_IMPORT_ANSWER_BYTES,
  MAX_IMPORT_PAGE,
  MAX_IMPORT_RECORDS,
  parsePublicKey,
  ProtocolError,
  readJson,
  record,
  Shape,
} from "../../protocol/index.ts";
import type { PublicKey, RecordShape } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import type { Answers } from "./answers.ts";

/** A binary package as an instance lists it. Nothing of this is signed. */
export interface PackageRecord {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly distribution: string;
  /** GOOD, BAD, UNKWN; null where it was not built yet. */
  readonly status: string | null;
  /** Where its attestation is; null where there is none. */
  readonly attestation: string | null;
}

/** An instance: which interface it has, and the keys that sign for it now. */
export interface Instance {
  readonly version: "v0" | "v1";
  readonly keys: readonly PublicKey[];
}

const MAX_TEXT = 512;
const MAX_KEYS = 16;
const MAX_ID = 2 ** 31;

/** Which interface the instance has, the newer where both, and its keys. Rejects with `rebuilderd/…`. */
export async function openInstance(answers: Answers): Promise<Instance> {
  for (const [version, path] of [
    ["v1", "/api/v1/meta/public-keys"],
    ["v0", "/api/v0/public-keys"],
  ] as const) {
    const body = await answers.get(path);
    if (body === null) continue;
    const keys = reading(answers, path, () =>
      root(body)
        .list("current", MAX_KEYS)
        .map((pem) => parsePublicKey(pem.string())),
    );
    return { version, keys };
  }
  throw new ClientError(
    "rebuilderd/bad-answer",
    `${answers.name}: neither /api/v1/meta/public-keys nor /api/v0/public-keys is there: is it an instance of rebuilderd?`,
  );
}

/** The packages that an instance lists, a page at a time. Rejects with `rebuilderd/…`. */
export async function* pagesOf(
  answers: Answers,
  { version }: Instance,
): AsyncGenerator<readonly PackageRecord[]> {
  if (version === "v0") {
    yield await listOf(answers);
    return;
  }
  let after = 0;
  for (let read = 0; read < MAX_IMPORT_RECORDS;) {
    const path = `/api/v1/packages/binary?limit=${MAX_IMPORT_PAGE}${after === 0 ? "" : `&after=${after}`}`;
    const body = await answers.get(path);
    if (body === null) return;
    const page = reading(answers, path, () =>
      root(body)
        .list("records", MAX_IMPORT_PAGE)
        .map((item) => ({ id: item.record().integer("id", 1, MAX_ID), package: readV1(item.record()) })),
    );
    if (page.length === 0) return;
    // What does not come in order would come for ever.
    for (const { id } of page) {
      if (id <= after)
        throw new ClientError(
          "rebuilderd/bad-answer",
          `${answers.name}${path}: the ids of its records do not grow`,
        );
      after = id;
    }
    read += page.length;
    yield page.map((one) => one.package);
  }
}

/** The older interface has one list. */
async function listOf(answers: Answers): Promise<readonly PackageRecord[]> {
  const path = "/api/v0/pkgs/list";
  const body = (await answers.get(path)) ?? new Uint8Array();
  return reading(answers, path, () =>
    new Shape(parsed(body), "list", []).list(MAX_IMPORT_RECORDS).map((item) => readV0(item.record())),
  );
}

function readV1(fields: RecordShape): PackageRecord {
  const build = fields.member("build_id");
  const artifact = fields.member("artifact_id");
  const isThere = [build, artifact, fields.member("attestation_log_id")].every(({ value }) => value !== null);
  return {
    ...readNames(fields, "distribution"),
    attestation: isThere ? `/api/v1/builds/${idOf(build)}/artifacts/${idOf(artifact)}/attestation` : null,
  };
}

function readV0(fields: RecordShape): PackageRecord {
  const isThere = fields.optional("has_attestation")?.value === true;
  const build = fields.optional("build_id");
  return {
    ...readNames(fields, "distro"),
    attestation:
      isThere && build !== undefined && build.value !== null
        ? `/api/v0/builds/${idOf(build)}/attestation`
        : null,
  };
}

function readNames(fields: RecordShape, distribution: string): Omit<PackageRecord, "attestation"> {
  const status = fields.optional("status");
  return {
    name: fields.string("name", MAX_TEXT),
    version: fields.string("version", MAX_TEXT),
    architecture: fields.string("architecture", MAX_TEXT),
    distribution: fields.string(distribution, MAX_TEXT),
    status: status === undefined || status.value === null ? null : status.string(MAX_TEXT),
  };
}

/** A number that goes into a path: nothing else may. */
function idOf(shape: Shape): number {
  return shape.integer(1, Number.MAX_SAFE_INTEGER);
}

function root(body: Uint8Array): RecordShape {
  return record(parsed(body), "answer");
}

function parsed(body: Uint8Array) {
  return readJson(body, { maxBytes: MAX_IMPORT_ANSWER_BYTES });
}

function reading<Value>(answers: Answers, path: string, read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    throw new ClientError(
      "rebuilderd/bad-answer",
      `${answers.name}${path}: ${cause.message} (${cause.code})`,
      { cause },
    );
  }
}

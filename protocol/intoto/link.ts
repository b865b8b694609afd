/** Links, in each of their dialects: bare ones (in-toto for Python, Go and Rust), and Statements with the predicate link/v0.3. */
import { isPrintable } from "../attestation/index.ts";
import { isJsonObject, utf8 } from "../bytes/index.ts";
import type { JsonValue, RecordShape, Shape } from "../bytes/index.ts";
import {
  MAX_ARTIFACT_DIGESTS,
  MAX_DIGEST_DIGITS,
  MAX_LAYOUT_BYTES,
  MAX_LAYOUT_WORDS,
  MAX_LINK_ARTIFACTS,
  MAX_PATH_BYTES,
  MAX_STEP_BYTES,
} from "../limits.ts";
import type { Artifacts, Digests, Link } from "./types.ts";

/** rebuilderd calls its step `rebuild FILE`. */
const MAX_NAME_BYTES: number = MAX_STEP_BYTES + MAX_PATH_BYTES;

/** The `signed` part or payload. Members that nobody knows are refused: in-toto-rs drops them before it verifies, so they would be unsigned. */
export function readLink(fields: RecordShape): Link {
  fields.member("_type");
  const link: Link = {
    kind: "link",
    name: readName(fields.member("name")),
    materials: readArtifacts(fields.member("materials")),
    products: readArtifacts(fields.member("products")),
    command: readCommand(fields.optional("command")),
    byproducts: fields.optional("byproducts")?.value ?? null,
  };
  const environment = fields.optional("environment");
  if (environment !== undefined && environment.value !== null) environment.record();
  fields.done();
  return Object.freeze(link);
}

/** A Statement's: subjects are products, by their names. Members that are not known are ignored, as Statements demand. */
export function readLinkStatement(root: RecordShape): Link {
  const predicate = root.record("predicate");
  return Object.freeze({
    kind: "link",
    name: readName(predicate.member("name")),
    materials: readDescriptors(predicate.optional("materials")),
    products: readDescriptors(root.member("subject")),
    command: readCommand(predicate.optional("command")),
    byproducts: predicate.optional("byproducts")?.value ?? null,
  });
}

function readDescriptors(shape: Shape | undefined): Artifacts {
  const artifacts = new Map<string, Digests>();
  if (shape === undefined || shape.value === null) return artifacts;
  for (const item of shape.list(MAX_LINK_ARTIFACTS)) {
    const resource = item.record();
    const name = resource.optional("name") ?? resource.member("uri");
    const path = name.string(MAX_PATH_BYTES);
    if (!isArtifactPath(path)) failPath(name);
    if (artifacts.has(path)) name.fail("layout/bad-document", "this name stands twice");
    artifacts.set(path, readDigests(resource.member("digest")));
  }
  return artifacts;
}

function readName(shape: Shape): string {
  const name = shape.string(MAX_NAME_BYTES);
  return isPrintable(name) ? name : shape.fail("layout/bad-document", "a name of one line expected");
}

function readCommand(shape: Shape | undefined): readonly string[] {
  if (shape === undefined || shape.value === null) return Object.freeze([]);
  return Object.freeze(shape.list(MAX_LAYOUT_WORDS).map((word) => word.string(MAX_LAYOUT_BYTES)));
}

/** A link has thousands of these: what is right is read without a place to each. */
function readArtifacts(shape: Shape): Artifacts {
  const { value } = shape;
  if (!isJsonObject(value)) return shape.record() && new Map();
  if (value.size > MAX_LINK_ARTIFACTS)
    shape.fail("layout/bad-document", `${value.size} artifacts; at most ${MAX_LINK_ARTIFACTS} are read`);
  const artifacts = new Map<string, Digests>();
  for (const [path, digests] of value) {
    if (!isArtifactPath(path)) failPath(shape.below(path, digests));
    artifacts.set(path, plainDigests(digests) ?? readDigests(shape.below(path, digests)));
  }
  return artifacts;
}

function plainDigests(value: JsonValue): Digests | null {
  if (!isJsonObject(value) || value.size === 0 || value.size > MAX_ARTIFACT_DIGESTS) return null;
  for (const digest of value.values()) if (typeof digest !== "string" || !isHex(digest)) return null;
  return value as ReadonlyMap<string, string>;
}

/** Lowercase hex: in a loop, as a link has thousands of them, each in a third of the time that an expression takes. */
function isHex(text: string): boolean {
  if (text.length === 0 || text.length > MAX_DIGEST_DIGITS) return false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const isDigit = code >= 0x30 && code <= 0x39;
    if (!isDigit && (code < 0x61 || code > 0x66)) return false;
  }
  return true;
}

function readDigests(shape: Shape): Digests {
  const digests = new Map<string, string>();
  for (const [algorithm, digest] of shape.table(MAX_ARTIFACT_DIGESTS)) {
    const text = digest.string();
    if (!isHex(text)) digest.fail("layout/bad-document", "a digest in lowercase hex expected");
    digests.set(algorithm, text);
  }
  if (digests.size === 0) shape.fail("layout/bad-document", "an artifact without a digest says nothing");
  return digests;
}

const STEPS_UP = /(?:^|\/)\.\.(?:\/|$)/;

/** A path is a name, and is never opened; one that leads out of where a step works is nobody's result. */
function isArtifactPath(path: string): boolean {
  if (!isPrintable(path) || STEPS_UP.test(path)) return false;
  return 3 * path.length <= MAX_PATH_BYTES || utf8(path).length <= MAX_PATH_BYTES;
}

function failPath(shape: Shape): never {
  return shape.fail(
    "layout/bad-document",
    `a path of one line and at most ${MAX_PATH_BYTES} octets expected, without .. in it`,
  );
}

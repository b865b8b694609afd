/** Package URLs in the one writing that names a target (`protocol/spec/targets.md`). */
import { quote } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_PURL_CHARS } from "../limits.ts";

/** The decoded parts of a package URL. Which of them exist is the identity profile's matter. */
export interface Purl {
  /** Lowercase, e.g. `deb`. */
  readonly type: string;
  /** Segments joined by `/`, or "". */
  readonly namespace: string;
  readonly name: string;
  /** Or "". */
  readonly version: string;
  /** Sorted by name. */
  readonly qualifiers: ReadonlyMap<string, string>;
}

const SCHEME = "pkg:";
const TYPE = /^[a-z][a-z0-9.-]*$/;
const QUALIFIER = /^[a-z][a-z0-9._-]*$/;
/** What the encoder writes as it is: RFC 3986's unreserved characters and the colon. */
const UNRESERVED = /^[A-Za-z0-9._~:-]*$/;
const NONE: ReadonlyMap<string, string> = new Map();

/**
 * Reads a package URL and refuses every writing but the canonical one: what is read encodes back to the same characters.
 * Throws `target/bad-purl`, `target/not-canonical`.
 */
export function readPurl(text: string): Purl {
  if (text.length > MAX_PURL_CHARS) {
    throw new ProtocolError("target/bad-purl", `the package URL has more than ${MAX_PURL_CHARS} characters`);
  }
  if (!text.startsWith(SCHEME)) bad(text, "does not begin with pkg:");
  const question = text.indexOf("?");
  const path = question === -1 ? text.slice(SCHEME.length) : text.slice(SCHEME.length, question);
  const typeEnd = path.indexOf("/");
  if (typeEnd === -1) bad(text, "has no type or no name");
  const at = path.indexOf("@");
  const nameEnd = at === -1 ? path.length : at;
  const nameStart = path.lastIndexOf("/", nameEnd) + 1;
  const purl: Purl = {
    type: path.slice(0, typeEnd),
    namespace: nameStart > typeEnd + 1 ? decodeSegments(text, path.slice(typeEnd + 1, nameStart - 1)) : "",
    name: decodePart(text, path.slice(nameStart, nameEnd)),
    version: at === -1 ? "" : decodePart(text, path.slice(at + 1)),
    qualifiers: question === -1 ? NONE : readQualifiers(text, text.slice(question + 1)),
  };
  const canonical = encodePurl(purl);
  if (canonical !== text) {
    throw new ProtocolError("target/not-canonical", `${quote(text)} must be written ${quote(canonical)}`);
  }
  return purl;
}

/** The canonical writing of `purl`. Throws `target/bad-purl` for parts that no package URL has. */
export function encodePurl(purl: Purl): string {
  const { type, namespace, name, version, qualifiers } = purl;
  if (!TYPE.test(type)) {
    throw new ProtocolError("target/bad-purl", `${quote(type)} is no package type (a-z, 0-9, '.', '-')`);
  }
  if (name === "") throw new ProtocolError("target/bad-purl", "a package URL needs a name");
  let text = `${SCHEME}${type}/`;
  if (namespace !== "") text += `${namespace.split("/").map(encodeSegment).join("/")}/`;
  text += encodePart(name);
  if (version !== "") text += `@${encodePart(version)}`;
  let separator = "?";
  for (const [key, value] of [...qualifiers].sort(byName)) {
    if (!QUALIFIER.test(key) || value === "") {
      throw new ProtocolError("target/bad-purl", `${quote(key)} is no qualifier with a value`);
    }
    text += `${separator}${key}=${encodePart(value)}`;
    separator = "&";
  }
  return text;
}

function readQualifiers(text: string, query: string): ReadonlyMap<string, string> {
  const qualifiers = new Map<string, string>();
  for (const pair of query.split("&")) {
    const equals = pair.indexOf("=");
    if (equals === -1) bad(text, "has a qualifier without a value");
    const key = pair.slice(0, equals);
    if (qualifiers.has(key)) bad(text, `names the qualifier ${quote(key)} twice`);
    qualifiers.set(key, decodePart(text, pair.slice(equals + 1)));
  }
  return qualifiers;
}

function decodeSegments(text: string, path: string): string {
  return path.includes("/")
    ? path
        .split("/")
        .map((segment) => decodePart(text, segment))
        .join("/")
    : decodePart(text, path);
}

function decodePart(text: string, encoded: string): string {
  if (!encoded.includes("%")) return encoded;
  try {
    return decodeURIComponent(encoded);
  } catch (cause) {
    throw new ProtocolError("target/bad-purl", `the package URL ${quote(text)} is wrongly percent-encoded`, {
      cause,
    });
  }
}

function encodeSegment(segment: string): string {
  if (segment === "") throw new ProtocolError("target/bad-purl", "a namespace has no empty segments");
  return encodePart(segment);
}

function encodePart(part: string): string {
  if (UNRESERVED.test(part)) return part;
  if (!part.isWellFormed()) {
    throw new ProtocolError("target/bad-purl", `${quote(part)} holds half a surrogate pair`);
  }
  return encodeURIComponent(part)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%3A", ":");
}

function byName(a: readonly [string, string], b: readonly [string, string]): number {
  return a[0] < b[0] ? -1 : 1;
}

function bad(text: string, problem: string): never {
  throw new ProtocolError("target/bad-purl", `the package URL ${quote(text)} ${problem}`);
}

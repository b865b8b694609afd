/** Patterns of rules (RULES R29): `*` is the only wildcard and stays within its segment. No regular expression. */
import { quote, utf8 } from "../bytes/index.ts";
import type { Shape } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_PATTERN_BYTES, MAX_PATTERN_STARS } from "../limits.ts";

const SCHEME = "pkg:";

/** Which package URLs of a type there can be (protocol/spec/targets.md), so far as patterns go: with `*` for any of these letters. */
interface Kind {
  /** Of the segment between type and name. */
  readonly namespace: RegExp;
  readonly isNamespaceOptional: boolean;
  readonly name: RegExp;
  /** For people. */
  readonly written: string;
}

const VENDOR = { namespace: /^[a-z0-9.+*-]+$/, isNamespaceOptional: false } as const;
const KINDS: ReadonlyMap<string, Kind> = new Map([
  ["deb", { ...VENDOR, name: /^[a-z0-9.+*-]+$/, written: "pkg:deb/vendor/name, in small letters" }],
  ["alpm", { ...VENDOR, name: /^[a-z0-9@._+*-]+$/, written: "pkg:alpm/vendor/name, in small letters" }],
  [
    "rpm",
    { ...VENDOR, name: /^[A-Za-z0-9._+*-]+$/, written: "pkg:rpm/vendor/Name, the vendor in small letters" },
  ],
  [
    "npm",
    {
      namespace: /^[@*][a-z0-9._~*-]*$/,
      isNamespaceOptional: true,
      name: /^[a-z0-9._~*-]+$/,
      written: "pkg:npm/name or pkg:npm/@scope/name, in small letters",
    },
  ],
]);
const TYPE = /^[a-z*][a-z0-9.*-]*$/;

/**
 * Checks a pattern as a policy writes it: `pkg:type/namespace/name`, decoded, at least a type and a name. Throws
 * `policy/bad-pattern`.
 */
export function assertPattern(pattern: string): void {
  const bad = (problem: string): ProtocolError =>
    new ProtocolError("policy/bad-pattern", `${quote(pattern)}: ${problem}`);
  if (pattern.length > MAX_PATTERN_BYTES || utf8(pattern).length > MAX_PATTERN_BYTES) {
    throw bad(`a pattern has at most ${MAX_PATTERN_BYTES} octets`);
  }
  if (!pattern.startsWith(SCHEME)) throw bad('a pattern begins with "pkg:"');
  if (pattern.normalize("NFC") !== pattern) throw bad("write it in Unicode's composed form (NFC)");
  if (/[\p{Cc} ?[\]{}%\\]/u.test(pattern)) {
    throw bad(
      "* is the only wildcard; no other special characters, no blanks, no %-codes: patterns are decoded",
    );
  }
  if (pattern.includes("**")) throw bad("* does not cross /, also when doubled: write one * a segment");
  if (pattern.split("*").length - 1 > MAX_PATTERN_STARS) throw bad(`at most ${MAX_PATTERN_STARS} wildcards`);
  const segments = pattern.slice(SCHEME.length).split("/");
  if (segments.length < 2 || segments.includes("")) {
    throw bad("a type and a name divided by / expected, e.g. pkg:deb/debian/*");
  }
  // Versions aren't compared, so such a pattern would match nothing. A segment may begin with @: pkg:npm/@angular/*.
  if ((segments.at(-1) ?? "").lastIndexOf("@") > 0) throw bad("a pattern ends with the name: no @ version");
  const problem = whyNothing(segments);
  if (problem !== null) throw bad(`it would match nothing: ${problem}`);
}

/** Why no package URL that names a target is like this; null where one may be. A rule that never matches would leave its files to another one, or to `[default]`. */
function whyNothing([type = "", ...others]: readonly string[]): string | null {
  if (!TYPE.test(type)) return "types are written in small letters, e.g. pkg:deb/debian/*";
  const kind = KINDS.get(type);
  if (kind === undefined) return null;
  const name = others.at(-1) ?? "";
  const before = others.slice(0, -1);
  const isPlaced = before.length === 1 || (before.length === 0 && kind.isNamespaceOptional);
  const isWritten = kind.name.test(name) && before.every((segment) => kind.namespace.test(segment));
  return isPlaced && isWritten ? null : `these are ${kind.written}`;
}

/** A pattern of a policy. Throws `policy/bad-pattern` with its place. */
export function patternOf(shape: Shape): string {
  const pattern = shape.string();
  shape.within(() => assertPattern(pattern));
  return pattern;
}

/**
 * Does the pattern match the purl's type, namespace and name? Version, qualifiers and subpath don't matter. Pass a pattern that
 * `assertPattern` accepts and a canonical purl; what is no purl matches nothing.
 */
export function matchPattern(pattern: string, purl: string): boolean {
  const wanted = pattern.slice(SCHEME.length).split("/");
  const given = purlSegments(purl);
  return (
    given !== null &&
    wanted.length === given.length &&
    wanted.every((segment, index) => matchSegment(segment, given[index] ?? ""))
  );
}

/** Type, namespace and name of a canonical purl, decoded; null if it isn't one. */
function purlSegments(purl: string): readonly string[] | null {
  if (!purl.startsWith(SCHEME)) return null;
  const [path = ""] = purl.slice(SCHEME.length).split(/[?#@]/, 1);
  try {
    const segments = path.split("/").map(decodeURIComponent);
    // A slash that was coded would move the borders of the segments.
    return segments.some((segment) => segment === "" || segment.includes("/")) ? null : segments;
  } catch {
    return null;
  }
}

/** The version of a canonical purl, decoded; null without one. */
export function versionOf(purl: string): string | null {
  const [, version] = /^[^?#@]*@([^?#@]*)/.exec(purl) ?? [];
  try {
    return version === undefined ? null : decodeURIComponent(version);
  } catch {
    return null;
  }
}

/** Whether a pattern with `*` as its wildcard matches all of a text. Each part between wildcards is taken at its first place: linear in the text for every part. */
export function matchSegment(pattern: string, text: string): boolean {
  const parts = pattern.split("*");
  const first = parts[0] ?? "";
  const last = parts.at(-1) ?? "";
  if (parts.length === 1) return pattern === text;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last))
    return false;
  const end = text.length - last.length;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/** Names of a domain's files, and patterns of them: they become names on disks and in URLs, so they are plain. */
import { quote } from "../bytes/index.ts";
import type { Shape } from "../bytes/index.ts";
import { MAX_PATTERN_STARS, MAX_TARGET_PATH_CHARS } from "../limits.ts";
import { matchSegment } from "../policy/index.ts";

const SEGMENT = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const PATTERN_SEGMENT = /^[A-Za-z0-9*][A-Za-z0-9._*-]*$/;

/** Throws `trust/bad-path` for what is no file's name: segments of letters, digits, `.`, `_` and `-` that begin with a letter or digit. */
export function assertTargetPath(shape: Shape, path: string): void {
  if (path.length <= MAX_TARGET_PATH_CHARS && path.split("/").every((segment) => SEGMENT.test(segment)))
    return;
  shape.fail("trust/bad-path", `${quote(path)} is no name of a domain's file, such as debian/policy.toml`);
}

/** Throws `trust/bad-path` for what is no pattern of names: the same, with `*` as the only wildcard. */
export function assertTargetPattern(shape: Shape, pattern: string): void {
  const isPlain = pattern.split("/").every((segment) => PATTERN_SEGMENT.test(segment));
  const stars = pattern.split("*").length - 1;
  if (isPlain && pattern.length <= MAX_TARGET_PATH_CHARS && stars <= MAX_PATTERN_STARS) return;
  shape.fail(
    "trust/bad-path",
    `${quote(pattern)} is no pattern of a domain's files: * is the only wildcard, at most ${MAX_PATTERN_STARS} times`,
  );
}

/** Whether the pattern matches: segment for segment, as TUF's do. */
export function matchTargetPattern(pattern: string, path: string): boolean {
  const wanted = pattern.split("/");
  const given = path.split("/");
  return (
    wanted.length === given.length && wanted.every((segment, i) => matchSegment(segment, given[i] ?? ""))
  );
}

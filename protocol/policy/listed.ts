/** What apt's lists say of where a file is from, and rules that ask for it: `apt_origin` and `apt_suite`. */
import { isJsonArray, quote } from "../bytes/index.ts";
import type { RecordShape, Shape } from "../bytes/index.ts";
import { MAX_APT_NAMES, MAX_LABEL_BYTES, MAX_PATTERN_STARS } from "../limits.ts";
import { assertLabel } from "./labels.ts";
import { matchSegment } from "./pattern.ts";

/** One list of apt's that has the very file, by its SHA-256; or what somebody says of such a list. */
export interface AptListing {
  /** `Origin` of its signed Release file, empty where that has none; null = it is not known. */
  readonly origin: string | null;
  /** `Suite` and `Codename` of it, those that it has; null = they are not known. */
  readonly suites: readonly string[] | null;
}

/** Patterns, in which `*` stands for any characters. */
export interface AptCondition {
  /** One of them matches the origin; null = whatever it is. */
  readonly origins: readonly string[] | null;
  /** One of them matches the suite or the codename; null = whatever they are. */
  readonly suites: readonly string[] | null;
}

/** Whether a rule is for a file: where that hangs on what is not known, it may be. */
export type Fits = "yes" | "no" | "maybe";

/** `apt_origin` and `apt_suite` of a rule; null where it has neither. Throws `shape/…`, `policy/…`. */
export function readApt(fields: RecordShape, match: string): AptCondition | null {
  const [origin, suite] = [fields.optional("apt_origin"), fields.optional("apt_suite")];
  const given = origin ?? suite;
  if (given === undefined) return null;
  if (!match.startsWith("pkg:deb/"))
    given.fail("policy/bad-pattern", "apt knows packages of Debian's kind only: match begins with pkg:deb/");
  return Object.freeze({ origins: readNames(origin), suites: readNames(suite) });
}

/** One pattern or a list of them. */
function readNames(shape: Shape | undefined): readonly string[] | null {
  if (shape === undefined) return null;
  const items = isJsonArray(shape.value) ? shape.list(MAX_APT_NAMES) : [shape];
  if (items.length === 0) shape.fail("policy/bad-pattern", "an empty list fits nothing");
  return Object.freeze(items.map(readName));
}

function readName(shape: Shape): string {
  assertLabel(shape);
  const pattern = shape.string(MAX_LABEL_BYTES);
  if (pattern.split("*").length - 1 > MAX_PATTERN_STARS)
    shape.fail("policy/bad-pattern", `${quote(pattern)}: at most ${MAX_PATTERN_STARS} wildcards`);
  return pattern;
}

/**
 * Whether the lists that have a file are what a rule asks for. Lists that say different things leave it open, and so do none: who can add a
 * list, or have a file that stands in none, must not choose the rule.
 */
export function fitsLists(condition: AptCondition | null, listed: readonly AptListing[]): Fits {
  if (condition === null) return "yes";
  const [first = "maybe", ...others] = listed.map((one) => fitsList(condition, one));
  return others.every((other) => other === first) ? first : "maybe";
}

function fitsList({ origins, suites }: AptCondition, listing: AptListing): Fits {
  const said = [
    fitsNames(origins, listing.origin === null ? null : [listing.origin]),
    fitsNames(suites, listing.suites),
  ];
  return said.includes("no") ? "no" : said.includes("maybe") ? "maybe" : "yes";
}

function fitsNames(patterns: readonly string[] | null, names: readonly string[] | null): Fits {
  if (patterns === null) return "yes";
  if (names === null) return "maybe";
  return patterns.some((pattern) => names.some((name) => matchSegment(pattern, name))) ? "yes" : "no";
}

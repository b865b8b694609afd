/** Why two files of one package differ, as far as their octets tell (protocol/spec/attestation.md, "Differing results"). Pure. */
import { equalBytes } from "../../../protocol/index.ts";

/** The classes of the specification. */
export type CauseClass = "toolchain drift" | "embedded date" | "unknown cause";

export interface Cause {
  readonly class: CauseClass;
  /** For people: which files, and what about them. One line. */
  readonly detail: string;
}

/** A file of both packages that is not the same in them; sections that linkers write by themselves are taken out already. */
export interface Differing {
  /** In the package: `usr/bin/hello`, or `DEBIAN/control`. */
  readonly path: string;
  /** Null where one of them has no such file. */
  readonly archive: Uint8Array | null;
  readonly ours: Uint8Array | null;
}

/** Fields of control files that helpers work out from what is installed. */
const GENERATED: ReadonlySet<string> = new Set([
  "Depends",
  "Pre-Depends",
  "Recommends",
  "Suggests",
  "Breaks",
  "Built-Using",
  "Static-Built-Using",
  "Installed-Size",
  "Build-Ids",
]);
const FOLLOWS = "DEBIAN/md5sums"; // from all others
/** What debhelper puts in their place. */
const OLDER = /\n# Older entries have been removed[^]*$/;
const MAX_NAMED = 3;
const MONTHS =
  "Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:tember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?";
const DAYS = "Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?|Sat(?:urday)?|Sun(?:day)?";
/** Names of months with the days beside them, names of days, times of day, years and whole dates, seconds since 1970. */
const DATES = new RegExp(
  [
    String.raw`(?:\b[0-3]?[0-9](?:st|nd|rd|th)? )?\b(?:${MONTHS})\b\.?(?: {1,2}[0-3]?[0-9](?:st|nd|rd|th)?\b)?`,
    String.raw`\b(?:${DAYS})\b`,
    String.raw`\b[0-2]?[0-9](?::[0-5][0-9]){1,2}\b`,
    String.raw`\b(?:19|20)[0-9]{2}(?:[-/.]?[01][0-9][-/.]?[0-3][0-9])?\b`,
    String.raw`\b1[0-9]{9}\b`,
  ].join("|"),
  "g",
);

/** What made the difference. Where no file differs, the packing does, which a tool does by itself. */
export function causeOf(
  differing: readonly Differing[],
  years: readonly [archive: number, ours: number],
): Cause {
  const files = differing.filter(({ path }) => path !== FOLLOWS);
  if (files.length === 0) {
    return { class: "toolchain drift", detail: "the files are the same, and packed in another manner" };
  }
  const kinds = files.map((file) => ({ file, kind: kindOf(file, years) }));
  const unknown = kinds.filter(({ kind }) => kind === "unknown cause");
  const dates = kinds.filter(({ kind }) => kind === "embedded date");
  if (unknown.length > 0) return { class: "unknown cause", detail: named(unknown.map(({ file }) => file)) };
  if (dates.length > 0) return { class: "embedded date", detail: named(dates.map(({ file }) => file)) };
  return { class: "toolchain drift", detail: named(files) };
}

function kindOf({ path, archive, ours }: Differing, years: readonly [number, number]): CauseClass {
  if (archive === null || ours === null) return "unknown cause";
  // What differed was taken out: build-ids, debug links, the compiler's name.
  if (equalBytes(archive, ours)) return "toolchain drift";
  if (path === "DEBIAN/control") return controlDiffers(archive, ours) ? "unknown cause" : "toolchain drift";
  if (/\/changelog(?:\.Debian)?(?:\.[a-z0-9]+)?(?:\.gz)?$/.test(path) && isTrimmed(archive, ours))
    return "toolchain drift";
  if (onlyDates(archive, ours) || onlyYears(archive, ours, years)) return "embedded date";
  return "unknown cause";
}

/** Whether a field differs that nobody generates. */
function controlDiffers(archive: Uint8Array, ours: Uint8Array): boolean {
  const [a, b] = [archive, ours].map(controlFields);
  if (a === undefined || b === undefined) return true;
  return [...new Set([...a.keys(), ...b.keys()])].some(
    (name) => !GENERATED.has(name) && a.get(name) !== b.get(name),
  );
}

function controlFields(bytes: Uint8Array): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let name = "";
  for (const line of latin1(bytes).split("\n")) {
    const colon = line.indexOf(":");
    if (!line.startsWith(" ") && colon > 0) name = line.slice(0, colon);
    fields.set(name, `${fields.get(name) ?? ""}${line.slice(line.startsWith(" ") ? 0 : colon)}\n`);
  }
  return fields;
}

/** Newer helpers leave old entries of changelogs out. */
function isTrimmed(archive: Uint8Array, ours: Uint8Array): boolean {
  const [a, b] = [archive, ours].map((bytes) => latin1(bytes).replace(OLDER, "").trimEnd());
  if (a === undefined || b === undefined || a === "" || b === "") return false;
  return a.startsWith(b) || b.startsWith(a);
}

function onlyDates(archive: Uint8Array, ours: Uint8Array): boolean {
  return latin1(archive).replace(DATES, "#") === latin1(ours).replace(DATES, "#");
}

/** Compiled-in years: two octets, in either order, that are the year of the one build here and of the other there. */
function onlyYears(archive: Uint8Array, ours: Uint8Array, [was, is]: readonly [number, number]): boolean {
  if (archive.length !== ours.length || was === is) return false;
  for (let at = 0; at < archive.length; at++) {
    if (archive[at] === ours[at]) continue;
    const start = [at, at - 1].find(
      (from) =>
        (isPair(archive, from, was, true) && isPair(ours, from, is, true)) ||
        (isPair(archive, from, was, false) && isPair(ours, from, is, false)),
    );
    if (start === undefined) return false;
    at = start + 1;
  }
  return true;
}

function isPair(bytes: Uint8Array, at: number, value: number, littleEndian: boolean): boolean {
  const [low, high] = littleEndian ? [bytes[at], bytes[at + 1]] : [bytes[at + 1], bytes[at]];
  return low === (value & 0xff) && high === value >> 8;
}

function named(files: readonly Differing[]): string {
  const some = files.slice(0, MAX_NAMED).map(({ path }) => path);
  const more = files.length - some.length;
  return `${some.join(", ")}${more === 0 ? "" : ` and ${more} more`}`;
}

/** One character an octet. */
function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

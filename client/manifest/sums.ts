/** Lists of sums, as `sha256sum` writes them: with its escapes, and in the form of `sha256sum --tag`. */
import { basename } from "node:path";
import { fromHex, fromUtf8, MAX_MANIFEST_ENTRIES, ProtocolError, quote } from "../../protocol/index.ts";
import { targetOf } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";
import { badManifest, Listing, within } from "./listed.ts";
import type { Manifest } from "./listed.ts";

interface Row {
  readonly line: number;
  /** Its base name: builders attest files, not folders. */
  readonly file: string;
  /** Hex. */
  readonly digest: string;
}

/** 64 hex digits, a space, a space or the asterisk of binary mode, the name. */
const LINE = /^([0-9a-f]{64}) [ *](.+)$/;
const TAGGED = /^SHA256 \((.+)\) = ([0-9a-f]{64})$/;
const OTHER_LENGTH = /^(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{56}|[0-9a-fA-F]{96}|[0-9a-fA-F]{128}) /;
const ESCAPED: ReadonlyMap<string, string> = new Map([
  ["\\", "\\"],
  ["n", "\n"],
  ["r", "\r"],
]);

/** A line of such a list, without its end: what `sha256sum` prints for a file of this name. `sha256`: hex. */
export function sumLine(sha256: string, name: string): string {
  const escaped = name.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
  return `${escaped === name ? "" : "\\"}${sha256}  ${escaped}`;
}

/** The files of a list, all of them under one package URL. Throws `input/bad-manifest` with the line, `usage/bad-option` for the purl. */
export function readSums(bytes: Uint8Array, path: string, purl: string): Manifest {
  const lines = within(path, () => fromUtf8(bytes)).split("\n");
  if (lines.pop() !== "" || lines.length === 0)
    throw badManifest(path, "it is empty, or its last line does not end in a newline: it was cut short");
  if (lines.length > MAX_MANIFEST_ENTRIES)
    throw badManifest(path, `it has ${lines.length} lines; at most ${MAX_MANIFEST_ENTRIES} are read`);
  const rows = lines.map((line, at) => readRow(line, at + 1, path));
  const digests = new Map<string, Set<string>>();
  for (const { file, digest } of rows) digests.set(file, (digests.get(file) ?? new Set()).add(digest));
  const listing = new Listing();
  for (const row of rows) list(row, digests.get(row.file)?.size ?? 0, purl, listing);
  return listing.done(path, "sha256sums");
}

function list({ line, file, digest }: Row, digests: number, purl: string, listing: Listing): void {
  const place = `line ${line}`;
  if (digests > 1) {
    listing.leaveOut(place, file, "several-digests", "the list has several digests for one name");
    return;
  }
  try {
    listing.add({ place, target: targetOf(purl, file), sha256: fromHex(digest, 32) });
  } catch (error) {
    if (!isAboutFile(error)) throw error;
    listing.leaveOut(place, file, "no-target", `the name is none that a file of ${purl} has`);
  }
}

/** The purl is the user's, the name the list's. */
function isAboutFile(error: unknown): boolean {
  const { cause } = error instanceof ClientError ? error : {};
  return (
    cause instanceof ProtocolError && ["target/bad-file-name", "target/file-mismatch"].includes(cause.code)
  );
}

function readRow(text: string, line: number, path: string): Row {
  const isEscaped = text.startsWith("\\");
  const body = isEscaped ? text.slice(1) : text;
  const [, digest, name] = LINE.exec(body) ?? [];
  const [, tagged, taggedDigest] = TAGGED.exec(body) ?? [];
  const listed = name ?? tagged;
  if (listed === undefined) throw badManifest(path, `line ${line}, ${quote(text)}, ${faultOf(text)}`);
  const whole = isEscaped ? unescape(listed, line, path) : listed;
  const file = basename(whole);
  if (file === "") throw badManifest(path, `line ${line}: ${quote(whole)} is no name of a file`);
  return { line, file, digest: digest ?? taggedDigest ?? "" };
}

/** coreutils: a name with a backslash, a line feed or a carriage return stands escaped, and a backslash before the line says so. */
function unescape(name: string, line: number, path: string): string {
  return name.replaceAll(/\\([^]?)/g, (_, letter: string) => {
    const plain = ESCAPED.get(letter);
    if (plain === undefined)
      throw badManifest(path, `line ${line}: ${quote(name)} has an escape that sha256sum does not write`);
    return plain;
  });
}

function faultOf(text: string): string {
  if (text.endsWith("\r")) return "ends in CR LF; sha256sum writes LF alone: convert the list with dos2unix";
  if (text.startsWith("-----BEGIN PGP SIGNED"))
    return "begins a signed text: check it and take the list out with gpg --decrypt";
  if (OTHER_LENGTH.test(text)) return "has no SHA-256 (64 hex digits), by which builders attest";
  if (/^(?=[0-9a-f]*[A-F])[0-9a-fA-F]{64} /.test(text))
    return "has digits in capitals; sha256sum writes 0-9 a-f";
  return 'is not "<64 lowercase hex digits>  <name>"';
}

/** Debian's .buildinfo files (deb-buildinfo(5)): what a build gave, and in which environment. */
import { fromDecimal, fromHex, fromUtf8, quote } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_BUILDINFO_BYTES } from "../limits.ts";
import { packagesDigest } from "./environment.ts";
import type { Environment } from "./environment.ts";
import { assertFileName } from "./file-name.ts";

export interface Buildinfo {
  readonly source: string;
  /** Of the source where it is another than the binaries' (a binNMU), else null. */
  readonly sourceVersion: string | null;
  /** Of the binaries, whole. */
  readonly version: string;
  /** Architectures of what was built: `amd64`, `all`, `source`. */
  readonly architectures: readonly string[];
  /** Checksums-Sha256. */
  readonly files: readonly BuildinfoFile[];
  /** Where it was built, by Build-Architecture and Installed-Build-Depends. */
  readonly environment: Environment;
}

export interface BuildinfoFile {
  readonly file: string;
  readonly size: number;
  readonly sha256: Uint8Array;
}

const FIELD = /^([!-9;-~]+):[ \t]*(.*)$/;
const SOURCE = /^([a-z0-9][a-z0-9+.-]+)(?: \(([^() ]+)\))?$/;
const CHECKSUM = /^([0-9a-f]{64}) ([0-9]+) ([^ ]+)$/;
const SIGNED_HEAD = "-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE_HEAD = "-----BEGIN PGP SIGNATURE-----";

/**
 * Reads a .buildinfo of at most MAX_BUILDINFO_BYTES; of a clear-signed one, the text without looking at the signature.
 * Throws `buildinfo/bad-syntax`, `bytes/…`, `target/bad-file-name`.
 */
export function parseBuildinfo(bytes: Uint8Array): Buildinfo {
  if (bytes.length > MAX_BUILDINFO_BYTES) {
    throw new ProtocolError(
      "bytes/too-big",
      `the .buildinfo has ${bytes.length} octets; at most ${MAX_BUILDINFO_BYTES} are read`,
    );
  }
  const fields = readFields(withoutSignature(fromUtf8(bytes).split("\n")));
  const [, source = "", sourceVersion = null] = SOURCE.exec(field(fields, "Source")) ?? [];
  if (source === "") bad(`Source: ${quote(field(fields, "Source"))} is no package name`);
  const installed = field(fields, "Installed-Build-Depends")
    .split(",")
    .map((dependency) => dependency.trim())
    .filter((dependency) => dependency !== "");
  return Object.freeze({
    source,
    sourceVersion,
    version: field(fields, "Version"),
    architectures: Object.freeze(field(fields, "Architecture").split(" ")),
    files: Object.freeze(field(fields, "Checksums-Sha256").trim().split("\n").map(readChecksum)),
    environment: Object.freeze({
      architecture: field(fields, "Build-Architecture"),
      packages: packagesDigest(installed),
    }),
  });
}

/** The lines between the armour of a clear-signed message (RFC 9580, section 7), or all lines of a plain one. */
function withoutSignature(lines: readonly string[]): readonly string[] {
  if (lines[0] !== SIGNED_HEAD) return lines;
  const start = lines.indexOf("") + 1;
  const end = lines.indexOf(SIGNATURE_HEAD);
  if (start === 0 || end < start) bad("the OpenPGP armour is incomplete");
  return lines.slice(start, end).map((line) => (line.startsWith("- ") ? line.slice(2) : line));
}

/** The fields of one paragraph; the lines of a long one joined by newlines, without their leading space. */
function readFields(lines: readonly string[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let name = "";
  let ended = false;
  for (const [index, line] of lines.entries()) {
    if (line === "") {
      ended = fields.size > 0;
      continue;
    }
    if (ended) bad(`line ${index + 1}: nothing may follow the paragraph`);
    if (line.startsWith(" ") || line.startsWith("\t")) {
      if (name === "") bad(`line ${index + 1}: a continuation of no field`);
      fields.set(name, `${fields.get(name) ?? ""}\n${line.slice(1)}`);
      continue;
    }
    const [, key, value] = FIELD.exec(line) ?? [];
    if (key === undefined || value === undefined) bad(`line ${index + 1}: "Name: value" expected`);
    if (fields.has(key)) bad(`line ${index + 1}: the field ${quote(key)} occurs twice`);
    name = key;
    fields.set(name, value);
  }
  return fields;
}

function field(fields: ReadonlyMap<string, string>, name: string): string {
  return fields.get(name) ?? bad(`the field ${name} is missing`);
}

function readChecksum(line: string): BuildinfoFile {
  const [, digest, size, file] = CHECKSUM.exec(line) ?? [];
  if (digest === undefined || size === undefined || file === undefined) {
    return bad(`Checksums-Sha256: ${quote(line)} is not "<digest> <size> <file>"`);
  }
  assertFileName(file);
  return Object.freeze({ file, size: fromDecimal(size), sha256: fromHex(digest) });
}

function bad(problem: string): never {
  throw new ProtocolError("buildinfo/bad-syntax", `.buildinfo: ${problem}`);
}

/** Debian's .buildinfo files (deb-buildinfo(5)): what a build gave, and in which environment. */
import { quote } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_BUILDINFO_BYTES } from "../limits.ts";
import { Paragraph } from "./deb822.ts";
import type { ListedFile } from "./deb822.ts";
import { packagesDigest } from "./environment.ts";
import type { Environment } from "./environment.ts";

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
  /** Installed-Build-Depends, one by one as they stand: `name (= version)`. */
  readonly installed: readonly string[];
  /** The folder that the source lay in; null where the build did not say. */
  readonly path: string | null;
  /** The entry that a binNMU put on top of the changelog, with its own line ends; null where there was none. */
  readonly changelog: string | null;
}

export type BuildinfoFile = ListedFile;

const SOURCE = /^([a-z0-9][a-z0-9+.-]+)(?: \(([^() ]+)\))?$/;

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
  const paragraph = new Paragraph(bytes, bad);
  const [, source = "", sourceVersion = null] = SOURCE.exec(paragraph.field("Source")) ?? [];
  if (source === "") bad(`Source: ${quote(paragraph.field("Source"))} is no package name`);
  const installed = paragraph
    .field("Installed-Build-Depends")
    .split(",")
    .map((dependency) => dependency.trim())
    .filter((dependency) => dependency !== "");
  return Object.freeze({
    source,
    sourceVersion,
    version: paragraph.field("Version"),
    architectures: Object.freeze(paragraph.field("Architecture").split(" ")),
    files: paragraph.checksums(),
    environment: Object.freeze({
      architecture: paragraph.field("Build-Architecture"),
      packages: packagesDigest(installed),
    }),
    installed: Object.freeze(installed),
    path: paragraph.optional("Build-Path"),
    changelog: changelogOf(paragraph.optional("Binary-Only-Changes")),
  });
}

/** The lines of a long field: those that are only a full stop stand for empty ones. */
function changelogOf(text: string | null): string | null {
  if (text === null) return null;
  const lines = text.split("\n").map((line) => (line === "." ? "" : line));
  return `${lines.join("\n").trim()}\n`;
}

function bad(problem: string): never {
  throw new ProtocolError("buildinfo/bad-syntax", `.buildinfo: ${problem}`);
}

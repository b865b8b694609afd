/** What an identity profile is: per package type, which parts name a target, and which file they name (RULES R4). */
import { quote } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import type { Purl } from "./purl.ts";

/** One package type. `protocol/spec/targets.md` has each in words. */
export interface Profile {
  readonly type: string;
  /** The qualifiers that belong to the identity; all others are dropped on writing and refused on reading. */
  readonly qualifiers: readonly string[];
  /** On writing: the one spelling of parts that people spell in several ways, such as an epoch of 0. */
  readonly simplify: (purl: Purl) => Purl;
  /** Throws `target/bad-purl` unless the parts are this type's. */
  readonly checkPurl: (purl: Purl) => void;
  /** Throws `target/file-mismatch` unless `file` is a file of the package; `purl` has passed `checkPurl`. */
  readonly checkFile: (purl: Purl, file: string) => void;
}

/** Without an epoch of 0 in front of the version, which is the same as none. */
export function withoutEpochZero(purl: Purl): Purl {
  return purl.version.startsWith("0:") ? { ...purl, version: purl.version.slice(2) } : purl;
}

/** Throws `target/bad-purl` unless `pattern` describes the whole of `value`. */
export function assertPart(purl: Purl, part: string, value: string, pattern: RegExp): void {
  if (!pattern.test(value)) {
    throw new ProtocolError(
      "target/bad-purl",
      `${quote(value)} is no ${part} of a pkg:${purl.type} package URL`,
    );
  }
}

/** Throws `target/bad-purl` for qualifiers that the profile does not name. */
export function assertQualifiers(purl: Purl, allowed: readonly string[]): void {
  for (const key of purl.qualifiers.keys()) {
    if (!allowed.includes(key)) {
      throw new ProtocolError(
        "target/bad-purl",
        `the qualifier ${quote(key)} is no part of a pkg:${purl.type} target; leave it out`,
      );
    }
  }
}

/** Throws `target/file-mismatch` unless `file` is `stem` and one of the endings. */
export function assertFile(purl: Purl, file: string, stem: string, endings: readonly string[]): void {
  if (!file.startsWith(stem) || !endings.includes(file.slice(stem.length))) {
    throw new ProtocolError(
      "target/file-mismatch",
      `${quote(file)} is not the file of ${purl.name} ${purl.version}: ${quote(stem + (endings[0] ?? ""))} expected`,
    );
  }
}

/** What was built: a package URL and a file name, and the key that both make (RULES R4, `protocol/spec/targets.md`). */
import { concat, quote, toHex, utf8 } from "../bytes/index.ts";
import { sha256 } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import { assertFileName } from "./file-name.ts";
import type { Profile } from "./profile.ts";
import { ALPM } from "./purl-alpm.ts";
import { DEB, withoutEpoch } from "./purl-deb.ts";
import { GENERIC } from "./purl-generic.ts";
import { NPM } from "./purl-npm.ts";
import { RPM } from "./purl-rpm.ts";
import { encodePurl, readPurl } from "./purl.ts";
import type { Purl } from "./purl.ts";
import { unsignedName } from "./unsigned.ts";

export interface Target {
  /** Canonical. */
  readonly purl: string;
  /** Base name. */
  readonly file: string;
  /** SHA-256(purl ‖ 0x0a ‖ file), 32 octets. */
  readonly key: Uint8Array;
  readonly keyHex: string;
}

const PROFILES: ReadonlyMap<string, Profile> = new Map(
  [DEB, ALPM, RPM, NPM, GENERIC].map((profile) => [profile.type, profile]),
);
const LEGACY = utf8("legacy\n");
const NEWLINE = Uint8Array.of(0x0a);

/**
 * The target of a canonical package URL and a file name. Throws `target/bad-purl`, `target/not-canonical`, `target/unknown-type`,
 * `target/bad-file-name`, `target/file-mismatch`.
 */
export function parseTarget(purl: string, file: string): Target {
  const parts = readPurl(purl);
  const profile = profileOf(parts.type);
  profile.checkPurl(parts);
  assertFileName(file);
  profile.checkFile(parts, file);
  const key = sha256(utf8(`${purl}\n${file}`));
  return Object.freeze({ purl, file, key, keyHex: toHex(key) });
}

/** The target of a file's normal form. Throws `target/file-mismatch` where packages of this type have none, `target/bad-file-name`. */
export function unsignedTarget({ purl, file }: Target): Target {
  return parseTarget(purl, unsignedName(file));
}

/** Whether packages of this type have targets: an identity profile says what names them. */
export function hasProfile(type: string): boolean {
  return PROFILES.has(type);
}

/** The package URL of a target, read and checked against its type's profile. Throws as `parseTarget` does. */
export function parsePurl(text: string): Purl {
  const purl = readPurl(text);
  profileOf(purl.type).checkPurl(purl);
  return purl;
}

/**
 * The canonical package URL of parts as people and package managers write them: without the qualifiers that name no target, and
 * without an epoch of 0 (Debian 12 has `woff-tools 0:2009.10.04-2+b1`). Throws `target/bad-purl`, `target/unknown-type`.
 */
export function targetPurl(parts: Purl): string {
  const profile = profileOf(parts.type);
  const qualifiers = new Map([...parts.qualifiers].filter(([key]) => profile.qualifiers.includes(key)));
  const purl = profile.simplify({ ...parts, qualifiers });
  profile.checkPurl(purl);
  return encodePurl(purl);
}

export interface DebParts {
  /** `debian`, `ubuntu` …: from configuration or the package manager, never from the file. */
  readonly namespace: string;
  readonly name: string;
  /** Whole, with epoch. */
  readonly version: string;
  readonly arch: string;
}

/** The target of a binary package (.deb) by its control data; with arch `source`, of its .dsc. */
export function debTarget(parts: DebParts): Target {
  const { namespace, name, version, arch } = parts;
  const purl = targetPurl({ type: "deb", namespace, name, version, qualifiers: new Map([["arch", arch]]) });
  const stem = `${name}_${withoutEpoch(version)}`;
  return parseTarget(purl, arch === "source" ? `${stem}.dsc` : `${stem}_${arch}.deb`);
}

export interface AlpmParts {
  /** `arch`, `manjaro` … */
  readonly namespace: string;
  /** The package's name, not its pkgbase: split packages are targets of their own. */
  readonly name: string;
  /** `[epoch:]pkgver-pkgrel`. */
  readonly version: string;
  readonly arch: string;
}

/** The target of a pacman package by its .PKGINFO; packed with zstd, as Arch does, unless `ending` says otherwise. */
export function alpmTarget(parts: AlpmParts, ending: string = ".pkg.tar.zst"): Target {
  const { namespace, name, version, arch } = parts;
  const purl = targetPurl({ type: "alpm", namespace, name, version, qualifiers: new Map([["arch", arch]]) });
  return parseTarget(purl, `${name}-${parsePurl(purl).version}-${arch}${ending}`);
}

export interface NpmParts {
  /** `@babel`, or "". */
  readonly scope: string;
  readonly name: string;
  readonly version: string;
}

/** The target of an npm package by its package.json: the file that `npm pack` makes. */
export function npmTarget({ scope, name, version }: NpmParts): Target {
  const purl = targetPurl({ type: "npm", namespace: scope, name, version, qualifiers: new Map() });
  return parseTarget(purl, `${scope === "" ? "" : `${scope.slice(1)}-`}${name}-${version}.tgz`);
}

/**
 * Where legacy links of one signer about one file name are found: SHA-256("legacy\n" ‖ raw key ‖ 0x0a ‖ name), RULES R5. They sign no
 * package URL; whoever finds one binds it by the artefact's own control data.
 */
export function legacyKey(signerRaw: Uint8Array, fileName: string): Uint8Array {
  return sha256(concat(LEGACY, signerRaw, NEWLINE, utf8(fileName)));
}

/** What is no part of a name or version: it parts them from the rest of a file's name. */
const WORD = /[A-Za-z0-9]/;

/**
 * Whether a target's file name says by itself of which package and version it is: it begins with the name, and the version stands in it,
 * neither as a part of a longer word or number (`bitcoin-30.2.tar.gz` is of 30.2, not of 30 or 30.2.1). Such a name binds a list of sums,
 * which signs names alone, to the target (RULES R5).
 */
export function namesWhole({ purl, file }: Target): boolean {
  const { name, version } = parsePurl(purl);
  if (version === "" || !file.startsWith(name) || WORD.test(file.charAt(name.length))) return false;
  for (let at = file.indexOf(version, name.length); at !== -1; at = file.indexOf(version, at + 1)) {
    const rest = file.slice(at + version.length);
    if (
      !WORD.test(file.charAt(at - 1)) &&
      file.charAt(at - 1) !== "." &&
      !/^(?:[A-Za-z0-9]|\.[0-9])/.test(rest)
    )
      return true;
  }
  return false;
}

function profileOf(type: string): Profile {
  const profile = PROFILES.get(type);
  if (profile === undefined) {
    throw new ProtocolError(
      "target/unknown-type",
      `packages of type ${quote(type)} have no identity profile; known are ${[...PROFILES.keys()].join(", ")}`,
    );
  }
  return profile;
}

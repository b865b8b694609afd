/**
 * What a trust domain says at present: its files by name, length and hash, and who else speaks for which packages (TUF 1.0, section 4.5).
 */
import { quote } from "../bytes/index.ts";
import type { RecordShape, Shape } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { HASH_BYTES } from "../feed/index.ts";
import {
  MAX_DELEGATIONS,
  MAX_LABEL_BYTES,
  MAX_PURL_PATTERNS,
  MAX_TARGET_FILE_BYTES,
  MAX_TARGET_FILES,
  MAX_TARGETS_BYTES,
} from "../limits.ts";
import { matchPattern, patternOf } from "../policy/index.ts";
import { readMetadata } from "./metadata.ts";
import type { RolePath } from "./layout.ts";
import type { Metadata } from "./metadata.ts";
import { assertTargetPath, assertTargetPattern, matchTargetPattern } from "./path.ts";
import { assertSigned, readKeys, readRole } from "./role.ts";
import type { KeyRing, Role } from "./role.ts";
import type { Root } from "./root.ts";

declare const verified: unique symbol;

/** A file of a domain: what it has to be. */
export interface TargetFile {
  readonly path: string;
  readonly length: number;
  readonly sha256: Uint8Array;
}

/** Somebody else who speaks for packages, and whom their document names by its keys. */
export interface Delegation {
  readonly name: string;
  readonly role: Role;
  /** Patterns of the files that it may list; `*` stays within its segment. */
  readonly paths: readonly string[];
  /** Patterns of the packages that it speaks for (RULES R29). */
  readonly purls: readonly string[];
}

/** What a document of targets says, whoever has signed it. Frozen. */
export interface TargetsSaid {
  readonly version: number;
  /** ms since 1970. */
  readonly expires: number;
  readonly files: ReadonlyMap<string, TargetFile>;
  /** In the order in which they are tried. */
  readonly delegations: readonly Delegation[];
  /** As it came. */
  readonly bytes: Uint8Array;
  /** What its signatures sign: by this two documents are the same or not. */
  readonly signedBytes: Uint8Array;
}

/** A document of targets that enough of its role have signed; only `readTargets` and `readDelegated` make one. Frozen. */
export interface Targets extends TargetsSaid {
  readonly domain: string;
  /** The delegations that lead to it from the domain's own targets, which have none. */
  readonly by: readonly Delegation[];
  /** Their names: `[]` is the domain's own. */
  readonly role: RolePath;
  readonly [verified]: true;
}

/** `targets` is the root's own; what a path could not bear is no name either. */
const ROLE_NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;
const TOP = "targets";
/** A member of ours in a delegation: TUF delegates names of files, and who speaks for which packages is not among them. */
const PURLS = "x-samebits-purls";

/** The domain's own targets, by the keys of `root`. Throws `trust/…`, and what `readMetadata` throws. */
export function readTargets(root: Root, bytes: Uint8Array): Targets {
  const document = readMetadata(bytes, "targets", MAX_TARGETS_BYTES);
  assertSigned(document, root.targets, `the targets role of root ${root.version}`);
  return make(document, root.domain, []);
}

/**
 * The targets of one of `parent`'s delegations. Files outside its delegation's patterns, or of one that leads to it, are
 * let be, as if they were not there. Throws
 * `trust/no-delegation`, and what `readTargets` throws.
 */
export function readDelegated(parent: Targets, name: string, bytes: Uint8Array): Targets {
  const document = readMetadata(bytes, "targets", MAX_TARGETS_BYTES);
  const delegation = parent.delegations.find((one) => one.name === name);
  if (delegation === undefined) {
    const who = parent.role.at(-1) ?? TOP;
    throw new ProtocolError("trust/no-delegation", `${who} delegates nothing to ${quote(name)}`);
  }
  assertSigned(document, delegation.role, `the role ${name}`);
  return make(document, parent.domain, [...parent.by, delegation]);
}

/** What targets say: nothing about them is known to be signed. Throws as `readTargets` does, but for signatures. */
export function targetsSaid(bytes: Uint8Array): TargetsSaid {
  return sayOf(readMetadata(bytes, "targets", MAX_TARGETS_BYTES), []);
}

/** Who speaks for a package, of those to whom `targets` delegates: the first with a pattern that matches; null for itself. */
export function delegationFor(targets: TargetsSaid, purl: string): Delegation | null {
  return (
    targets.delegations.find(({ purls }) => purls.some((pattern) => matchPattern(pattern, purl))) ?? null
  );
}

function sayOf(
  { signed, version, expires, bytes, signedBytes }: Metadata,
  by: readonly Delegation[],
): TargetsSaid {
  const listed = [...signed.table("targets", MAX_TARGET_FILES)].map(([path, shape]) => readFile(path, shape));
  const mayList = ({ path }: TargetFile): boolean =>
    by.every(({ paths }) => paths.some((pattern) => matchTargetPattern(pattern, path)));
  const files: ReadonlyMap<string, TargetFile> = new Map(
    listed.filter(mayList).map((file) => [file.path, file]),
  );
  const below = signed.optional("delegations")?.record();
  const delegations = below === undefined ? [] : readDelegations(below);
  return Object.freeze({ version, expires, files, delegations, bytes, signedBytes });
}

function make(document: Metadata, domain: string, by: readonly Delegation[]): Targets {
  const role = Object.freeze(by.map(({ name }) => name));
  return Object.freeze({ ...sayOf(document, by), domain, by: Object.freeze(by), role }) as Targets;
}

function readFile(path: string, shape: Shape): TargetFile {
  assertTargetPath(shape, path);
  const file = shape.record();
  const length = file.integer("length", 0, MAX_TARGET_FILE_BYTES);
  const sha256 = file.record("hashes").member("sha256").hex(HASH_BYTES);
  return Object.freeze({ path, length, sha256 });
}

function readDelegations(below: RecordShape): readonly Delegation[] {
  const ring = readKeys(below.member("keys"));
  const names = new Set<string>([TOP]);
  const delegations: Delegation[] = [];
  for (const item of below.list("roles", MAX_DELEGATIONS)) {
    const delegation = readDelegation(item.record(), ring);
    if (names.has(delegation.name)) {
      item.fail("trust/bad-delegation", `there is a role ${quote(delegation.name)} already`);
    }
    names.add(delegation.name);
    delegations.push(delegation);
  }
  return Object.freeze(delegations);
}

function readDelegation(item: RecordShape, ring: KeyRing): Delegation {
  const named = item.member("name");
  const name = named.string(MAX_LABEL_BYTES);
  if (!ROLE_NAME.test(name)) {
    named.fail("trust/bad-delegation", `${quote(name)}: a role's name has 1 to 64 of a-z, 0-9, - and _`);
  }
  item.boolean("terminating");
  const prefixes = item.optional("path_hash_prefixes");
  if (prefixes !== undefined) {
    prefixes.fail(
      "trust/unsupported",
      "files are delegated by patterns (paths), not by hashes of their names",
    );
  }
  const paths = item.list("paths", MAX_PURL_PATTERNS).map((shape) => {
    const pattern = shape.string();
    assertTargetPattern(shape, pattern);
    return pattern;
  });
  const purls = (item.optional(PURLS)?.list(MAX_PURL_PATTERNS) ?? []).map(patternOf);
  return Object.freeze({
    name,
    role: readRole(item, ring),
    paths: Object.freeze(paths),
    purls: Object.freeze(purls),
  });
}

/** What we read out of an attestation, whatever its form. */
import { compareCodePoints, equalBytes, toHex, utf8 } from "../bytes/index.ts";
import { sha256Hex } from "../crypto/index.ts";
import { isOfGit } from "./descriptor.ts";
import type { Descriptor } from "./descriptor.ts";
import { gitSourceOf } from "./git-source.ts";
import type { GitSource } from "./git-source.ts";
import type { Target } from "./target.ts";

/**
 * `positive`: the step gave this file. `failed`: the step gave none. `differs`: the step gave another file than the one named.
 * `retraction`: the signer takes claims of its own back.
 */
export type ClaimKind = "positive" | "failed" | "differs" | "retraction";

/** How the signer obtained the digest: by building, by comparing with a build, or from somebody else's statement. */
export type How = "built" | "compared" | "imported";

/** Where the inputs came from, as their digests say; null where none or several do. */
export interface Source {
  readonly commit: string | null;
  readonly tag: string | null;
  /** SHA-256 in hex, sorted: the only .dsc, the only .buildinfo, and the only input, where there is one. */
  readonly files: readonly string[];
}

export interface Claim {
  readonly kind: ClaimKind;
  /** What was done: `rebuild` unless the statement says otherwise; `retract` of a retraction. */
  readonly step: string;
  readonly how: How;
  /** Null where the attestation names no package: it is found and shown by its digest and counts only once bound (RULES R5). */
  readonly target: Target | null;
  /** The file as the attestation names it; of a target, its file name. */
  readonly file: string;
  /** Of `positive`, what the step gave; of `differs`, what it did not give; else null. 32 octets. */
  readonly sha256: Uint8Array | null;
  /** `inputsDigest`, 64 hex digits; null = not recorded. */
  readonly inputs: string | null;
  /** `environmentDigest`, 64 hex digits; null = not recorded. */
  readonly environment: string | null;
  /** ms since 1970 as the signer says; null = it does not say. */
  readonly time: number | null;
  /** Why it failed, was taken back, or is another result than was to be expected, in the signer's words. */
  readonly reason: string | null;
  /** Claim ids, of a retraction. */
  readonly retracts: readonly string[];
  /** The claim id that stands instead, of a retraction. */
  readonly replacedBy: string | null;
  readonly source: Source | null;
  /** What is said of the commit that is the source, and commits and tags that come along; not there where nothing is but ids. */
  readonly git?: GitSource;
}

const NONE: readonly string[] = Object.freeze([]);

/** A frozen claim; what is left out is not said. */
export function makeClaim(said: Partial<Claim> & Pick<Claim, "kind" | "step" | "how" | "file">): Claim {
  return Object.freeze({
    kind: said.kind,
    step: said.step,
    how: said.how,
    target: said.target ?? null,
    file: said.file,
    sha256: said.sha256 ?? null,
    inputs: said.inputs ?? null,
    environment: said.environment ?? null,
    time: said.time ?? null,
    reason: said.reason ?? null,
    retracts: said.retracts ?? NONE,
    replacedBy: said.replacedBy ?? null,
    source: said.source ?? null,
    ...(said.git === undefined ? {} : { git: said.git }),
  });
}

/** The claims without exact repetitions: a subject listed twice is one claim. Frozen. */
export function distinctClaims(claims: readonly Claim[]): readonly Claim[] {
  if (claims.length < 2) return Object.freeze(claims);
  const kept: Claim[] = [];
  for (const claim of claims) if (!kept.some((other) => sameSubject(other, claim))) kept.push(claim);
  return Object.freeze(kept);
}

function sameSubject(a: Claim, b: Claim): boolean {
  const sameDigest =
    a.sha256 === null ? b.sha256 === null : b.sha256 !== null && equalBytes(a.sha256, b.sha256);
  return sameDigest && a.file === b.file && a.target?.keyHex === b.target?.keyHex;
}

/** A .buildinfo is no input: it records the run (date, path), so that no two runs have the same; `environment` has its substance. */
const RUN_RECORD = ".buildinfo";

/**
 * What two builds must share so that different results contradict each other: SHA-256 over the materials' digests, each as
 * `<algorithm>:<hex>` and a newline, sorted, once each, in hex. Names are left out (they are paths of the builder's machine), and so
 * are .buildinfo files and materials that are the products themselves (rebuilderd lists an Arch package as its own input; who got
 * another package would seem to have had other inputs). A commit is an input by its id alone: who names its tags, its octets' SHA-256 or
 * its submodules too, has built no other thing than who does not. Null where no digest is left: nothing is known of the inputs.
 */
export function inputsDigest(
  materials: readonly Descriptor[],
  products: readonly Pick<Descriptor, "sha256">[],
): string | null {
  const lines = new Set<string>();
  for (const material of materials) {
    const { name, sha256 } = material;
    if (name.endsWith(RUN_RECORD)) continue;
    if (isOfGit(material)) for (const line of commitLines(material)) lines.add(line);
    else if (sha256 !== null) lines.add(`sha256:${toHex(sha256)}\n`);
  }
  for (const { sha256 } of products) {
    if (lines.size > 0 && sha256 !== null) lines.delete(`sha256:${toHex(sha256)}\n`);
  }
  if (lines.size === 0) return null;
  return sha256Hex(utf8([...lines].sort(compareCodePoints).join("")));
}

/** Of files that were changed nobody knows how: two such builds have one input, and no other build has it. */
function commitLines({ gitCommit, said }: Descriptor): readonly string[] {
  if (gitCommit === null || said?.isSubmodule === true) return [];
  return [`gitCommit:${gitCommit}${said?.isDirty === true ? " dirty" : ""}\n`];
}

/** A source package is named by the file that lists its parts, a rebuild by the record of the build that it repeats. */
const SOURCE_FILES = [".dsc", RUN_RECORD] as const;

/** What the materials name as the source of these products, and what they say of its commit. */
export function originOf(
  materials: readonly Descriptor[],
  products: readonly Pick<Descriptor, "sha256">[],
): Pick<Claim, "source" | "git"> {
  const source = sourceOf(materials, products);
  const git = gitSourceOf(materials, source?.commit ?? null);
  return git === null ? { source } : { source, git };
}

/**
 * The commit, the tag object and the files that the materials name as the source of these products, where they name one each. A commit of
 * which files had been changed is nobody's source, and a submodule is a part of one.
 */
function sourceOf(
  materials: readonly Descriptor[],
  products: readonly Pick<Descriptor, "sha256">[],
): Source | null {
  const own = materials.filter(({ said }) => said?.isSubmodule !== true);
  const commits = named(own, ({ gitCommit, said }) => (said?.isDirty === true ? "" : gitCommit));
  const tags = named(own, ({ gitTag }) => gitTag);
  const commit = onlyId(commits);
  const tag = onlyId(tags);
  const files = sourceFiles(materials, products);
  if (commits.size === 0 && tags.size === 0 && files.length === 0) return null;
  return Object.freeze({ commit, tag, files });
}

function named(
  materials: readonly Descriptor[],
  idOf: (material: Descriptor) => string | null,
): ReadonlySet<string> {
  return new Set(materials.map(idOf).filter((id) => id !== null));
}

function onlyId(ids: ReadonlySet<string>): string | null {
  const [id = "", second] = ids;
  return id === "" || second !== undefined ? null : id;
}

function sourceFiles(
  materials: readonly Descriptor[],
  products: readonly Pick<Descriptor, "sha256">[],
): readonly string[] {
  const made = new Set(products.flatMap(({ sha256 }) => (sha256 === null ? [] : [toHex(sha256)])));
  const inputs = materials.filter(({ sha256 }) => sha256 === null || !made.has(toHex(sha256)));
  const kinds = [
    ...SOURCE_FILES.map((ending) => inputs.filter(({ name }) => name.endsWith(ending))),
    inputs.filter(({ name }) => !name.endsWith(RUN_RECORD)),
  ];
  const files = new Set(kinds.flatMap(onlyFile));
  return Object.freeze([...files].toSorted(compareCodePoints));
}

/** The digest that all of them have; none where they have several, or one of them is no file. */
function onlyFile(inputs: readonly Descriptor[]): readonly string[] {
  const digests = new Set(
    inputs.map((input) => (input.sha256 === null || isOfGit(input) ? "" : toHex(input.sha256))),
  );
  return digests.size === 1 && !digests.has("") ? [...digests] : [];
}

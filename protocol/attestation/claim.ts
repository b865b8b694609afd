/** What we read out of an attestation, whatever its form. */
import { compareCodePoints, equalBytes, toHex, utf8 } from "../bytes/index.ts";
import { sha256Hex } from "../crypto/index.ts";
import type { Descriptor } from "./descriptor.ts";
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
 * another package would seem to have had other inputs). Null where no digest is left: nothing is known of the inputs.
 */
export function inputsDigest(
  materials: readonly Descriptor[],
  products: readonly Pick<Descriptor, "sha256">[],
): string | null {
  const lines = new Set<string>();
  for (const { name, sha256, gitCommit } of materials) {
    if (name.endsWith(RUN_RECORD)) continue;
    if (sha256 !== null) lines.add(`sha256:${toHex(sha256)}\n`);
    else if (gitCommit !== null) lines.add(`gitCommit:${gitCommit}\n`);
  }
  for (const { sha256 } of products) {
    if (lines.size > 0 && sha256 !== null) lines.delete(`sha256:${toHex(sha256)}\n`);
  }
  if (lines.size === 0) return null;
  return sha256Hex(utf8([...lines].sort(compareCodePoints).join("")));
}

/** A source package is named by the file that lists its parts, a rebuild by the record of the build that it repeats. */
const SOURCE_FILES = [".dsc", RUN_RECORD] as const;

/** The commit, the tag object and the files that the materials name as the source of these products, where they name one each. */
export function sourceOf(
  materials: readonly Descriptor[],
  products: readonly Pick<Descriptor, "sha256">[],
): Source | null {
  let commit: string | null = null;
  let tag: string | null = null;
  let commits = 0;
  let tags = 0;
  for (const { gitCommit, gitTag } of materials) {
    if (gitCommit !== null && gitCommit !== commit) {
      commit = gitCommit;
      commits++;
    }
    if (gitTag !== null && gitTag !== tag) {
      tag = gitTag;
      tags++;
    }
  }
  const files = sourceFiles(materials, products);
  if (commits === 0 && tags === 0 && files.length === 0) return null;
  return Object.freeze({ commit: commits === 1 ? commit : null, tag: tags === 1 ? tag : null, files });
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
  const digests = new Set(inputs.map(({ sha256 }) => (sha256 === null ? "" : toHex(sha256))));
  return digests.size === 1 && !digests.has("") ? [...digests] : [];
}

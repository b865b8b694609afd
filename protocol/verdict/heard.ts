/** What a builder has said of a file: its claims, bound to the artefact, without what it took back. */
import { LEGACY_LINK, namesWhole, parsePurl, SIGNED_SUMS } from "../attestation/index.ts";
import type { Claim, Target, Verified } from "../attestation/index.ts";
import { compareCodePoints, equalBytes, toHex } from "../bytes/index.ts";
import { sameKey } from "../crypto/index.ts";
import type { Evidence } from "../evidence/index.ts";
import type { SignedHead } from "../feed/index.ts";
import type { Builder } from "../policy/index.ts";
import { isOfList, standsFor, withoutNamesakes } from "./namesakes.ts";
import type { Alias, Artifact, Findings } from "./types.ts";

/** Where a feed carries a claim. */
export interface Carried {
  readonly head: SignedHead;
  readonly index: number;
}

/** `same`: gives this file. `other`: gives another one, or says that it does not give this one. `failed`: gives nothing to compare. */
export type Relation = "same" | "other" | "failed";

/** One claim about the artefact. */
export interface Heard {
  readonly verified: Verified;
  readonly claim: Claim;
  readonly relation: Relation;
  /** Every feed entry that was proven to carry it. */
  readonly carried: readonly Carried[];
  /** The builder's own words where it took the claim back, else null. */
  readonly retracted: string | null;
}

interface Spoken {
  readonly verified: Verified;
  readonly carried: Carried[];
}

/** What a builder said of one file: about what it is asked to be, and a claim of the same octets about something else. */
export interface Said {
  readonly heard: readonly Heard[];
  /** The live positive claim, first by claim id, that gives this very file as another target or in another step: shown, never counted (RULES R4). */
  readonly elsewhere: Claim | null;
  /** The live positive claim, first by claim id, under the name of the file before its signature was taken off, of which nobody knows whether it is this one: shown, never counted. */
  readonly unformed: Claim | null;
  /** What it may have said of the artefact: by a key that is revoked, and not proven to be older than that (RULES R19). */
  readonly revoked: readonly Heard[];
}

/**
 * All that this builder said of the artefact in the steps that are asked for, found anywhere, also inside evidence. Ordered by claim id.
 * `isAnybodys` says which signatures of its keys need not be its own.
 */
export function hear(
  builder: Builder,
  isStep: (step: string) => boolean,
  artifact: Artifact & { readonly target: Target },
  found: Findings,
  isAnybodys: IsAnybodys,
): Said {
  const heard: Heard[] = [];
  const otherwise: Heard[] = [];
  let elsewhere: Claim | null = null;
  let unformed: Claim | null = null;
  let isListed = false;
  const all = spokenInOrder(builder, found);
  for (const { verified, claim, carried, retracted } of sayingsIn(all, isAnybodys)) {
    const isAsked = isStep(claim.step);
    const relation = isAsked ? relate(verified, claim, artifact) : null;
    const asAlias = isAsked && relation === null ? relateAs(verified, claim, artifact.alias) : null;
    const said = { verified, claim, carried: carried.toSorted(inOrder), retracted };
    isListed ||= retracted === null && isOfList(said) && standsFor(claim, artifact.alias);
    if (relation !== null) heard.push({ ...said, relation });
    else if (asAlias !== null) otherwise.push({ ...said, relation: asAlias });
    else if (retracted !== null || claim.kind !== "positive") continue;
    else if (isSame(claim, artifact)) elsewhere ??= claim;
    else if (isAsked && isCalled(verified, claim, artifact.alias)) unformed ??= claim;
  }
  // Who says what the file is under its own name has said it.
  const hasSaid = heard.some(({ claim, retracted }) => claim.kind === "positive" && retracted === null);
  return {
    heard: withoutNamesakes(hasSaid ? heard : [...heard, ...otherwise], isListed),
    elsewhere,
    unformed,
    revoked: all.filter(isAnybodys).flatMap((one) => aboutIt(one, isStep, artifact)),
  };
}

/** One claim of a builder, whatever it is about. */
export type Saying = Omit<Heard, "relation">;

/** Which signatures of a builder's keys need not be its own. */
export type IsAnybodys = (spoken: Pick<Heard, "verified" | "carried">) => boolean;

/** All claims of a builder but retractions, with those that were taken back marked. Ordered by claim id. */
export function sayingOf(builder: Builder, found: Findings, isAnybodys: IsAnybodys): readonly Saying[] {
  return sayingsIn(spokenInOrder(builder, found), isAnybodys);
}

function sayingsIn(all: readonly Spoken[], isAnybodys: IsAnybodys): readonly Saying[] {
  const spoken = all.filter((one) => !isAnybodys(one));
  const retractions = new Map<string, Claim[]>();
  for (const claim of spoken.flatMap(({ verified }) => verified.claims))
    for (const id of claim.retracts) {
      const some = retractions.get(id) ?? [];
      some.push(claim);
      retractions.set(id, some);
    }
  return spoken.flatMap(({ verified, carried }) =>
    verified.claims
      .filter((claim) => claim.kind !== "retraction")
      .map((claim) => ({
        verified,
        claim,
        carried,
        retracted: retractionOf(claim, retractions.get(verified.id) ?? []),
      })),
  );
}

/** Claim ids of all that this builder took back, whatever it was about. */
export function retractedBy(builder: Builder, found: Findings, isAnybodys: IsAnybodys): ReadonlySet<string> {
  const spoken = [...spokenBy(builder, found).values()].filter((one) => !isAnybodys(one));
  return new Set(spoken.flatMap(({ verified }) => verified.claims.flatMap(({ retracts }) => retracts)));
}

/** An attestation of a builder, whatever it is about: what it takes back, and the digests that it gives, in hex. */
export interface Attested {
  readonly verified: Verified;
  readonly retracts: readonly string[];
  readonly digests: readonly string[];
}

/** All that it signed, also with a key that is revoked; copies of one are all there. */
export function attestationsBy(builder: Builder, found: Findings): readonly Attested[] {
  const signed = found.entries.flatMap(({ builder: name, verified }) =>
    name === builder.name ? [verified] : [],
  );
  const all = [...signed, ...found.evidence.flatMap(envelopesOf)].filter((verified) =>
    isOf(builder, verified),
  );
  return all.map((verified) => ({
    verified,
    retracts: verified.claims.flatMap(({ retracts }) => retracts),
    digests: verified.claims.flatMap(({ kind, sha256 }) =>
      kind === "positive" && sha256 !== null ? [toHex(sha256)] : [],
    ),
  }));
}

/** Whether any of its claims is about the artefact, in whatever step. */
export function isAbout(verified: Verified, artifact: Artifact & { readonly target: Target }): boolean {
  return verified.claims.some((claim) => relateAny(verified, claim, artifact) !== null);
}

function spokenInOrder(builder: Builder, found: Findings): readonly Spoken[] {
  return [...spokenBy(builder, found).values()].toSorted((a, b) => (a.verified.id < b.verified.id ? -1 : 1));
}

/** What it says of the artefact, whoever signed it. */
function aboutIt(
  { verified, carried }: Spoken,
  isStep: (step: string) => boolean,
  artifact: Artifact & { readonly target: Target },
): readonly Heard[] {
  return verified.claims.flatMap((claim) => {
    const isAsked = isStep(claim.step);
    const relation = isAsked ? relateAny(verified, claim, artifact) : null;
    return relation === null
      ? []
      : [{ verified, claim, relation, carried: carried.toSorted(inOrder), retracted: null }];
  });
}

function isSame({ sha256 }: Claim, artifact: Artifact): boolean {
  return sha256 !== null && equalBytes(sha256, artifact.sha256);
}

/** The own order of places: the order in which they were found must not show. */
export function inOrder(a: Carried, b: Carried): number {
  return compareCodePoints(a.head.origin, b.head.origin) || a.index - b.index || a.head.size - b.head.size;
}

/** By claim id: copies of one claim are one, wherever they were found. */
function spokenBy(builder: Builder, found: Findings): ReadonlyMap<string, Spoken> {
  const spoken = new Map<string, Spoken>();
  const add = (verified: Verified): Spoken => {
    const known = spoken.get(verified.id) ?? { verified, carried: [] };
    spoken.set(verified.id, known);
    return known;
  };
  for (const { builder: name, verified, head, index } of found.entries) {
    if (name !== builder.name || !isOf(builder, verified)) continue;
    const { carried } = add(verified);
    if (head !== null && index !== null) carried.push({ head, index });
  }
  for (const evidence of found.evidence) {
    for (const verified of envelopesOf(evidence)) if (isOf(builder, verified)) add(verified);
  }
  return spoken;
}

function isOf(builder: Builder, verified: Verified): boolean {
  return builder.keys.some((key) => sameKey(key, verified.signer));
}

function envelopesOf(evidence: Evidence): readonly Verified[] {
  return evidence.kind === "self-contradiction" || evidence.kind === "disagreement"
    ? [evidence.a, evidence.b]
    : [];
}

/** What a claim says of the artefact; null where it is not about it. */
function relate(
  verified: Verified,
  claim: Claim,
  artifact: Artifact & { readonly target: Target },
): Relation | null {
  return relationOf(verified, claim, artifact, isSame(claim, artifact) ? "same" : "other");
}

/** The same of what it says under another name. */
function relateAs(verified: Verified, claim: Claim, alias: Alias | undefined): Relation | null {
  if (alias === undefined) return null;
  const { same, known } = alias;
  const given = claim.sha256 === null ? "" : toHex(claim.sha256);
  const isOther = known !== null && !known.has(given);
  // That a file which stands for this one does not come out says it of this one.
  const isIt = same.has(given) || (claim.kind === "differs" && known?.has(given) === true);
  return relationOf(verified, claim, alias, isIt ? "same" : isOther ? "other" : null);
}

/** Whether it is about a file of that name, whatever that is. */
function isCalled(verified: Verified, claim: Claim, alias: Alias | undefined): boolean {
  return alias !== undefined && relationOf(verified, claim, alias, "other") !== null;
}

function relateAny(
  verified: Verified,
  claim: Claim,
  artifact: Artifact & { readonly target: Target },
): Relation | null {
  return relate(verified, claim, artifact) ?? relateAs(verified, claim, artifact.alias);
}

/** `given`: what the digest that it names is, beside the file's; null = nobody knows. */
function relationOf(
  verified: Verified,
  claim: Claim,
  name: Named,
  given: "same" | "other" | null,
): Relation | null {
  const named = claim.target === null ? bindByName(verified, claim, name) : "target";
  if (named === null || (claim.target !== null && claim.target.keyHex !== name.target.keyHex)) return null;
  switch (claim.kind) {
    case "positive":
      if (given === "same") return "same";
      return named === "target" || named === "whole name" ? given : null;
    case "differs":
      // That it is not some other file says nothing of this one.
      return given === "same" ? "other" : "failed";
    case "failed":
      return "failed";
    case "retraction":
      return null;
  }
}

/** What a file is called. */
type Named = Pick<Artifact & { readonly target: Target }, "target" | "inside">;

/**
 * A legacy link names a file and no package (RULES R5). It is about this artefact only if the artefact's own control data (or a signed
 * index) say what it is, under that file name. Where the name does not show the whole version (Debian's lack the epoch), an equal
 * digest agrees, but another one may be another version's, and does not contradict.
 */
function bindByName(
  verified: Verified,
  claim: Claim,
  { target, inside }: Named,
): "whole name" | "part of the name" | null {
  if (claim.file !== target.file) return null;
  // A list of sums names whole what has its name and version in the file's name; of other files it can't be known what it means.
  if (verified.predicateType === SIGNED_SUMS) return namesWhole(target) ? "whole name" : null;
  if (verified.predicateType !== LEGACY_LINK || inside === null) return null;
  return target.file.includes(parsePurl(target.purl).version) ? "whole name" : "part of the name";
}

/** The reason given with the first of the retractions of its attestation that is for this subject (RULES R17). */
function retractionOf(claim: Claim, retractions: readonly Claim[]): string | null {
  const retraction = retractions.find((one) =>
    claim.target === null ? one.file === claim.file : one.target?.keyHex === claim.target.keyHex,
  );
  return retraction === undefined ? null : (retraction.reason ?? "");
}

/** Which file the step before a step was about (spec/verdict.md, "Steps"). */
import { madeFrom, parseTarget, unsignedName } from "../attestation/index.ts";
import type { Input, Target, Verified } from "../attestation/index.ts";
import { compareCodePoints, fromHex, toHex, tried } from "../bytes/index.ts";
import { nameBefore } from "../policy/index.ts";
import type { Before, Rule } from "../policy/index.ts";
import { baseName } from "./chosen.ts";
import type { Count, Origin } from "./dossier.ts";
import { retractedBy } from "./heard.ts";
import { anybodysBy } from "./revoked.ts";
import type { Alias, FileForm, Findings } from "./types.ts";
import { seated } from "./voices.ts";
import type { Ballot } from "./votes.ts";

/** The file of a step. */
export interface Place {
  readonly artifact: Count["artifact"];
  /** What it is called, also where the artifact is its normal form. */
  readonly name: string;
  /** Null where the file is not at hand, and nobody has worked it out. */
  readonly form: FileForm | null;
  /** It is the file that is judged. */
  readonly isInHand: boolean;
}

/** It is not known which file it was. `next`: what would help; null = that more is said of the steps after. */
export interface Unplaced {
  readonly why: string;
  readonly next: string | null;
}

/** The file in hand: that of the last step. */
export function placeInHand({ artifact, found }: Count): Place {
  return {
    artifact,
    name: artifact.target.file,
    form: found.forms?.get(toHex(artifact.sha256)) ?? null,
    isInHand: true,
  };
}

/** The file of the step before: by itself, by its normal form, or by what those say who did the step after it. */
export function placeBefore(
  place: Place,
  before: Before,
  ballots: readonly Ballot[],
  found: Findings,
): Place | Unplaced {
  if (before.from.includes("same")) return place;
  if (before.from.includes("normal-form")) return byForm(place, before, found);
  return byMaterial(place, before, ballots, found);
}

function byForm(place: Place, before: Before, found: Findings): Place | Unplaced {
  const { artifact, form } = place;
  if (form === null)
    return {
      why: `the normal form of ${place.name} is not known: that takes the file itself, not its digest`,
      next: place.isInHand
        ? `verify the file itself: samebits verify ${place.name}`
        : `verify ${place.name} together with it: what its normal form is takes that file`,
    };
  if ("why" in form)
    return {
      why: `the signature of ${place.name} can't be taken off: ${form.why}`,
      next: `get the file anew; what is wrong with it says samebits unsign ${place.name}`,
    };
  const name = nameBefore(before, place.name);
  const own = targetOf(artifact.target, name);
  const bare = targetOf(artifact.target, unsignedName(name));
  if (own === null) return noFileOf(artifact.target, name);
  const sha256 = fromHex(form.sha256);
  // What is inside a file does not change by signing it.
  const inside = name === place.name ? artifact.inside : null;
  if (bare === null) {
    const asIs: Place = { artifact: { sha256, name, target: own, inside }, name, form, isInHand: false };
    return form.isWhole ? asIs : noFileOf(artifact.target, unsignedName(name));
  }
  const same = new Set([form.sha256, ...foundAs(form.sha256, found), ...(artifact.alias?.same ?? [])]);
  // Of a step in between all else under the name may be what was signed before.
  const isBuilt = form.isWhole && before.rule.before === null;
  const alias: Alias = { target: own, inside, same, known: isBuilt ? same : null };
  return {
    artifact: { sha256, name: bare.file, target: bare, inside: null, alias },
    name,
    form,
    isInHand: false,
  };
}

/** Files at hand whose normal form that is: the signed one, and the unsigned one where the user has brought it. */
function foundAs(normal: string, { forms }: Findings): readonly string[] {
  return [...(forms ?? [])].flatMap(([sha256, form]) =>
    !("why" in form) && form.sha256 === normal ? [sha256] : [],
  );
}

/** Of what most operators name; then the first by its name and digest. */
function byMaterial(
  { artifact, name: after }: Place,
  before: Before,
  ballots: readonly Ballot[],
  found: Findings,
): Place | Unplaced {
  const named = new Map<string, { readonly input: Input; readonly operators: Set<string> }>();
  for (const { builder, gives } of ballots) {
    for (const { verified } of gives) {
      const input = productIn(verified, after, before);
      if (input === null) continue;
      const id = `${input.name}\n${input.sha256}`;
      const one = named.get(id) ?? { input, operators: new Set() };
      one.operators.add(builder.operator);
      named.set(id, one);
    }
  }
  const [most] = [...named].toSorted(
    ([a, { operators: some }], [b, { operators: others }]) =>
      others.size - some.size || compareCodePoints(a, b),
  );
  if (most === undefined)
    return {
      why: "nobody who counts in the step after it says which file that was",
      next: null,
    };
  const { name, sha256 } = most[1].input;
  const target = targetOf(artifact.target, name);
  return target === null
    ? noFileOf(artifact.target, name)
    : {
        artifact: { sha256: fromHex(sha256), name, target, inside: null },
        name,
        form: found.forms?.get(sha256) ?? null,
        isInHand: false,
      };
}

/**
 * What a statement says that its file was made from: the material that has the name of before, else the only one, where no rename says what
 * that name is. Null where it does not say.
 */
function productIn(verified: Verified, after: string, before: Before): Input | null {
  const expected = nameBefore(before, after);
  const inputs = inputsIn(verified).map(({ name, sha256 }) => ({ name: baseName(name), sha256 }));
  const alike = inputs.filter(({ name }) => name === expected);
  const some = alike.length > 0 || before.renames.size > 0 ? alike : inputs;
  const [only, ...others] = [...new Map(some.map((one) => [`${one.name}\n${one.sha256}`, one])).values()];
  if (only === undefined || others.length > 0) return null;
  return only.name === "" ? { ...only, name: expected } : only;
}

/** Says of a statement whether it was made from the file of the step before; null where nothing is asked of that, or it can't be told yet. */
export function originBefore(
  place: Place,
  before: Before,
  earlier: {
    readonly place: Place | Unplaced;
    readonly isDone: boolean;
    readonly ballots: readonly Ballot[];
  },
  count: Count,
): ((verified: Verified) => Origin) | null {
  const { from } = before;
  if (!from.includes("materials")) return null;
  if ("why" in earlier.place) return from.length === 1 ? () => "unsaid" : null;
  const { artifact } = earlier.place;
  const sha256 = toHex(artifact.sha256);
  if (!from.includes("same") && !from.includes("normal-form"))
    return (verified) => {
      const input = productIn(verified, place.name, before);
      if (input === null) return "unsaid";
      return input.sha256 === sha256 && input.name === artifact.name ? "given" : "other";
    };
  const { alias } = artifact;
  if (alias === undefined) return originAmong(new Set([sha256]), true);
  if (!earlier.isDone) return null;
  const given = givenBeside(alias, earlier.ballots, count);
  const all = new Set([sha256, ...alias.same, ...given.keys()]);
  return originAmong(all, vouchedFor(given, before.rule).length > 0 || alias.known !== null);
}

/** `isKnown`: these are all that it can have been. */
function originAmong(products: ReadonlySet<string>, isKnown: boolean): (verified: Verified) => Origin {
  return (verified) => {
    const inputs = inputsIn(verified);
    if (inputs.some(({ sha256 }) => products.has(sha256))) return "given";
    return inputs.length > 0 && isKnown ? "other" : "unsaid";
  };
}

/** By hex digest: who says that he got this before its signature was taken off. */
export type Given = ReadonlyMap<string, readonly Ballot[]>;

/**
 * What those who agree got under this name, as the statements have it with which they agree. What they took back of that, be it for one name
 * alone, is none; nor is what a statement names twice.
 */
export function givenBeside(
  alias: Alias,
  ballots: readonly Ballot[],
  { found, now }: Pick<Count, "found" | "now">,
): Given {
  const given = new Map<string, Set<Ballot>>();
  for (const ballot of ballots) {
    const { builder, counts } = ballot;
    if (counts.length === 0) continue;
    const taken = retractedBy(builder, found, anybodysBy(builder, found, now));
    for (const { verified } of counts) {
      const digest = taken.has(verified.id) ? null : givenIn(verified, alias);
      if (digest !== null) given.set(digest, (given.get(digest) ?? new Set()).add(ballot));
    }
  }
  return new Map([...given].map(([digest, some]) => [digest, [...some]]));
}

function givenIn({ claims }: Verified, { target }: Alias): string | null {
  const digests = claims.flatMap((claim) =>
    claim.kind === "positive" && claim.sha256 !== null && claim.target?.keyHex === target.keyHex
      ? [toHex(claim.sha256)]
      : [],
  );
  const [only, second] = new Set(digests);
  return second === undefined ? (only ?? null) : null;
}

/** Those digests of which so many say it as the step asks for: the word of fewer accuses nobody, and clears nobody. */
export function vouchedFor(given: Given, rule: Rule): readonly string[] {
  return [...given].flatMap(([digest, ballots]) => {
    const { needed, taken } = seated(rule, ballots);
    return taken === needed ? [digest] : [];
  });
}

/** Materials are read once, however often a file is judged. */
const read = new WeakMap<Verified, readonly Input[]>();

function inputsIn(verified: Verified): readonly Input[] {
  const known = read.get(verified) ?? madeFrom(verified);
  read.set(verified, known);
  return known;
}

/** A file of the same package; null where that has no file of this name. */
function targetOf({ purl }: Target, file: string): Target | null {
  return tried(() => parseTarget(purl, file));
}

function noFileOf({ purl }: Target, name: string): Unplaced {
  return {
    why: `${name} is no file of ${purl}`,
    next: "see what the steps' files are called: samebits policy explain, renames",
  };
}

import type { PublicKey } from "../crypto/index.ts";
import type { Cosigner } from "../feed/index.ts";
import type { SignedDocument } from "../intoto/index.ts";
import type { AptCondition } from "./listed.ts";

/** A party of the policy that counts as one: whoever holds one of its keys. */
export interface Builder {
  readonly name: string;
  /** At least one; no key belongs to two builders. */
  readonly keys: readonly PublicKey[];
  /** Those of its keys that anybody may hold from a time on. */
  readonly revoked: readonly Revocation[];
  /** Who runs it; a builder of which the file says nothing is its own operator. */
  readonly operator: string;
  readonly roles: readonly string[];
  /** What else it states of itself: null where the file says nothing. */
  readonly traits: Readonly<Record<Trait, string | null>>;
  /** Origins of the feeds that carry its claims; empty = the feeds of its own Ed25519 keys. */
  readonly feeds: readonly string[];
}

/** From a time on whatever a key signs is anybody's; what was seen in a feed before still counts. */
export interface Revocation {
  readonly key: PublicKey;
  /** ms since 1970. */
  readonly atMs: number;
  /** Who must have seen it before; null = the policy names no witnesses, and nothing of the key counts. */
  readonly witnesses: WitnessQuorum | null;
}

/** Somebody whose cosignatures the policy trusts. */
export interface Witness {
  readonly name: string;
  /** Name and key that stand in its lines. */
  readonly cosigner: Cosigner;
  /** Who runs it; a witness of which the file says nothing is its own operator. */
  readonly operator: string;
}

/** Heads count where `k` operators of these witnesses have cosigned them. */
export interface WitnessQuorum {
  readonly k: number;
  readonly of: readonly Witness[];
}

/** Who can take a seat: one builder, anybody with a role, or a group that is met. */
export type Party =
  | { readonly kind: "builder"; readonly name: string }
  | { readonly kind: "role"; readonly role: string; readonly builders: readonly string[] }
  | Group;

/** Met when `k` of its members are. */
export interface Group {
  readonly kind: "group";
  readonly name: string;
  readonly k: number;
  readonly of: readonly Party[];
  /** The names of all builders under it, at any depth. */
  readonly builders: readonly string[];
}

/** `k` of: a role's builders, a group's (which must be met too), or the parties of a list. */
export interface Requirement {
  readonly k: number;
  readonly of: Party | readonly Party[];
  /** The step whose claims count for it. */
  readonly step: string;
}

/** One word for all builders, or one a role. */
export interface ByRole<Word extends string> {
  /** For whoever has none of the roles below. */
  readonly others: Word;
  readonly roles: ReadonlyMap<string, Word>;
}

/** All that count built from one source; and this one is stated by others, where it says so. */
export interface SourceRule {
  /** Statements are held to what the rule asks of votes, but for the age. */
  readonly stated: {
    readonly requirement: Requirement;
    /** As of a rule. */
    readonly ways: readonly Way[];
    /** That of the rule unless it says otherwise; null = any age. */
    readonly maxAttestationAgeMs: number | null;
    readonly isAgeSaid: boolean;
  } | null;
  /** Null = it need be no commit. */
  readonly git: GitRule | null;
}

/** The source is a commit, and this is asked of it. */
export interface GitRule {
  /** Who has to have signed tags of it, or it itself; null = nobody need have. */
  readonly signed: { readonly requirement: Requirement; readonly ways: readonly Way[] } | null;
  /** Only tags of these names count, `{version}` being the purl's; empty = of any, and signatures on the commit too. */
  readonly tags: readonly string[];
  /** A claim that counts says that the commit is on it. */
  readonly branch: string | null;
  /** A claim that counts says that the commit is of one of these, as `repositoryOf` has them; empty = of any. */
  readonly repositories: readonly string[];
}

/** Where a builder stands and what it builds on, as the policy declares it. */
export type Trait = "country" | "distribution" | "architecture";

/** What may take no two seats of a rule. `builder` stands alone; with a trait an operator counts once too. */
export type Distinct = "builder" | "operator" | Trait;

/** A seat of a requirement: who can take it, each as `sitterOf` writes a builder that speaks of a step. */
export type Seat = ReadonlySet<string>;

/** One way to meet a rule: all its seats taken, no two by voters that share what is distinct. */
export type Way = readonly Seat[];

/** An in-toto layout that a policy names, and what was found of it. */
export interface PolicyLayout {
  readonly name: string;
  /** Beside the policy: folders and a name, joined by `/`. */
  readonly file: string;
  /** `k` of these keys must have signed it. */
  readonly owners: { readonly keys: readonly PublicKey[]; readonly k: number };
  readonly parameters: ReadonlyMap<string, string>;
  readonly found: FoundLayout;
}

/** `absent`: nobody has looked for the file, or it is not there. */
export type FoundLayout =
  | { readonly kind: "absent" }
  /** It can't be used: a code of protocol/spec/errors.md, and words. */
  | { readonly kind: "bad"; readonly sha256: string; readonly code: string; readonly message: string }
  /** Its owners have signed it. Hex SHA-256 of the file's octets. */
  | { readonly kind: "good"; readonly sha256: string; readonly signed: SignedDocument };

/**
 * How a step hangs on the one before: `materials`: whoever did it says that it was made from what that step gave; `normal-form`: both files
 * are the same without their signatures; `same`: both steps are about one and the same file.
 */
export type Tie = "materials" | "normal-form" | "same";

/** The step before, and how this one hangs on it. */
export interface Before {
  /** In the order of the type; never empty. All of them must hold. */
  readonly from: readonly Tie[];
  /** By what a file's name ends in after this step: what it ended in before. */
  readonly renames: ReadonlyMap<string, string>;
  /** What is asked of the step before, of its own file. */
  readonly rule: Rule;
}

export interface Rule {
  readonly name: string;
  readonly match: string;
  /** What apt's lists must say of the file for the rule to be for it; null = nothing. */
  readonly apt: AptCondition | null;
  /** What decides instead of requirements; null = these do. */
  readonly layout: PolicyLayout | null;
  /** Of a rule with steps, which itself is about the last one; null = nothing was before. */
  readonly before: Before | null;
  /** Empty where a layout decides. */
  readonly requirements: readonly Requirement[];
  /** The steps of the requirements, or of the layout, each once, in their order: claims of others are no votes. */
  readonly steps: readonly string[];
  /** By builder: the steps in which it is counted. Whoever is not in it has no seat. */
  readonly counted: ReadonlyMap<string, readonly string[]>;
  /** In the order of the type; never empty. */
  readonly distinct: readonly Distinct[];
  /** The requirements worked out: meeting any one of these meets the rule. Empty only where a layout decides. */
  readonly ways: readonly Way[];
  readonly onContradiction: ByRole<"refuse" | "majority" | "warn">;
  readonly onDifference: ByRole<"contradict" | "show">;
  /** null = any age. */
  readonly maxHeadAgeMs: number | null;
  /** null = any age. */
  readonly maxAttestationAgeMs: number | null;
  readonly view: "partial" | "complete";
  /** A claim agrees only where a feed is proven to carry it (RULES R16). */
  readonly logged: boolean;
  /** The file counts only where a feed of one of these publishers' own lists it; null = none need. */
  readonly loggedBy: Party | null;
  /** Null = whatever the claims were made from. */
  readonly source: SourceRule | null;
  /** A claim agrees only where so many have cosigned a head of a feed that carries it; null = nobody need have. */
  readonly witnesses: WitnessQuorum | null;
  /** A claim agrees only where these witnesses have seen it in a feed so long ago at least; null = however late. */
  readonly loggedForMs: number | null;
  /** Watchers tell of what a publisher lists and no quorum has rebuilt by then, in ms; null = nobody waits for it. No verdict depends on it. */
  readonly rebuiltWithinMs: number | null;
  readonly mode: "enforce" | "warn" | "ignore";
}

/** A file that is let by with a warning though it would be refused. */
export interface Exception {
  readonly name: string;
  /** A pattern, as of a rule. */
  readonly match: string;
  /** null = all versions. */
  readonly version: string | null;
  /** Hex; empty = whatever it is. */
  readonly sha256: readonly string[];
  /** How far it goes: over votes that are missing, or over contradictions too. */
  readonly over: "pending" | "contradicted";
  /** ms since 1970: from then on it is none. */
  readonly untilMs: number;
  readonly reason: string;
}

/** A policy file, read. Frozen. */
export interface Policy {
  readonly version: 1;
  /** Hex SHA-256 of the file's octets. */
  readonly sha256: string;
  readonly builders: ReadonlyMap<string, Builder>;
  readonly groups: ReadonlyMap<string, Group>;
  readonly witnesses: ReadonlyMap<string, Witness>;
  readonly layouts: ReadonlyMap<string, PolicyLayout>;
  /** In the file's order: the first match decides. */
  readonly rules: readonly Rule[];
  /** Decides about every file, whatever it is, and no other rule does: of a layout that was named without a policy. Null = the rules decide. */
  readonly whole: Rule | null;
  /** In the file's order. */
  readonly exceptions: readonly Exception[];
  /** For artefacts that no rule matches. */
  readonly default: { readonly mode: "warn" | "refuse" | "ignore" };
}

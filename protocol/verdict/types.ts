import type { Claim, How, Target, Verified } from "../attestation/index.ts";
import type { Evidence } from "../evidence/index.ts";
import type { ProvenEntry, SignedHead } from "../feed/index.ts";
import type { Artifacts, SignedDocument } from "../intoto/index.ts";
import type { Ending } from "../lifecycle/index.ts";
import type { AptListing, Exception, Tie } from "../policy/index.ts";
import type { FoundObject, SignedSource } from "./found-object.ts";
import type { LayoutFinding } from "./layout-types.ts";

/** Another name under which somebody may have said what the file is, who has said nothing under its own. */
export interface Alias {
  readonly target: Target;
  /** As of an artifact. */
  readonly inside: Target | null;
  /** Hex SHA-256 of what is as good as the file. */
  readonly same: ReadonlySet<string>;
  /** Hex SHA-256 of all that is known to be none other; what else is given under this name contradicts. Null = nothing is known. */
  readonly known: ReadonlySet<string> | null;
}

/** The file that is judged. */
export interface Artifact {
  /** 32 octets. */
  readonly sha256: Uint8Array;
  /** Its base name, for people. */
  readonly name: string;
  /** What it is asked to be: by the package manager, by `--purl`, or by the file itself. null = nobody says. */
  readonly target: Target | null;
  /** What its own control data, or a signed package index, say that it is; null = nothing does. */
  readonly inside: Target | null;
  /** What apt's lists say of where it is from, one a list; not there, or empty = nobody knows. */
  readonly listed?: readonly AptListing[];
  /** Hex SHA-256 of a file at hand that is this one without its signatures: the normal forms of both were compared. */
  readonly unsigned?: string;
  /** Not there = it has no other name. */
  readonly alias?: Alias;
}

/**
 * The normal form of a file that is at hand: its SHA-256, in hex, and whether the file before it was signed is octet for octet this one; or why
 * it can't be had.
 */
export type FileForm = { readonly sha256: string; readonly isWhole: boolean } | { readonly why: string };

/** A verified attestation, and the proof that a feed carries it, where there is one. */
export interface FoundClaim {
  readonly verified: Verified;
  /** Name of the builder of the policy whose key signed. */
  readonly builder: string;
  /** Head under which its inclusion was proven. */
  readonly head: SignedHead | null;
  readonly index: number | null;
  /** Commits and tags that it brings; not there where no rule asks anybody to sign these. */
  readonly objects?: readonly FoundObject[];
}

/** A link or sublayout, with those of the functionaries known here whose signatures on it hold. */
export interface FoundDocument extends SignedDocument {
  /** Hex SHA-256 of its octets. */
  readonly octets: string;
  /** What it says of packages and files; none of a file out of a folder, which goes by its digests. */
  readonly claims: readonly Claim[];
  /** Head under which its inclusion was proven, and where. */
  readonly head: SignedHead | null;
  readonly index: number | null;
}

/** A verified head, and whether all leaves below it are held and indexed here. */
export interface FoundHead {
  readonly head: SignedHead;
  readonly complete: boolean;
}

/** That a witness of the policy has cosigned a head, verified. */
export interface FoundCosignature {
  /** The witness's name in the policy. */
  readonly witness: string;
  readonly head: SignedHead;
  /** ms since 1970, by the witness's clock. */
  readonly timeMs: number;
}

/** That one head of a feed extends another, verified. */
export interface FoundJoin {
  readonly small: SignedHead;
  readonly large: SignedHead;
}

/** The largest head of a feed that this verifier has ever verified (RULES R22). */
export interface Remembered {
  readonly size: number;
  /** Hex. */
  readonly root: string;
  /** ms since 1970, by the verifier's clock, when a head of this size was first seen. */
  readonly timeMs: number;
}

/** How many were asked, and how many mirrors were read. */
export interface Asked {
  readonly local: number;
  readonly mirrors: number;
  readonly peers: number;
  readonly dht: number;
}

/** Everything that a verdict rests on: verified values only. */
export interface Findings {
  readonly entries: readonly FoundClaim[];
  /** Links and sublayouts, of functionaries of the policy's layouts; none where it has no layout. */
  readonly documents: readonly FoundDocument[];
  readonly heads: readonly FoundHead[];
  readonly evidence: readonly Evidence[];
  readonly cosignatures: readonly FoundCosignature[];
  readonly joins: readonly FoundJoin[];
  /** That feeds have ended, by keys of the policy: hints. */
  readonly endings: readonly Ending[];
  /** Builders of whom no more can be expected now (RULES R20). */
  readonly settled: "all" | ReadonlySet<string>;
  readonly asked: Asked;
  /** By origin. */
  readonly memory: ReadonlyMap<string, Remembered>;
  /** The files that are judged together, as a layout's inspections are to see them; not there for the file alone. */
  readonly files?: Artifacts;
  /** Of the files at hand, by their hex SHA-256, so far as a rule asks for their normal forms. */
  readonly forms?: ReadonlyMap<string, FileForm>;
}

export type VoteKind =
  "agrees" | "contradicts" | "differs" | "failed" | "absent" | "silent" | "unasked" | "stale" | "excluded";

export type View = "complete" | "partial";

/** Who saw a claim in a feed. */
export interface Witnessing {
  /** Names in the policy, in its order. */
  readonly saw: readonly string[];
  /** Operators of them: what counts. */
  readonly count: number;
  readonly needed: number;
  /** ms since 1970 from which on enough of them are proven to have seen it, null where they are not; not there where the rule does not ask how long. */
  readonly since?: number | null;
}

/** What one builder says of the file (RULES R19). */
export interface Vote {
  readonly builder: string;
  readonly operator: string;
  /** Its first role in the policy. */
  readonly role: string | null;
  /** Of the key that signed the claim shown, else of the builder's first key. */
  readonly keyid: string;
  readonly vote: VoteKind;
  /** Hex: the digest that it claims, where it claims one. */
  readonly sha256: string | null;
  readonly how: How | null;
  /** ms since 1970 as the signer says. */
  readonly time: number | null;
  /** Origin and index where the claim was proven to stand. */
  readonly feed: string | null;
  readonly index: number | null;
  readonly view: View;
  /** Who of the rule's witnesses saw the claim shown, and how many must have; null where the rule asks for none, or nothing agrees. */
  readonly witnesses: Witnessing | null;
  /** The feed that goes on in the stead of its own, which has ended, as its key says; not there where none does, or the policy lists it. A hint. */
  readonly successor?: string;
  /** ms since 1970: the key that signed the claim shown is revoked as of then, and the claim is not proven to be older; not there otherwise. */
  readonly revoked?: number;
  /** In which steps it agrees; not there where the rule asks for one step only. */
  readonly steps?: readonly string[];
  /** Whether a feed of its own lists the file; not there where the rule does not ask it to. */
  readonly lists?: boolean;
  /** What those of its claims that agree name as their source, so many as are tried; not there where the rule does not ask for one. */
  readonly sources?: readonly string[];
  /** In words: why this vote, or what is missing. */
  readonly reason: string | null;
}

/** What stands against a file: builders agree with each other and not with it, disagree, or a fork took the votes that it needed. */
export type ContradictionKind = "file" | "split" | "fork";

/** Why no rule was applied: none matches, or the file is not what it is asked to be. */
export type Problem = "no-rule" | "misfit";

/** How far somebody has stated a source. */
export interface StatedSource {
  /** `gitCommit:…` or `sha256:…`. */
  readonly name: string;
  readonly needed: number;
  readonly taken: number;
}

/** A step of a rule with steps, judged on its own file. */
export interface ChainStep {
  readonly step: string;
  /** Null where it is not known which file it was about. */
  readonly file: string | null;
  /** Hex. */
  readonly sha256: string | null;
  /** How it hangs on the step before; null of the first. */
  readonly from: readonly Tie[] | null;
  readonly verdict: Verdict["verdict"];
  readonly needed: number;
  readonly agreeing: number;
  readonly votes: readonly Vote[];
  readonly reasons: readonly string[];
}

export interface Verdict {
  readonly artifact: Artifact;
  readonly verdict: "reproduced" | "contradicted" | "pending";
  readonly decision: "allow" | "warn" | "refuse";
  /** Also set where the rule let others outweigh it. */
  readonly contradiction: ContradictionKind | null;
  readonly problem: Problem | null;
  /** Name of the rule, and its mode. */
  readonly rule: string | null;
  readonly mode: "enforce" | "warn" | "ignore" | null;
  /** The exception of the policy that let it by; null where none did. */
  readonly exception: Exception | null;
  /** Hex SHA-256 of the policy file. */
  readonly policy: string;
  /** Seats to take, and how many are taken by builders that agree. */
  readonly needed: number;
  readonly agreeing: number;
  readonly view: View;
  /** What those who are counted built from, as `gitCommit:…` or `sha256:…`; null where the rule does not ask, or nobody is counted. */
  readonly source: string | null;
  /** Of each source that an agreeing vote names, how many have stated it of how many needed; not there where the rule asks nobody to. */
  readonly stated?: readonly StatedSource[];
  /** Not there where the rule asks nobody to sign commits or tags, or nobody is counted. */
  readonly signed?: SignedSource;
  /** Not there where votes decide. */
  readonly layout?: LayoutFinding;
  /** First to last; not there where the rule has no steps. */
  readonly chain?: readonly ChainStep[];
  /** Steps by other rules that may be for the file, too: what was said of their files has to be known to say which rule is the strictest. Not shown. */
  readonly open?: readonly ChainStep[];
  /** In the policy's order: every builder that the rule counts, and its publishers; of a rule with steps those of each step. */
  readonly votes: readonly Vote[];
  readonly reasons: readonly string[];
  /** What to do next; null where there is nothing to wait for. */
  readonly next: string | null;
  readonly evidence: readonly Evidence[];
  /** What it rests on, by claim id: all that those heard have said of the file, took back of that, or state of its source. */
  readonly attestations: readonly Verified[];
  readonly asked: Asked;
  /** ms since 1970: the `now` of the judgement. */
  readonly at: number;
}

/** An entry of strangers and who is said to have signed it: raw Ed25519 key or SPKI. Nothing is verified. */
export interface RawEntry extends ProvenEntry {
  readonly signer: Uint8Array;
}

/** A feed's head as somebody hands it over. Nothing is verified. */
export interface RawHead {
  readonly checkpoint: Uint8Array;
  /** The note with the newest own time line, or null. */
  readonly timed: Uint8Array | null;
  /** All leaves are held and indexed by a node that the user trusts to know, or were looked at by the verifier itself. */
  readonly complete: boolean;
}

/** Two heads of a feed, and the hashes that lead from the smaller to the larger. Nothing is verified. */
export interface RawJoin {
  readonly small: Uint8Array;
  readonly large: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** A file out of a folder of links, as in-toto's tools lay it out. Nothing is verified. */
export interface RawDocument {
  /** Within the folder, with `/`: `build.1234abcd.link`, `sub.1234abcd/step.89abcdef.link`. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What sources handed over. Checkpoints bear the lines of whatever witnesses cosigned them. */
export interface RawFindings {
  readonly entries: readonly RawEntry[];
  /** Envelopes without any proof of a feed. */
  readonly envelopes: readonly Uint8Array[];
  readonly heads: readonly RawHead[];
  readonly evidence: readonly Uint8Array[];
  readonly joins?: readonly RawJoin[];
  /** Links and sublayouts from folders. */
  readonly documents?: readonly RawDocument[];
}

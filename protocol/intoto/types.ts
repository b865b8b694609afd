import type { Signature } from "../attestation/index.ts";
import type { JsonValue } from "../bytes/index.ts";
import type { PublicKey } from "../crypto/index.ts";

/** Digests of one artifact: lowercase hex by the name of the algorithm. */
export type Digests = ReadonlyMap<string, string>;

/** What a step took or gave: digests by path. */
export type Artifacts = ReadonlyMap<string, Digests>;

/** What somebody did in a step, whatever the dialect. */
export interface Link {
  readonly kind: "link";
  /** The step, as the signed part says; file names are hints. */
  readonly name: string;
  readonly materials: Artifacts;
  readonly products: Artifacts;
  readonly command: readonly string[];
  readonly byproducts: JsonValue;
}

/** A rule on artifacts (in-toto specification 4.3.3). */
export type ArtifactRule =
  | {
      readonly kind: "create" | "delete" | "modify" | "allow" | "disallow" | "require";
      readonly pattern: string;
    }
  | {
      readonly kind: "match";
      readonly pattern: string;
      /** Prefixes of paths; null = none. */
      readonly source: string | null;
      readonly with: "materials" | "products";
      readonly destination: string | null;
      readonly step: string;
    };

interface Item {
  readonly name: string;
  readonly expectedMaterials: readonly ArtifactRule[];
  readonly expectedProducts: readonly ArtifactRule[];
}

/** A step of a layout. */
export interface Step extends Item {
  /** So many functionaries must have signed the same link. */
  readonly threshold: number;
  /** Key ids; of the layout's `keys`, else nobody's. */
  readonly functionaries: readonly string[];
  readonly expectedCommand: readonly string[];
}

/** What the verifier is to look at by itself, after the steps. */
export interface Inspection extends Item {
  /** The command's words. */
  readonly run: readonly string[];
}

/** A layout: which steps, by whom, from what. */
export interface Layout {
  readonly kind: "layout";
  readonly readme: string;
  /** ms since 1970: from then on it is none. */
  readonly expires: number;
  /** By the id that the layout calls it by. Two ids may be of one key, which has one vote. */
  readonly keys: ReadonlyMap<string, PublicKey>;
  /** OpenPGP subkeys, by `keyName`, with their ids and the key under which the layout lists them: they sign in its stead. */
  readonly subkeys: ReadonlyMap<
    string,
    { readonly id: string; readonly key: PublicKey; readonly of: PublicKey }
  >;
  /** OpenPGP keys and subkeys that expire, by `keyName`: ms since 1970 from when on. */
  readonly expiries: ReadonlyMap<string, number>;
  /** Ids of keys that are not read here (certificates, other algorithms), and why: nobody can vote with them. */
  readonly unread: ReadonlyMap<string, string>;
  readonly steps: readonly Step[];
  readonly inspections: readonly Inspection[];
}

/** A link or layout as somebody wrote it, parsed exactly and frozen. Nothing is verified. */
export interface Document {
  /** A metablock, a DSSE envelope around a bare link or layout, or around a Statement with the predicate link/v0.3. */
  readonly form: "metablock" | "dsse" | "statement";
  /** What the signatures sign. */
  readonly signedBytes: Uint8Array;
  readonly signatures: readonly Signature[];
  readonly content: Link | Layout;
}

/** Where a document was found, and what that says of it. */
export interface LinkPlace {
  /** For people: a path, or the feed. */
  readonly label: string;
  /** The step that a file's name `STEP.KEYID.link` says; null = nothing says it. A sublayout says its step nowhere else. */
  readonly step: string | null;
  /** The folder of links in which it lies: "" of the layout itself, `STEP.KEYID8` of a sublayout, joined by `/`; null = it may belong anywhere. */
  readonly folder: string | null;
}

/** A document, and those among the keys tried whose signatures on it hold. Made by `checkSigners` alone. */
export interface SignedDocument {
  readonly document: Document;
  readonly signers: readonly PublicKey[];
  readonly place: LinkPlace;
}

/** What came of an inspection. */
export type Inspected =
  | { readonly ran: true; readonly materials: Artifacts; readonly products: Artifacts }
  /** It was not run, or (`failed`) ended badly, and why. */
  | { readonly ran: false; readonly why: string; readonly failed?: boolean };

/** What is asked of a layout. */
export interface LayoutQuestion {
  /** Its content is a layout. */
  readonly layout: SignedDocument;
  /** Whose layout it has to be: `k` of these keys. */
  readonly owners: { readonly keys: readonly PublicKey[]; readonly k: number };
  readonly parameters: ReadonlyMap<string, string>;
  /** Links and sublayouts, of anybody. */
  readonly documents: readonly SignedDocument[];
  /** ms since 1970. */
  readonly now: number;
  /** The files that are judged, as they lie where inspections run: what an inspection that runs nothing (`true`) sees. */
  readonly files: Artifacts;
}

/** How one functionary's link of a step was taken. */
export interface LinkReport {
  readonly key: PublicKey;
  readonly place: string;
  /** `counted`: one of those that agree; `dissents`: another result; `refused`: it is no vote, and why. */
  readonly taken: "counted" | "dissents" | "refused";
  readonly why: string | null;
}

/** How a step went. */
export interface StepReport {
  /** Name; of a sublayout's step `OUTER/INNER`. */
  readonly step: string;
  readonly threshold: number;
  readonly links: readonly LinkReport[];
  /** The agreed link; null where there is none. */
  readonly link: Link | null;
}

/** How the verification of a layout ended. */
export interface LayoutVerdict {
  /** `incomplete`: more links, or an inspection that was not run, could make it pass; `contradicted`: functionaries disagree. */
  readonly outcome: "passed" | "failed" | "incomplete" | "contradicted";
  /** Why it did not pass: a code of protocol/spec/errors.md and words with the place; null where it passed. */
  readonly problem: { readonly code: string; readonly message: string } | null;
  readonly steps: readonly StepReport[];
  /** The first step's materials and the last step's products; null where it did not pass. */
  readonly summary: Link | null;
  /** What people should know and nothing depends on: commands that differ from the expected ones, artifacts that no rule is about. */
  readonly notes: readonly string[];
}

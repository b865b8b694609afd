/** A supply chain as the generator draws it, before anybody writes or signs it: plain values, from which both writers make documents. */
import { sha256Hex, utf8 } from "../../protocol/index.ts";

/** What lies where: contents by path. Digests are of these. */
export type Files = Readonly<Record<string, string>>;

/** A rule as layouts have it, in words. */
export type Words = readonly string[];

export interface PlannedStep {
  readonly name: string;
  readonly materials: readonly Words[];
  readonly products: readonly Words[];
  /** Functionaries, by their names in `cast.ts`. */
  readonly by: readonly string[];
  readonly threshold: number;
}

export interface PlannedInspection {
  readonly name: string;
  readonly materials: readonly Words[];
  readonly products: readonly Words[];
  readonly run: readonly string[];
}

export interface Plan {
  readonly expires: string;
  readonly steps: readonly PlannedStep[];
  readonly inspections: readonly PlannedInspection[];
}

/** What somebody does to a document after it was signed. */
export type Damage =
  /** One digit of its signature is another. */
  | "signature"
  /** One digit of a digest, or of the expiry. */
  | "content"
  /** Half of it is gone. */
  | "cut"
  /** Its signature is said to be of a key that nobody has. */
  | "key id"
  /** A member that nobody signed. */
  | "member"
  /** A wrong signature of the same key before the right one. */
  | "first signature";

/** A link that somebody handed in. */
export interface LinkPaper {
  readonly kind: "link";
  readonly by: string;
  /** The step for which its file is named. */
  readonly step: string;
  /** The step that it names itself. */
  readonly name: string;
  readonly materials: Files;
  readonly products: Files;
  readonly algorithms: readonly string[];
  /** For whose key its file is named: as a rule the signer's. */
  readonly filedAs: string;
  readonly damage: Damage | null;
}

/** A sublayout in a link's place, with a folder of its own. */
export interface ChainPaper {
  readonly kind: "chain";
  readonly by: string;
  readonly step: string;
  readonly chain: Chain;
}

export type Paper = LinkPaper | ChainPaper;

export interface Chain {
  readonly plan: Plan;
  readonly signers: readonly string[];
  readonly damage: Damage | null;
  readonly papers: readonly Paper[];
}

/** All that a verifier is given. */
export interface Sketch {
  readonly chain: Chain;
  /** All of them have to have signed. */
  readonly owners: readonly string[];
  /** What lies where inspections run. */
  readonly files: Files;
  readonly parameters: Readonly<Record<string, string>> | null;
}

export const FAR = "2046-01-01T00:00:00Z";
export const PAST = "2020-01-01T00:00:00Z";

/** The digest of a content: of the algorithms that the tests know SHA-256 alone is true, the others are as long as theirs. */
export function digestOf(content: string, algorithm: string): string {
  const hex = sha256Hex(utf8(content));
  const lengths: Readonly<Record<string, number>> = { sha512: 128, sha1: 40, md5: 32, gitCommit: 40 };
  return hex.repeat(2).slice(0, lengths[algorithm] ?? hex.length);
}

/** A link of that step by that functionary, as honest ones are. */
export function linkBy(by: string, step: string, materials: Files, products: Files): LinkPaper {
  return {
    kind: "link",
    by,
    step,
    name: step,
    materials,
    products,
    algorithms: ["sha256"],
    filedAs: by,
    damage: null,
  };
}

export function stepOf(
  name: string,
  by: readonly string[],
  threshold: number,
  materials: readonly Words[] = [],
  products: readonly Words[] = [],
): PlannedStep {
  return { name, by, threshold, materials, products };
}

/** The chain of one owner, with nothing wrong about it but what is in it. */
export function chainOf(
  steps: readonly PlannedStep[],
  papers: readonly Paper[],
  inspections: readonly PlannedInspection[] = [],
): Chain {
  return { plan: { expires: FAR, steps, inspections }, signers: ["owner"], damage: null, papers };
}

export function sketchOf(chain: Chain, files: Files = {}): Sketch {
  return { chain, owners: ["owner"], files, parameters: null };
}

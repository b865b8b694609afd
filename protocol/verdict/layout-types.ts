/** What a layout makes of a file. */
import type { LayoutVerdict, LinkReport } from "../intoto/index.ts";

/** Who did a step, as the layout counts it. */
export interface LayoutStep {
  /** Of a sublayout's step `OUTER/INNER`. */
  readonly step: string;
  readonly threshold: number;
  /** Keys whose links agree. */
  readonly agreeing: number;
  readonly links: readonly LayoutLink[];
  /** Builders of the policy that may do it and of whom no link was found. */
  readonly missing: readonly string[];
}

/** How somebody's link was taken. */
export interface LayoutLink {
  /** In the policy; null of a functionary of a sublayout. */
  readonly functionary: string | null;
  readonly keyid: string;
  readonly place: string;
  readonly taken: LinkReport["taken"];
  /** In words; null where there is nothing to say. */
  readonly why: string | null;
}

/** What a layout makes of a file. */
export interface LayoutFinding {
  readonly name: string;
  readonly file: string;
  /** Hex SHA-256 of the layout's octets; null where they are not here. */
  readonly sha256: string | null;
  /** Of the layout as a whole; `absent`: its file is not here; `unusable`: it is not its owners', has expired, or can't be read. */
  readonly outcome: LayoutVerdict["outcome"] | "absent" | "unusable";
  readonly problem: LayoutVerdict["problem"];
  readonly steps: readonly LayoutStep[];
  readonly notes: readonly string[];
  /** What it rests on: the layout itself, without a claim id, and the links that were considered; hex SHA-256 of their octets. */
  readonly rests: readonly { readonly claim: string | null; readonly sha256: string }[];
}

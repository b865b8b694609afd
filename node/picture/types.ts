/** How the builders of one target stand to each other: what the picture counts. */
export type Agreement = "same" | "majority" | "split" | "different" | "single";

/** Something that a builder says of a target, under a good signature (RULES R9). */
export interface Said {
  /** Its raw key in hex (of another than Ed25519 its SPKI). */
  readonly builder: string;
  readonly kind: "positive" | "failed" | "differs";
  /** The beginning of the step's SHA-256, in hex: votes of different steps are about different things (RULES R14). */
  readonly step: string;
  /** Hex; null where it failed. */
  readonly sha256: string | null;
  /** It was taken back: it has no vote (RULES R17). */
  readonly retracted: boolean;
}

/** One step of a target, as it is counted. */
export interface StepCount {
  readonly step: string;
  /** Speakers with a vote: an operator's keys are one. */
  readonly voters: number;
  readonly agreement: Agreement;
  /** What more than half of them got; null where there is none. */
  readonly majority: string | null;
  /** All that was got, what most got first. Whoever got several, and took none back, is in `voters` and in none of these. */
  readonly results: readonly { readonly sha256: string; readonly voters: number }[];
}

/** Numbers of targets. */
export type Agreements = Readonly<Record<Agreement, number>>;

/** The numbers at a time. */
export interface Point extends Agreements {
  /** ms since 1970. */
  readonly time: number;
  readonly targets: number;
}

/** The size of a feed at a time. */
export interface Growth {
  /** ms since 1970. */
  readonly time: number;
  readonly size: number;
}

/** Of the targets with a vote of this key: where it is with the majority of the votes, where not; where it failed and has no vote. */
export interface BuilderCount {
  readonly key: string;
  readonly targets: number;
  readonly same: number;
  readonly different: number;
  readonly failed: number;
}

/** Targets that both keys vote on, and whether alike. `a` < `b`. */
export interface PairCount {
  readonly a: string;
  readonly b: string;
  readonly same: number;
  readonly different: number;
}

/** What one look through the index has counted. */
export interface Counted {
  /** With at least one vote. */
  readonly targets: number;
  readonly byBuilders: readonly { readonly builders: number; readonly targets: number }[];
  readonly agreement: Agreements;
  readonly builders: readonly BuilderCount[];
  readonly pairs: readonly PairCount[];
}

/** What people are shown. */
export interface PictureView extends Counted {
  /** ms since 1970 of the last look; null = there was none yet. */
  readonly time: number | null;
  /** A look is under way. */
  readonly looking: boolean;
  /** Entries whose signatures nobody has looked at yet: nothing of them is counted. */
  readonly unchecked: number;
  /** Oldest first. */
  readonly history: readonly Point[];
}

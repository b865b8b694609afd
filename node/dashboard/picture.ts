/** The picture of all builds that the node has counted (`GET /v1/picture`), and pages of it (`GET /v1/matrix`), read. */
import type { RecordShape, Shape } from "../../protocol/index.ts";
import { readWhen } from "./answers.ts";

/** How many files are in each state. */
export interface Agreement {
  /** All builders that built it got the same. */
  readonly same: number;
  /** Most got the same, some did not. */
  readonly majority: number;
  /** No result has most of them. */
  readonly split: number;
  /** Every builder got something else. */
  readonly different: number;
  /** One builder alone. */
  readonly single: number;
}

export interface Picture {
  /** ms since 1970 of the last look through the index; null before the first. */
  readonly time: number | null;
  readonly looking: boolean;
  readonly targets: number;
  readonly byBuilders: readonly { readonly builders: number; readonly targets: number }[];
  readonly agreement: Agreement;
  readonly history: readonly (Agreement & { readonly time: number; readonly targets: number })[];
  readonly builders: readonly BuilderCount[];
  readonly pairs: readonly {
    readonly a: string;
    readonly b: string;
    readonly same: number;
    readonly different: number;
  }[];
}

export interface BuilderCount {
  readonly key: string;
  readonly targets: number;
  readonly same: number;
  readonly different: number;
  readonly failed: number;
}

export interface Said {
  /** Raw key in hex. */
  readonly builder: string;
  readonly sha256: string | null;
  readonly kind: string;
  readonly step: string;
  /** Its builder took it back. */
  readonly isRetracted: boolean;
  /** The node counts this key. Whoever else says something changes no number (I6). */
  readonly isCounted: boolean;
}

/** One step of a target, as the node has counted it. */
export interface StepCount {
  readonly step: string;
  /** Independent builders: an operator's keys are one. */
  readonly voters: number;
  readonly agreement: keyof Agreement;
  /** What more than half of them got; null where no result has so many. */
  readonly majority: string | null;
  /** What most got first. Who got several is in none of these numbers. */
  readonly results: readonly { readonly sha256: string; readonly voters: number }[];
}

export interface MatrixTarget {
  readonly purl: string;
  readonly file: string;
  readonly key: string;
  /** Of the worst of its steps; null without a vote. */
  readonly agreement: keyof Agreement | null;
  /** The largest first. */
  readonly steps: readonly StepCount[];
  readonly cells: readonly Said[];
}

export interface MatrixPage {
  readonly targets: readonly MatrixTarget[];
  readonly next: string | null;
}

const LARGE = Number.MAX_SAFE_INTEGER;
const MANY = 100_000;
const AGREEMENTS = ["same", "majority", "split", "different", "single"] as const;

export function readPicture(root: RecordShape): Picture {
  const time = root.member("time");
  return {
    time: time.value === null ? null : readWhen(time),
    looking: root.boolean("looking"),
    targets: root.integer("targets", 0, LARGE),
    byBuilders: root.list("by_builders", MANY).map((item) => {
      const row = item.record();
      return { builders: row.integer("builders", 0, LARGE), targets: row.integer("targets", 0, LARGE) };
    }),
    agreement: readAgreement(root.record("agreement")),
    history: root.list("history", MANY).map((item) => {
      const point = item.record();
      return {
        time: readWhen(point.member("time")),
        targets: point.integer("targets", 0, LARGE),
        ...readAgreement(point),
      };
    }),
    builders: root.list("builders", MANY).map(readBuilder),
    pairs: root.list("pairs", MANY).map((item) => {
      const pair = item.record();
      return {
        a: pair.string("a"),
        b: pair.string("b"),
        same: pair.integer("same", 0, LARGE),
        different: pair.integer("different", 0, LARGE),
      };
    }),
  };
}

function readAgreement(from: RecordShape): Agreement {
  const count = (name: string): number => from.integer(name, 0, LARGE);
  return {
    same: count("same"),
    majority: count("majority"),
    split: count("split"),
    different: count("different"),
    single: count("single"),
  };
}

function readBuilder(item: Shape): BuilderCount {
  const builder = item.record();
  return {
    key: builder.string("key"),
    targets: builder.integer("targets", 0, LARGE),
    same: builder.integer("same", 0, LARGE),
    different: builder.integer("different", 0, LARGE),
    failed: builder.integer("failed", 0, LARGE),
  };
}

export function readMatrix(root: RecordShape): MatrixPage {
  const next = root.member("next");
  return {
    targets: root.list("targets", MANY).map((item) => {
      const target = item.record();
      const agreement = target.member("agreement");
      return {
        purl: target.string("purl"),
        file: target.string("file"),
        key: target.string("key"),
        agreement: agreement.value === null ? null : agreement.oneOf(AGREEMENTS),
        steps: target.list("steps", MANY).map(readStep),
        cells: target.list("cells", MANY).map(readSaid),
      };
    }),
    next: next.value === null ? null : next.string(),
  };
}

function readStep(item: Shape): StepCount {
  const step = item.record();
  const majority = step.member("majority");
  return {
    step: step.string("step"),
    voters: step.integer("voters", 0, LARGE),
    agreement: step.member("agreement").oneOf(AGREEMENTS),
    majority: majority.value === null ? null : majority.string(),
    results: step.list("results", MANY).map((one) => {
      const result = one.record();
      return { sha256: result.string("sha256"), voters: result.integer("voters", 0, LARGE) };
    }),
  };
}

function readSaid(item: Shape): Said {
  const cell = item.record();
  const sha256 = cell.member("sha256");
  return {
    builder: cell.string("builder"),
    sha256: sha256.value === null ? null : sha256.string(),
    kind: cell.string("kind"),
    step: cell.string("step"),
    isRetracted: cell.boolean("retracted"),
    isCounted: cell.boolean("counted"),
  };
}

import type { Verdict } from "../../../protocol/verdict/index.ts";
import type { Mesh } from "../mesh.ts";
import type { Found } from "../verdicts.ts";

/** What a scenario leaves behind: the mesh as it ended, and numbers of interest. */
export interface Facts {
  readonly mesh: Mesh;
  readonly facts: Readonly<Record<string, number>>;
  /** Files that somebody asked about: verdicts on them are made when the run has ended. */
  readonly found?: readonly Found[];
  /** Looks at these verdicts, in the same order. */
  readonly judged?: (verdicts: readonly Verdict[]) => void;
}

/** Runs with so many honest peers; throws where an invariant breaks or an expectation fails. */
export type Scenario = (seed: number, size: number) => Facts;

import type { Mesh } from "../mesh.ts";

/** What a scenario leaves behind: the mesh as it ended, and numbers of interest. */
export interface Facts {
  readonly mesh: Mesh;
  readonly facts: Readonly<Record<string, number>>;
}

/** Runs with so many honest peers; throws where an invariant breaks or an expectation fails. */
export type Scenario = (seed: number, size: number) => Facts;

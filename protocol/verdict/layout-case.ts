import type { Inspected, Inspection } from "../intoto/index.ts";
import type { PolicyLayout } from "../policy/index.ts";
import type { Survey } from "./dossier.ts";
import type { Artifact } from "./types.ts";

/** Runs what a layout wants to be looked at, or says why not. */
export type Inspect = (inspection: Inspection) => Inspected;

/** What a judgement by a layout needs. */
export interface LayoutCase extends Survey {
  readonly artifact: Artifact;
  readonly layout: PolicyLayout;
  readonly inspect: Inspect;
}

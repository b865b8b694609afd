/** Self-contained proofs of forks, bad leaves and contradictions, which anybody checks offline (`protocol/spec/evidence.md`). */
export { accusedIn } from "./accused.ts";
export { isForgedOwn, isGivenOutAsOwn, proveBadLeaf } from "./bad-leaf.ts";
export type { BadLeafEvidence } from "./bad-leaf.ts";
export { checkEvidence, checkEvidenceSync } from "./check.ts";
export { isDifference, isWithdrawn, proveContradiction } from "./contradiction.ts";
export type { ContradictionEvidence } from "./contradiction.ts";
export { describeEvidence, idOfEvidence, keysOfEvidence } from "./describe.ts";
export { writeEvidence } from "./file.ts";
export type { Evidence } from "./file.ts";
export { areOfSameHeads, proveFork, saysMore } from "./fork.ts";
export type { ForkCommon, ForkEvidence, ForkJoin } from "./fork.ts";
export { forkSearch } from "./fork-search.ts";
export type { SearchStep } from "./fork-search.ts";
export { HeadTiles } from "./head-tiles.ts";
export { evidenceId } from "./id.ts";

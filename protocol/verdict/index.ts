/** The door of `protocol/verdict/`: from verified findings to one answer that anybody gets from the same bytes. */
export { judge } from "./judge.ts";
export { collectFound } from "./collect.ts";
export type { Collected, CollectOptions } from "./collect.ts";
export type { BadDocument } from "./documents.ts";
export type { Inspect } from "./layout-case.ts";
export { materialsOf } from "./chosen.ts";
export type { Material } from "./chosen.ts";
export { asksForForm, filesOfStep, stepFiles, stepName } from "./step-files.ts";
export type { StepFile } from "./step-files.ts";
export { joinRaw } from "./join.ts";
export { rememberHeads } from "./memory.ts";
export { readBundleFile, writeBundleFile } from "./bundle.ts";
export type { Bundle } from "./bundle.ts";
export { describeVerdict, artifactName, summarize } from "./describe.ts";
export type { ScreenOptions } from "./describe.ts";
export { verdictJson } from "./json.ts";
export type { Former, Run } from "./json.ts";
export { differencesFrom, policyUriOf, summarizeVerdict } from "./vsa.ts";
export { exitOfDecision, exitOfVerdict, worstExit } from "./exit.ts";
export type { VerdictExit } from "./exit.ts";
export type { LayoutFinding } from "./layout-types.ts";
export type {
  Artifact,
  Asked,
  ChainStep,
  ContradictionKind,
  FileForm,
  Findings,
  FoundClaim,
  FoundDocument,
  FoundHead,
  Problem,
  RawDocument,
  RawEntry,
  RawFindings,
  RawHead,
  RawJoin,
  Remembered,
  Verdict,
  View,
  Vote,
  VoteKind,
} from "./types.ts";

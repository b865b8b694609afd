/**
 * The door of `protocol/trust/`: who may say what a policy is, and how that changes (TUF roots and targets; `protocol/spec/trust.md`). Pure.
 */
export { fingerprintOf, firstRoot, isSplit, nextRoot, parseFingerprint, rootSaid } from "./root.ts";
export type { Root, RootSaid } from "./root.ts";
export { delegationFor, readDelegated, readTargets, targetsSaid } from "./targets.ts";
export type { Delegation, TargetFile, Targets, TargetsSaid } from "./targets.ts";
export { documentAt, documentPath, filePath } from "./layout.ts";
export type { DocumentName, RolePath } from "./layout.ts";
export { matchTargetPattern } from "./path.ts";
export { readDomainFile } from "./domain-file.ts";
export type { DomainFile } from "./domain-file.ts";
export { readMetadata } from "./metadata.ts";
export type { Metadata, MetadataKind } from "./metadata.ts";
export { signersOf } from "./role.ts";
export type { Role } from "./role.ts";
export {
  beginsAsSplit,
  checkSplit,
  describeSplit,
  idOfSplit,
  proveSplit,
  signersOfBoth,
  writeSplit,
} from "./split.ts";
export type { SplitEvidence } from "./split.ts";
export { addSignature, buildRoot, buildTargets } from "./write.ts";
export type { DelegationChoice, RoleChoice, RootChoice, TargetsChoice } from "./write.ts";

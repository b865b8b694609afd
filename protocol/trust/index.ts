/**
 * The door of `protocol/trust/`: who may say what a policy is, and how that changes (TUF roots and targets; `protocol/spec/trust.md`). Pure.
 */
export { fingerprintOf, firstRoot, isSplit, nextRoot, parseFingerprint } from "./root.ts";
export type { Root } from "./root.ts";
export { delegationFor, readDelegated, readTargets } from "./targets.ts";
export type { Delegation, TargetFile, Targets } from "./targets.ts";
export { readMetadata } from "./metadata.ts";
export type { Metadata, MetadataKind } from "./metadata.ts";
export { signersOf } from "./role.ts";
export type { Role } from "./role.ts";
export { addSignature, buildRoot, buildTargets } from "./write.ts";
export type { DelegationChoice, RoleChoice, RootChoice, TargetsChoice } from "./write.ts";

/** The peer's behaviour: one state machine, `handle(event, now) → effects`, and what a driver needs to run it (`protocol/spec/peer.md`). */
export { createEngine } from "./engine.ts";
export { headInFile } from "./own-head.ts";
export { beginRecovery, endRecovery } from "./rebuild.ts";
export type { Kept, StoreStep } from "./rebuild.ts";
export { FINDING_KINDS } from "./finding-kind.ts";
export type { ObservationKind } from "./finding-kind.ts";
export { readFinding } from "./finding-row.ts";
export { readClaimRow } from "./claim-row.ts";
export { entriesIn, entryRange } from "./entry-rows.ts";
export { keyOfFeedRow } from "./feed-row.ts";
export { KnownKeys } from "./keys.ts";
export { nameRange, readNameRow, targetOfName } from "./name-row.ts";
export {
  byDistance,
  closestTo,
  distance,
  placeOf,
  placeOfSlot,
  regionBits,
  sharedBits,
  spread,
} from "./region.ts";
export type { NamedPeer } from "./provider-effects.ts";
export type { PlacedPeer } from "./region.ts";
export { slotsOf } from "./slots.ts";
export { pastOfFeed, readPast } from "./past-row.ts";
export { readAcknowledged, writeAcknowledged } from "./acknowledged-row.ts";
export type { Acknowledged } from "./acknowledged-row.ts";
export {
  acknowledgedKey,
  evidenceKey,
  feedKey,
  feedNumberOf,
  findingRange,
  placeOfRow,
  rowAt,
  rowsOf,
  rowsUnder,
  targetRange,
} from "./rows.ts";
export { KnownNames, nameOfNote } from "./told.ts";
export type { AuditView } from "./audit-view.ts";
export type { SyncView } from "./sync-view.ts";
export type { Caution, RecoveryView } from "./caution.ts";
export type {
  Command,
  CommandResult,
  Effect,
  Engine,
  EngineConfig,
  Event,
  FeedClass,
  FeedStateName,
  FeedView,
  Finding,
  FindingKind,
  FindResult,
  FoundEntry,
  HeadJoin,
  HeadView,
  Origin,
  PeerName,
  PublishedEntry,
  Question,
  Range,
  Row,
  StatusResult,
  StoreOp,
  Stream,
  Ticket,
  Token,
  Topic,
} from "./types.ts";
export type { DomainHint } from "./domain-commands.ts";
export type { DomainView, WhichPeers } from "./domain-view.ts";
export type { SignatureItem } from "./signature-item.ts";
export type { WitnessAnswer } from "./witness-view.ts";

/** The peer's behaviour: one state machine, `handle(event, now) → effects`, and what a driver needs to run it (`protocol/spec/peer.md`). */
export { createEngine } from "./engine.ts";
export { readFinding } from "./finding-row.ts";
export { nameRange, readNameRow } from "./name-row.ts";
export { acknowledgedKey, evidenceKey, findingRange, rowAt, rowsUnder } from "./rows.ts";
export type {
  Caution,
  Command,
  CommandResult,
  Effect,
  Engine,
  EngineConfig,
  Event,
  FeedClass,
  FeedStateName,
  Finding,
  FindingKind,
  FindResult,
  FoundEntry,
  HeadView,
  Origin,
  PeerName,
  PublishedEntry,
  Question,
  Range,
  Row,
  SignatureItem,
  StatusResult,
  StoreOp,
  Stream,
  Ticket,
  Token,
  Topic,
} from "./types.ts";

/** The door of `protocol/alert/`: what is found as alerts that people understand, each matter told once (`protocol/spec/alerts.md`). */
export { AlertBook } from "./book.ts";
export type { AlertEvent, BookState, Circumstances } from "./book.ts";
export { alertOfMatter, matterId } from "./merge.ts";
export { matterOf, voicesOf } from "./matter.ts";
export { pictureOf } from "./picture.ts";
export type { Camp, Picture, Stance } from "./picture.ts";
export { isWorse, severityOf } from "./severity.ts";
export { readAlertBook, writeAlertBook } from "./snapshot.ts";
export { stateOf } from "./state.ts";
export type { AlertState } from "./state.ts";
export type { Digest } from "./storm.ts";
export { SEVERITIES } from "./types.ts";
export type {
  Acknowledged,
  AlertKind,
  AlertTarget,
  BookedAlert,
  Change,
  Matter,
  Severity,
  Voice,
} from "./types.ts";
export { nameOf, signerOf, whoIs } from "./who.ts";
export type { Known } from "./who.ts";
export { digestWords } from "./digest-words.ts";
export { ALERT_KINDS } from "./kinds.ts";
export { alertWords } from "./words.ts";
export type { AlertWords } from "./words.ts";

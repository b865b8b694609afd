/** The door of `client/verify/`: from files and a policy to verdicts. */
export { collectBundle } from "./collect.ts";
export { examine, examineDigest, examineOpenDeb, examineOpenPacman } from "./examine.ts";
export type { Examined } from "./examine.ts";
export { formerVotes } from "./former.ts";
export type { FormerKey } from "./former.ts";
export { Memory } from "./memory.ts";
export { VerdictMemory } from "./rested.ts";
export type { Rested } from "./rested.ts";
export { verify } from "./verify.ts";
export { Inspecting } from "./inspections.ts";
export type { InspectionMode } from "./inspections.ts";
export type { Judged, VerifyOptions } from "./inquiry.ts";
export type { Outcome } from "./verify.ts";

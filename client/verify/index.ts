/** The door of `client/verify/`: from files and a policy to verdicts. */
export { collectBundle } from "./collect.ts";
export { examine, examineDigest } from "./examine.ts";
export type { Examined } from "./examine.ts";
export { Memory } from "./memory.ts";
export { verify } from "./verify.ts";
export type { Judged, Outcome, VerifyOptions } from "./verify.ts";

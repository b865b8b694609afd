/**
 * The door of `protocol/`: the pure core. Values in, values out; no I/O, no clock, no randomness.
 */
export * from "./errors.ts";
export * from "./limits.ts";
export * from "./names.ts";
export * from "./places/index.ts";
export * from "./bytes/index.ts";
export * from "./crypto/index.ts";
export * from "./feed/index.ts";
export * from "./attestation/index.ts";
export * from "./git/index.ts";
export * from "./normal-form/index.ts";
export * from "./evidence/index.ts";
export * from "./wire/index.ts";
export * from "./lifecycle/index.ts";
export * from "./intoto/index.ts";
export * from "./policy/index.ts";
export * from "./trust/index.ts";
export * from "./verdict/index.ts";
export * from "./peer/index.ts";
export * from "./alert/index.ts";

/** The door of `client/artifact/`: what a file is, and its hash. */
export { hashFile, readSmallFile, unreadable } from "./hash.ts";
export { identify, targetOf } from "./identify.ts";
export type { Identity, IdentifyOptions } from "./identify.ts";

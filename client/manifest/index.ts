/** The door of `client/manifest/`: lists of files in others' formats. */
export type { Entry, Gap, Manifest, Unchecked } from "./listed.ts";
export { nameOf } from "./listed.ts";
export { unseal } from "./npm-cache.ts";
export { readManifest } from "./read.ts";
export { sumLine } from "./sums.ts";

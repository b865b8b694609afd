/** The door of `client/artifact/`: what a file is, its hash, and what it holds. */
export { HashCrew } from "./hash-crew.ts";
export { hashFile } from "./hash.ts";
export {
  identify,
  identifyOpenDeb,
  identifyOpenPacman,
  pacmanFileName,
  targetOf,
  thisDistribution,
} from "./identify.ts";
export type { Identity, IdentifyOptions } from "./identify.ts";
export { readPacmanDb } from "./pacman-db.ts";
export { parseFile, readIfThere, readStdin, readText, readWhole, textIfThere, unreadable } from "./read.ts";
export { stateOf, steady } from "./steady.ts";
export { authenticodeDigest, hashForm, hashForms, unsignFile } from "./unsign.ts";
export type { TakePiece, Unsigned } from "./unsign.ts";
export { unsignTree } from "./unsign-tree.ts";

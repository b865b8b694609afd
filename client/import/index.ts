/** The door of `client/import/`: attestations that already exist, brought in as they are. */
export { answersAt, answersIn } from "./answers.ts";
export type { Answers } from "./answers.ts";
export { keysIn, openCertificate } from "./certificates.ts";
export type { NamedCertificate, NamedKey } from "./certificates.ts";
export { differences } from "./differences.ts";
export type { Difference } from "./differences.ts";
export { every } from "./every.ts";
export { harvestInToto } from "./in-toto.ts";
export { openJournal } from "./journal.ts";
export { openInstance } from "./packages.ts";
export type { Instance } from "./packages.ts";
export { harvestRebuilderd } from "./rebuilderd.ts";
export type { RebuilderdHarvest } from "./rebuilderd.ts";
export type { Harvest, Imported, LeftOut, Signer } from "./imported.ts";
export { harvestSums } from "./sums.ts";
export type { SumsLayout } from "./sums.ts";

/** The door of `client/import/`: attestations that already exist, brought in as they are. */
export { keysIn, openCertificate } from "./certificates.ts";
export type { NamedCertificate, NamedKey } from "./certificates.ts";
export { differences } from "./differences.ts";
export type { Difference } from "./differences.ts";
export type { Harvest, Imported, LeftOut, Signer } from "./imported.ts";
export { harvestSums } from "./sums.ts";
export type { SumsLayout } from "./sums.ts";

/** The door of `client/attest/`: making attestations and taking them back. */
export { readInputs } from "./inputs.ts";
export type { InputOptions, Inputs } from "./inputs.ts";
export { Ledger } from "./ledger.ts";
export type { PastClaim } from "./ledger.ts";
export { readAttestations } from "./read.ts";
export { retract } from "./retract.ts";
export { attach, idOf, seal, unsignedOctets, writeEnvelope } from "./seal.ts";
export type { Sealed } from "./seal.ts";
export { draft, draftFailure, productsOf, productsOfSums, shortDigest } from "./statement.ts";
export type { Draft, StatementOptions } from "./statement.ts";

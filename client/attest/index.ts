/** The door of `client/attest/`: making attestations and taking them back. */
export { checkBuildinfo, readInputs } from "./inputs.ts";
export type { InputOptions, Inputs } from "./inputs.ts";
export { Ledger } from "./ledger.ts";
export { formWish, madeAt } from "./normal-form.ts";
export type { FormWish, Made } from "./normal-form.ts";
export type { PastClaim } from "./past.ts";
export { publish, refuseConflicts } from "./publish.ts";
export { predicateKind } from "./predicate.ts";
export { readAttestations } from "./read.ts";
export { refuseContradiction, replacements, standingsOf } from "./replace.ts";
export type { Replaced, Standing } from "./replace.ts";
export { retract } from "./retract.ts";
export { attach, envelopePath, idOf, readUnsigned, seal, writeEnvelopes, writeUnsigned } from "./seal.ts";
export type { Sealed } from "./seal.ts";
export { assertSayable, draft, draftFailure, productsOf, productsOfSums } from "./statement.ts";
export type { Draft, StatementOptions } from "./statement.ts";
export { sealStepLink } from "./step-link.ts";
export type { StepLink } from "./step-link.ts";

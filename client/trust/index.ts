/** The door of `client/trust/`: trust domains, made by their owners, pinned and kept up to date by those who rely on them. */
export { lastOf, openDomain, roleName, roleWords } from "./domain.ts";
export type { Domain } from "./domain.ts";
export { exportDomain } from "./export.ts";
export { expiryWarning, expiryWarnings } from "./expiry.ts";
export { isFolder } from "./folder-source.ts";
export { initDomain, releaseTargets, rotateDomain } from "./make.ts";
export { OwnerFolder } from "./owner.ts";
export { pinnedDomain } from "./pinned.ts";
export { assertSpeaks, domainFileOf, policiesOf, policyFor } from "./policies.ts";
export type { DomainPolicy } from "./policies.ts";
export { knowsAll, openDocument, settle, withCopies, withSignature, writeBack } from "./sign.ts";
export type { Opened, Settled } from "./sign.ts";
export { openKnownSource, openTrustSource } from "./source.ts";
export type { Signing, Standing } from "./standing.ts";
export type { RemovedKey } from "./state.ts";
export { TrustStore } from "./store.ts";
export { addDomain, updateDomain } from "./update.ts";
export type { Updated } from "./update.ts";

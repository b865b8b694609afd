/** What builders sign: attestations, their claims, and the targets these are about. */
export { parseAttestation } from "./attestation.ts";
export type { Attestation } from "./attestation.ts";
export { parseBuildinfo } from "./buildinfo.ts";
export type { Buildinfo, BuildinfoFile } from "./buildinfo.ts";
export { inputsDigest } from "./claim.ts";
export type { Claim, ClaimKind, How, Source } from "./claim.ts";
export { fileDescriptor } from "./descriptor.ts";
export type { Descriptor } from "./descriptor.ts";
export { parseDsc } from "./dsc.ts";
export type { SourcePackage } from "./dsc.ts";
export { pae, readEnvelope, sealEnvelope, writeEnvelope } from "./dsse.ts";
export { buildFailed, buildFreeze, buildLink, buildProvenance, buildRetraction, buildVsa } from "./emit.ts";
export { FREEZE_V1, freezeOf } from "./freeze.ts";
export type { FreezePredicate, FreezeStatement } from "./freeze.ts";
export type { Product } from "./emit.ts";
export { environmentDigest, packagesDigest } from "./environment.ts";
export type { Environment } from "./environment.ts";
export { isPath, isPrintable } from "./file-name.ts";
export type { GitSaid } from "./git-said.ts";
export { repositoryOf } from "./git-source.ts";
export type { GitOctets, GitSource } from "./git-source.ts";
export { LEGACY_LAYOUT, LEGACY_LINK, readMetablockSignatures } from "./legacy.ts";
export { buildLegacyLink, sealLegacyLink } from "./legacy-write.ts";
export { LINK_V03 } from "./link.ts";
export { linkReaders } from "./link-readers.ts";
export type { LinkReaders } from "./link-readers.ts";
export type { LinkPredicate } from "./link.ts";
export { madeFrom } from "./made-from.ts";
export type { Input } from "./made-from.ts";
export { RETRACTION_V1 } from "./retraction.ts";
export type { RetractionPredicate } from "./retraction.ts";
export type { CommandRun, Printed } from "./run.ts";
export type { Signature } from "./signature.ts";
export { SIGNED_SUMS, wrapSums } from "./signed-sums.ts";
export { SLSA_V1 } from "./slsa.ts";
export type { ProvenancePredicate } from "./slsa.ts";
export { STATEMENT_V01, STATEMENT_V1 } from "./statement.ts";
export type { Subject } from "./statement.ts";
export { compareSums, parseSums } from "./sums.ts";
export type { Sums, SumsDifference, SumsRow } from "./sums.ts";
export {
  alpmTarget,
  debTarget,
  hasProfile,
  legacyKey,
  namesWhole,
  npmTarget,
  parsePurl,
  parseTarget,
  unsignedTarget,
} from "./target.ts";
export type { AlpmParts, DebParts, NpmParts, Target } from "./target.ts";
export { TEST_RESULT_V01 } from "./test-result.ts";
export type { FailedPredicate } from "./test-result.ts";
export { formatTime, parseTime, showTime } from "./time.ts";
export { claimId, ownSignature, signatureItems, trustChecked, verifyOwn, verifyWith } from "./verify.ts";
export type { SignatureToCheck, Verified } from "./verify.ts";
export { signedName, unsignedName } from "./unsigned.ts";
export { readVsa, VSA_V1, vsaOf } from "./vsa.ts";
export type { Vsa, VsaPredicate } from "./vsa.ts";
export type { Purl } from "./purl.ts";
export { isDebNamespace } from "./purl-deb.ts";
export { writePurl } from "./write-purl.ts";

/** The door of `protocol/intoto/`: in-toto's layouts and links (`protocol/spec/layouts.md`). */
export { asDocument, parseDocument } from "./document.ts";
export { keysOf, readLayoutKey, writeLayoutKey } from "./keys.ts";
export { isParameterName, isParameterValue } from "./parameters.ts";
export { linkFileName, placeOfFile } from "./place.ts";
export { checkSigners } from "./signers.ts";
export { judgeLayout, verifyLayout } from "./verify.ts";
export { RULE_FORMS, ruleOfWords, wordsOfRule } from "./rule.ts";
export { isIdle } from "./inspect.ts";
export { buildLayout, buildStepLink } from "./write.ts";
export type { LayoutDraft, StepDraft, StepLink } from "./write.ts";
export { layoutPayload, sealLayoutEnvelope, sealMetablock } from "./seal.ts";
export type { LayoutSignature } from "./seal.ts";
export type {
  ArtifactRule,
  Artifacts,
  Digests,
  Document,
  Inspected,
  Inspection,
  Layout,
  LayoutQuestion,
  LayoutVerdict,
  Link,
  LinkReport,
  LinkPlace,
  SignedDocument,
  Step,
  StepReport,
} from "./types.ts";

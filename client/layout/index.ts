/** The door of `client/layout/`: in-toto layouts as their owners make, sign and look at them. */
export { readDescription } from "./description.ts";
export { DEFAULT_EXPIRY, oneStep } from "./draft.ts";
export { EXPIRY_FORMS, readExpiry } from "./expiry.ts";
export { layoutFileOf, openToSign, readLayoutFile, signatureAdded, toSign, unsignedLayout } from "./file.ts";
export type { LayoutFile, Wrapping } from "./file.ts";
export { openLayoutKey } from "./keys.ts";
export { lookAt } from "./look.ts";
export type { LookedAt } from "./look.ts";
export { ruleLine, ruleWords } from "./rules.ts";

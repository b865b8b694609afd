/** The door of `client/keys/`: making and opening builders' keys. */
export { readCertificate } from "./certificate.ts";
export type { Certificate } from "./certificate.ts";
export { openKeyFile, openKeyPem, readPassphraseFile, readPublicKeyFile } from "./file.ts";
export type { OpenedKey } from "./file.ts";
export { openPgpSignatureIn } from "./gnupg.ts";
export { keygen } from "./keygen.ts";
export type { MadeKey } from "./keygen.ts";
export { openOwnerKey } from "./owner.ts";
export { openAnyKey, signerOf } from "./open.ts";
export type { AnyKey } from "./open.ts";

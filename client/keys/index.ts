/** The door of `client/keys/`: making and opening builders' keys. */
export { openAnyKey, openKeyFile, openKeyPem, readPassphraseFile, readPublicKeyFile } from "./file.ts";
export type { AnyKey, OpenedKey } from "./file.ts";
export { keygen } from "./keygen.ts";
export type { MadeKey } from "./keygen.ts";

/** The door of `client/keys/`: making and opening builders' keys. */
export { openKeyFile, readPassphraseFile } from "./file.ts";
export type { OpenedKey } from "./file.ts";
export { keygen } from "./keygen.ts";
export type { MadeKey } from "./keygen.ts";

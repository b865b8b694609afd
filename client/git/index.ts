/** The door of `client/git/`: commits and tags of a repository on this machine, and envelopes in their notes. */
export { addToNote, NOTES_REF, readNote } from "./notes.ts";
export type { Noted, NoteRead } from "./notes.ts";
export { commitOf, openObject, readObjectFile } from "./read.ts";
export type { NamedObject } from "./read.ts";
export { isOnBranch } from "./refs.ts";
export { openCheckout } from "./source.ts";
export type { GitCheckout, GitWish } from "./source.ts";

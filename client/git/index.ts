/** The door of `client/git/`: commits and tags of a repository on this machine. */
export { isAncestor, openObject, readObjectFile } from "./read.ts";
export type { NamedObject } from "./read.ts";
export { openCheckout } from "./source.ts";
export type { GitCheckout, GitWish } from "./source.ts";

/** The door of `client/cli/git/`: the parts of `samebits git`. */
export { defineNotes } from "./notes.ts";
export { defineSign } from "./sign.ts";
export { defineVerify } from "./verify.ts";

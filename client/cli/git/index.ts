/** The door of `client/cli/git/`: the parts of `samebits git`. */
export { defineVerify } from "./verify.ts";

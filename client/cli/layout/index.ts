/** The door of `client/cli/layout/`: in-toto layouts, for their owners. */
export { defineKey } from "./key.ts";
export { defineNew } from "./new.ts";
export { defineShow } from "./show.ts";
export { defineSign } from "./sign.ts";

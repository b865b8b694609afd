/** The door of `client/cli/trust/`: commands for those who rely on a trust domain, and for its owners. */
export { defineAdd, defineRemove, defineUpdate } from "./pin.ts";
export { defineDelegate, defineInit, defineRelease, defineRotate } from "./own.ts";
export { defineExport } from "./export.ts";
export { defineShow } from "./show.ts";
export { defineSign } from "./sign.ts";

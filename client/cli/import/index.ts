/** The commands under `samebits import`. */
export { defineKeys } from "./keys.ts";
export { defineSums } from "./sums.ts";

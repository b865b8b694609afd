/** The commands under `samebits import`. */
export { defineInToto } from "./in-toto.ts";
export { defineKeys } from "./keys.ts";
export { defineRebuilderd } from "./rebuilderd.ts";
export { defineSums } from "./sums.ts";

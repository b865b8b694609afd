/** What is under `samebits rebuild`. */
export { defineCommand } from "./command.ts";
export { defineDebian } from "./debian.ts";

/** A node in the foreground: what it is to do, and what becomes of that while it runs. */
export { runNode } from "./run.ts";
export type { NodeOptions } from "./wanted.ts";

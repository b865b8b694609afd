/** The door of `client/cli/demo/`: a mesh of processes on this machine, what happens in it, and the count of what came about. */
export { play } from "./script.ts";
export { Stage } from "./stage.ts";
export { Tally } from "./tally.ts";

/** The door of `client/rebuild/`: building again what others built, and working off what is to be built. */
export { withJournal } from "./journal.ts";
export { workOff } from "./loop.ts";
export type { Job, LoopHooks, Outcome, Tally, Task } from "./loop.ts";

/** The peer's behaviour as a state machine: events in, effects out (DESIGN section 5). */
export type * from "./types.ts";

/** What became of a feed: it grows, rests, is not heard of, has ended or forked (`protocol/spec/lifecycle.md`). Pure. */
export { endingIn, firstEnding } from "./ending.ts";
export type { Ending } from "./ending.ts";
export { entriesAfter, lifecycleOf } from "./state.ts";
export type { Lifecycle, LifecycleFacts } from "./state.ts";
export { isAhead, usableTime } from "./usable-time.ts";

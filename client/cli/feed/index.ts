/** The door of `client/cli/feed/`: looking into feeds that a node holds, and believing none of it unproven. */
export { defineCheck } from "./check.ts";
export { defineEntries } from "./entries.ts";
export { defineExport } from "./export.ts";
export { defineFreeze } from "./freeze.ts";
export { findFeed, open, provenFeeds, readFeeds, wantedOrigin } from "./known.ts";
export { defineProve } from "./prove.ts";
export { defineRecover } from "./recover.ts";

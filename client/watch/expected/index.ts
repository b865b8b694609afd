/** The door of `client/watch/expected/`: what policies expect and a node does not show. */
export { watchExpected } from "./expected.ts";
export { expectedObject } from "./report.ts";
export type { ExpectedReport } from "./report.ts";

/** Where a peer keeps its rows and its own head: on disk, or in memory for as long as one command runs. */
export { openStore } from "./level.ts";
export type { Database, LevelStore } from "./level.ts";
export { memoryStore } from "./memory.ts";
export { memoryOwnHead, ownHeadFile } from "./own-head.ts";

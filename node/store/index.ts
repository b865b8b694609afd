/** Where a peer keeps its rows and its own head: on disk, or in memory for as long as one command runs. */
import type { LevelStore } from "./level.ts";

export type { Database } from "./database.ts";
export type { LevelStore } from "./level.ts";
export { memoryStore } from "./memory.ts";
export { assertNotFrozen, freezeFeed, recoveryFiles } from "./recovery-files.ts";
export type { Quarantine, RecoveryFiles } from "./recovery-files.ts";
export { memoryOwnHead, ownHeadFile } from "./own-head.ts";

/** The store on disk; level is loaded only by who keeps something. As `openLevel`. */
export async function openStore(folder: string): Promise<LevelStore> {
  const { openLevel } = await import("./level.ts");
  return openLevel(folder);
}

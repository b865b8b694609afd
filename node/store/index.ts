/** Where a peer keeps its rows and its own head: on disk, or in memory for as long as one command runs. */
import type { LevelStore } from "./level.ts";

export type { Database } from "./database.ts";
export type { LevelStore } from "./level.ts";
export { memoryStore } from "./memory.ts";
export { assertNotFrozen, freezeFeed, recoveryFiles } from "./recovery-files.ts";
export type { Quarantine, RecoveryFiles } from "./recovery-files.ts";
export { memoryOwnHead, ownHeadFile } from "./own-head.ts";

/** Opens the store of a node that does not run, and reads its last and its first rows. Throws as `openLevel`, and `store/failed` for what cannot be read. */
export async function checkStore(folder: string): Promise<void> {
  const store = await openStore(folder);
  try {
    for (const reverse of [false, true])
      await store.read({ from: Uint8Array.of(0), to: Uint8Array.of(255), limit: 1_000, reverse });
  } finally {
    await store.close();
  }
}

/** The store on disk; level is loaded only by who keeps something. As `openLevel`. */
export async function openStore(folder: string): Promise<LevelStore> {
  const { openLevel } = await import("./level.ts");
  return openLevel(folder);
}

/** The door of `node/`: a peer on this machine. */
export { defaultConfig, lightConfig } from "./config.ts";
export type { LogLevel, NodeConfig } from "./config.ts";
export type { Domains } from "./domains.ts";
export { sortForeign } from "./foreign.ts";
export { isPrivateIp } from "./ip.ts";
export { NodeError, Refused } from "./errors.ts";
export type { NodeCode } from "./errors.ts";
export { recoverFeed } from "./recover.ts";
export type { Recovered, RecoveryProgress } from "./recover.ts";
export { checkStore, freezeFeed } from "./store/index.ts";
export { keepNode } from "./keep.ts";
export { openLog } from "./log.ts";
export type { Log } from "./log.ts";
export { openMirror } from "./mirror/index.ts";
export type { MirrorFiles } from "./mirror/index.ts";
export { startNode } from "./start.ts";
export type { Node } from "./start.ts";

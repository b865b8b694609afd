/** The door of `client/source/`: where bytes come from. Nothing that comes through it is verified. */
export { openApi } from "./api.ts";
export type { NodeApi } from "./api.ts";
export { readAnswer } from "./answer.ts";
export { badBundle, notALink, notUsed, openBundle, openBundles, openNearby } from "./bundle.ts";
export type { NamedBundle } from "./bundle.ts";
export { openFeed, openFiles } from "./feed.ts";
export type { FeedFiles, FeedReader, ProvenLeaf } from "./feed.ts";
export { parseAddress } from "./http.ts";
export type { Address } from "./http.ts";
export { openLinks } from "./links.ts";
export { openFollower, openMesh } from "./peer.ts";
export { openMirrors, openSource } from "./resolve.ts";
export { needRunningNode, runningNode } from "./running.ts";
export type { NodeStatus, RunningNode } from "./running.ts";

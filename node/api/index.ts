/** The door of `node/api/`: HTTP on loopback and on the data directory's unix socket. */
export { startApi } from "./server.ts";
export type { ApiNode, PeerView } from "./api-node.ts";
export type { Api, ApiOptions } from "./server.ts";
export { openToken } from "./token.ts";
export { startGateway } from "./rebuilderd/index.ts";
export type { Gateway } from "./rebuilderd/index.ts";

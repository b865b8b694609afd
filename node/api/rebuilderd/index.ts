/** The door of `node/api/rebuilderd/`: what builders signed, as rebuilderd's clients ask for it. */
export { startGateway } from "./server.ts";
export type { Gateway } from "./server.ts";

/** The door of `node/api/page/`: the dashboard's files, and the main facts in them for who has no JavaScript. */
export { NOT_BUILT, readBuilt } from "./built.ts";
export type { Built } from "./built.ts";
export { addPageRoutes } from "./routes.ts";

/** The door of `client/install/`: what package managers say of what they install. */
export { aptLists, readAptList } from "./apt-lists.ts";
export type { AptList } from "./apt-lists.ts";

/** The door of `client/rebuild/debian/`: Debian source packages, really rebuilt. */
export type { Suite } from "./base.ts";
export { jobsOf, parseFollowed, parseShard } from "./follow.ts";
export type { SourceJob } from "./follow.ts";
export { Ground } from "./ground.ts";
export type { GroundOptions } from "./ground.ts";
export type { Output } from "./outputs.ts";
export { readGiven, rebuildDebian } from "./rebuild.ts";
export type { Rebuild, Request } from "./rebuild.ts";
export type { Site } from "./room.ts";
export { draftsOf, reasonOf } from "./statements.ts";

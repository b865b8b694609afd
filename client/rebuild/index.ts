/** The door of `client/rebuild/`: building again what others built, and working off what is to be built. */
export { build, prepare } from "./command.ts";
export type { Build, Built } from "./command.ts";
export {
  draftsOf,
  Ground,
  jobsOf,
  parseFollowed,
  parseShard,
  readGiven,
  reasonOf,
  rebuildDebian,
} from "./debian/index.ts";
export type { GroundOptions, Output, Rebuild, Request, Site, SourceJob, Suite } from "./debian/index.ts";
export { withJournal } from "./journal.ts";
export { workOff } from "./loop.ts";
export type { Job, LoopHooks, Outcome, Tally, Task } from "./loop.ts";
export { asKnown, assertNone, fillIn, placeholdersOf } from "./placeholders.ts";
export type { Placeholders } from "./placeholders.ts";
export { filesLacking, productsIn } from "./products.ts";
export type { BuiltProduct } from "./products.ts";
export { stepMaterials, stepProducts, stepProductsAt } from "./step-files.ts";
export { readWorkList } from "./work-list.ts";

/** The door of `client/watch/`: findings of a node as alerts that prove themselves. */
export { alertObject, concerns } from "./alert.ts";
export type { Alert } from "./alert.ts";
export { expectedObject, watchExpected } from "./expected/index.ts";
export type { ExpectedReport } from "./expected/index.ts";
export { AlertList } from "./alert-list.ts";
export type { ListedAlert } from "./alert-list.ts";
export { LineBook } from "./line-book.ts";
export { looksAt } from "./look.ts";
export { Outboxes } from "./outboxes.ts";
export { alertmanagerSink, execSink, webhookSink } from "./sinks/index.ts";
export { follow } from "./follow.ts";
export type { FollowOptions } from "./follow.ts";
export { InstalledNow } from "./installed-now.ts";
export { RemovedKeys } from "./removed.ts";
export { ALPM_NAMESPACE, dpkgPackages, installedPackages, pacmanPackages } from "./installed.ts";
export type { InstalledPackage } from "./installed.ts";

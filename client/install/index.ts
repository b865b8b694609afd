/** The door of `client/install/`: what package managers say of what they install, and what stands between. */
export { AllowedList, exceptionOf, shown } from "./allowed.ts";
export type { Allowed } from "./allowed.ts";
export {
  aptFolder,
  hookAt,
  hookPath,
  hookText,
  isHooked,
  nativeArch,
  readHook,
  writeHook,
} from "./apt-hook.ts";
export type { HookSettings } from "./apt-hook.ts";
export { readAptInput } from "./apt-input.ts";
export type { AptAction, AptTransaction } from "./apt-input.ts";
export { aptLists, listedPackages, readAptList } from "./apt-lists.ts";
export { listingsOf } from "./apt-listings.ts";
export type { Listings } from "./apt-listings.ts";
export { listedOf, plannedBy } from "./apt-plan.ts";
export type { Planned } from "./apt-plan.ts";
export { methodScripts, removeMethods, sourcesByMethods, writeMethods } from "./apt-methods.ts";
export type { MethodScript } from "./apt-methods.ts";
export { assertHeld, holdAll } from "./held.ts";
export type { Held } from "./held.ts";
export { methodName, runMethod, SCHEMES } from "./method/index.ts";
export type { Fetched, Ruling, Scheme } from "./method/index.ts";
export { asApt } from "./named.ts";
export { readPackagesList } from "./packages-list.ts";
export type { ListedPackage } from "./packages-list.ts";
export { APT, PACMAN } from "./manager.ts";
export type { Manager } from "./manager.ts";
export { pacmanCall } from "./pacman-call.ts";
export type { PacmanCall } from "./pacman-call.ts";
export { asPacman, cachedFiles, calledFiles, pacmanPlaces, readTargets } from "./pacman-files.ts";
export type { PacmanFile, PacmanPlaces } from "./pacman-files.ts";
export { isFetching, pacmanHookAt, pacmanHookPath, writePacmanHook } from "./pacman-hook.ts";
export { pinsAt, pinsPath, writePins } from "./pins.ts";
export type { Pin } from "./pins.ts";
export { readStanzas } from "./stanzas.ts";
export { removeState } from "./state-folder.ts";
export { simulatedUpgrade } from "./upgrades.ts";
export { writersOf } from "./writers.ts";

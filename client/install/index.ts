/** The door of `client/install/`: what package managers say of what they install, and what stands between. */
export { AllowedList, exceptionOf, shown } from "./allowed.ts";
export type { Allowed } from "./allowed.ts";
export { hookAt, hookPath, hookText, isHooked, nativeArch, readHook, writeHook } from "./apt-hook.ts";
export type { HookSettings } from "./apt-hook.ts";
export { readAptInput } from "./apt-input.ts";
export type { AptAction, AptTransaction } from "./apt-input.ts";
export { aptLists, listedPackages, namespaceOf, readAptList } from "./apt-lists.ts";
export { listedOf, plannedBy } from "./apt-plan.ts";
export type { Planned } from "./apt-plan.ts";
export { assertHeld, holdAll } from "./held.ts";
export type { Held } from "./held.ts";
export { asApt } from "./named.ts";
export { pinsAt, pinsPath, writePins } from "./pins.ts";
export type { Pin } from "./pins.ts";
export { simulatedUpgrade } from "./upgrades.ts";
export { writersOf } from "./writers.ts";

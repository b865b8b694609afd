/** The door of `client/cli/apt/`: what stands between apt and what it installs, and what other package managers' hooks share with it. */
export { defineAllow } from "./allow.ts";
export { defineCoverage } from "./coverage.ts";
export { defineHold } from "./hold.ts";
export { addHookOptions, openForHook, programOf, settleHook, tellRemoved, wordsOf } from "./hook-words.ts";
export type { HookOptions } from "./hook-words.ts";
export { inspectCalled, inspectHook } from "./inspect.ts";
export { defineInstallHook, defineRemoveHook } from "./install-hook.ts";
export { defineMethod } from "./method.ts";
export { addNearOptions, openNear } from "./near.ts";
export type { NearOptions } from "./near.ts";
export { definePreInstall } from "./pre-install.ts";
export { MACHINE_CONFIG, MACHINE_DATA, MACHINE_POLICY, stateOfHook } from "./settings.ts";
export { assertSafe, holdTold, readTold, STOPPED, tell } from "./transaction.ts";

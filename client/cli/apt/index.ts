/** The door of `client/cli/apt/`: what stands between apt and what it installs. */
export { defineAllow } from "./allow.ts";
export { defineCoverage } from "./coverage.ts";
export { defineHold } from "./hold.ts";
export { inspectHook } from "./inspect.ts";
export { defineInstallHook, defineRemoveHook } from "./install-hook.ts";
export { defineMethod } from "./method.ts";
export { definePreInstall } from "./pre-install.ts";

/** The door of `client/cli/pacman/`: what stands between pacman and what it installs. */
export { defineFetch } from "./fetch.ts";
export { inspectPacmanHook } from "./inspect.ts";
export { defineInstallHook, defineRemoveHook } from "./install-hook.ts";
export { definePreInstall } from "./pre-install.ts";

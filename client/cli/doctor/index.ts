/** What `samebits doctor` looks at, beside configuration, policy and package managers. */
export { lookAtInodes, lookAtKeys, lookAtOwners } from "./files.ts";
export { lookAtPorts } from "./ports.ts";
export { lookAtReach, lookAtTimes } from "./reach.ts";
export { lookAtStore } from "./store.ts";

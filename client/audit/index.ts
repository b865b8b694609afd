/** The door of `client/audit/`: the packages of this machine, as files that can be judged. */
export type { Audited, PackageManager } from "./audited.ts";
export { auditDpkg } from "./dpkg.ts";
export { auditPacman } from "./pacman.ts";

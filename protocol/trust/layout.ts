/** Where a domain's documents and files stand, on a web server or in a folder (`trust.md`, "A folder of static files"). */
import { toHex } from "../bytes/index.ts";
import { MAX_TRUST_DEPTH } from "../limits.ts";

/** Names of the delegations that lead to a role: none is the domain's own targets, `["debian", "kernel"]` what debian delegates on. */
export type RolePath = readonly string[];

/** A document by what it is: a root by its version, targets by their role. */
export type DocumentName = { readonly root: number } | { readonly role: RolePath };

const ROOT_PATH = /^([1-9]\d{0,9})\.root\.json$/;
const TARGETS_PATH = "targets.json";
const ROLE_PATH = /^delegated\/((?:[a-z0-9][a-z0-9_-]{0,63}\/){0,7}[a-z0-9][a-z0-9_-]{0,63})\.json$/;

/** `2.root.json`, `targets.json`, `delegated/debian/kernel.json`. Roles have a folder of their own, so that none is named like another file. */
export function documentPath(name: DocumentName): string {
  if ("root" in name) return `${name.root}.root.json`;
  return name.role.length === 0 ? TARGETS_PATH : `delegated/${name.role.join("/")}.json`;
}

/** What stands at such a path; null for any other. */
export function documentAt(path: string): DocumentName | null {
  if (path === TARGETS_PATH) return { role: [] };
  const [, version] = ROOT_PATH.exec(path) ?? [];
  if (version !== undefined) return { root: Number(version) };
  const role = ROLE_PATH.exec(path)?.[1]?.split("/") ?? [];
  return role.length === 0 || role.length > MAX_TRUST_DEPTH ? null : { role };
}

/** `files/SHA256`: by what is in it, so that who reads while others write gets the old file or the new one. */
export function filePath(sha256: Uint8Array): string {
  return `files/${toHex(sha256)}`;
}

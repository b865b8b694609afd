import { debTarget } from "../../protocol/index.ts";
import { aptLists, readAptList } from "../install/index.ts";
import { dpkgPackages } from "../watch/index.ts";
import { Inventory } from "./audited.ts";
import type { Audited } from "./audited.ts";

const DEFAULT_NAMESPACE = "debian";

/**
 * What dpkg has installed. It keeps no digest of a .deb: that stands in the lists that apt has fetched and checked, under name, version and
 * architecture. `namespace` is whose packages they are; null = as each list's Release file says (`Origin: Debian`). Throws `input/…`,
 * `usage/bad-option`.
 */
export async function auditDpkg(namespace: string | null): Promise<Audited> {
  const inventory = new Inventory(await dpkgPackages());
  for (const list of await aptLists()) {
    const whose = namespace ?? namespaceOf(list.origin);
    for await (const { name, version, architecture: arch, sha256 } of readAptList(list)) {
      inventory.take(name, version, arch, sha256, () => debTarget({ namespace: whose, name, version, arch }));
    }
  }
  return inventory.done("dpkg");
}

/** The first word: backports of Debian have `Debian Backports`. */
export function namespaceOf(origin: string): string {
  const [word = ""] = origin.toLowerCase().split(" ");
  return /^[a-z0-9][a-z0-9.+-]*$/.test(word) ? word : DEFAULT_NAMESPACE;
}

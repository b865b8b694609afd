import { debTarget } from "../../protocol/index.ts";
import { listedPackages } from "../install/index.ts";
import { dpkgPackages } from "../watch/index.ts";
import { Inventory } from "./audited.ts";
import type { Audited } from "./audited.ts";

/**
 * What dpkg has installed. It keeps no digest of a .deb: that stands in the lists that apt has fetched and checked, under name, version and
 * architecture. `namespace` is whose packages they are; null = as each list's Release file says (`Origin: Debian`). Throws `input/…`,
 * `usage/bad-option`.
 */
export async function auditDpkg(namespace: string | null): Promise<Audited> {
  const inventory = new Inventory(await dpkgPackages());
  for await (const { namespace: whose, name, version, architecture: arch, sha256 } of listedPackages(
    namespace,
  ))
    inventory.take(name, version, arch, sha256, () => debTarget({ namespace: whose, name, version, arch }));
  return inventory.done("dpkg");
}

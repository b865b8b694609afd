import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { alpmTarget } from "../../protocol/index.ts";
import { readPacmanDb } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";
import { outputOf } from "../output-of.ts";
import { ALPM_NAMESPACE, pacmanPackages } from "../watch/index.ts";
import { Inventory } from "./audited.ts";
import type { Audited } from "./audited.ts";

const MAX_PATH_OUTPUT_BYTES = 1024 * 1024;

/**
 * What pacman has installed. The digests stand in the databases of the repositories that it has fetched, which know the newest version
 * alone. Throws `input/…`, `usage/bad-option`.
 */
export async function auditPacman(): Promise<Audited> {
  const inventory = new Inventory(await pacmanPackages());
  for (const path of await databases()) {
    await readPacmanDb(path, ({ name, version, arch, filename, sha256 }) => {
      const ending = filename.slice(Math.max(0, filename.lastIndexOf(".pkg.tar")));
      const parts = { namespace: ALPM_NAMESPACE, name, version, arch };
      inventory.take(name, version, arch, sha256, () => alpmTarget(parts, ending));
    });
  }
  return inventory.done("pacman");
}

async function databases(): Promise<readonly string[]> {
  try {
    const folder = join((await outputOf("pacman-conf", ["DBPath"], MAX_PATH_OUTPUT_BYTES)).trim(), "sync");
    const names = (await readdir(folder)).filter((name) => name.endsWith(".db"));
    if (names.length > 0) return names.toSorted().map((name) => join(folder, name));
  } catch (error) {
    throw noLists("pacman-conf does not run here, or names a folder that can't be read", error);
  }
  throw noLists("pacman has no databases here: run pacman -Sy");
}

function noLists(why: string, cause?: unknown): ClientError {
  return new ClientError(
    "input/bad-list",
    `${why}; the SHA-256 of an installed package stands in its repository's database alone`,
    { cause },
  );
}

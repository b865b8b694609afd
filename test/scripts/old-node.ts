/** A Node of the system's that is too old for samebits, as the ones that set-up and launcher have to cope with. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Its file; null where this machine has none. */
export function findOldNode(): string | null {
  const isOld = (file: string): boolean => {
    if (!existsSync(file)) return false;
    const version = spawnSync(file, ["--version"], { encoding: "utf8" }).stdout;
    return /^v(20|21)\.|^v22\.(\d|1[0-7])\./.test(version);
  };
  return ["/usr/bin/node", "/usr/local/bin/node"].find(isOld) ?? null;
}

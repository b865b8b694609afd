import { existsSync } from "node:fs";
import { join } from "node:path";

/** Debian 12 with debhelper and apt's lists, which `scripts/debian.sh` has made: tests reach no mirror. */
export const BASE: string = join(import.meta.dirname, "../../scripts/base/bookworm-amd64.tar");

/** Null where it is there. */
export function whyNoBase(): string | null {
  return existsSync(BASE)
    ? null
    : "no system to build in was made: scripts/debian.sh does that, where mmdebstrap is installed";
}

import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../../config.ts";
import { failureOf } from "../failure.ts";
import { fail, ok, warn } from "../finding.ts";
import type { Finding } from "../finding.ts";

/** The store of a node that does not run: whether it is whole, of a format that this version reads, and free. A store that is there only is looked at. */
export async function lookAtStore({ data }: Config): Promise<readonly Finding[]> {
  const path = join(data, "store");
  if (!existsSync(path)) return [];
  if (process.getuid !== undefined && statSync(path).uid !== process.getuid())
    return [warn("store", `${path} is another user's: run doctor as that user, who alone is to open it`)];
  const { checkStore } = await import("../../../node/index.ts");
  try {
    await checkStore(data);
    return [ok("store", `${path} opens`)];
  } catch (error) {
    const { code, message } = failureOf(error);
    const more =
      code === "store/failed"
        ? "; if it is damaged, move it away: followed feeds come again, your own is to be recovered (samebits feed recover)"
        : code === "store/locked"
          ? "; no node answers here all the same: look at what runs, and at its log"
          : "";
    return [fail("store", `${message}${more}`)];
  }
}

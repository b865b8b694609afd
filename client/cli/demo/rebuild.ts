import { copyFile, mkdir } from "node:fs/promises";
import { toHex } from "../../../protocol/index.ts";
import { hashFile } from "../../artifact/index.ts";
import { ClientError } from "../../errors.ts";
import type { Stage } from "./stage.ts";

const SOURCE = "usrmerge_37~deb12u1";
const BUILD_MS = 25_000;

/** The .deb that the rebuilders attest, and how it came about. */
export interface Rebuilt {
  readonly path: string;
  readonly words: string;
}

/**
 * Rebuilds usrmerge from source where Debian's tools are here; takes the recorded result where they are not, or give other bits than
 * bookworm's (another debhelper), and says so.
 */
export async function rebuildUsrmerge(stage: Stage, artefact: (name: string) => string): Promise<Rebuilt> {
  const recorded = artefact(`${SOURCE}_all.deb`);
  const path = stage.path(`${SOURCE}_all.deb`);
  await copyFile(recorded, path);
  const folder = stage.path("build");
  await mkdir(folder);
  for (const name of [`${SOURCE}.dsc`, `${SOURCE}.tar.xz`])
    await copyFile(artefact(name), stage.path("build", name));
  const started = performance.now();
  const unpacked = await tryRun(stage, "dpkg-source", ["-x", `${SOURCE}.dsc`, "source"], folder);
  if (!unpacked)
    return { path, words: "no dpkg-dev here: the recorded result of an earlier rebuild is used" };
  const built = await tryRun(stage, "dpkg-buildpackage", ["-us", "-uc", "-b"], stage.path("build", "source"));
  if (!built)
    return { path, words: "debhelper is missing here: the recorded result of an earlier rebuild is used" };
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const fresh = stage.path("build", `${SOURCE}_all.deb`);
  const [got, archive] = await Promise.all([hashFile(fresh), hashFile(recorded)]);
  if (toHex(got.sha256) !== toHex(archive.sha256)) {
    return {
      path,
      words: "this machine's debhelper gives other bits than bookworm's: the recorded result is used",
    };
  }
  return {
    path: fresh,
    words: `really rebuilt from source here in ${seconds} s, bit for bit Debian's own .deb`,
  };
}

async function tryRun(stage: Stage, file: string, args: readonly string[], cwd: string): Promise<boolean> {
  try {
    return (await stage.run(file, args, cwd, BUILD_MS)).status === 0;
  } catch (error) {
    if (error instanceof ClientError) throw error;
    return false; // not installed here
  }
}

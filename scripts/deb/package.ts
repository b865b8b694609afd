/** From the sources to a .deb: `npm run package:deb`. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeControl } from "./control.ts";
import { copyrightOf } from "./copyright.ts";
import { settle } from "./settle.ts";
import { stage, TOP } from "./stage.ts";

/** By Node's names of architectures; of others npm has no Node. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

export interface DebOptions {
  /** Debian's part of the version. */
  readonly revision: string;
  /** Of xz, 0 to 9: other levels give other bytes, so a package that is published has 6. */
  readonly level: number;
}

export interface Deb {
  readonly file: string;
  /** What apt's hook calls it where Debian is the distribution. */
  readonly purl: string;
  readonly bytes: number;
}

/** Writes `samebits_VERSION_ARCH.deb` into `folder`. Throws with what is missing. */
export async function buildDeb(folder: string, { revision, level }: DebOptions): Promise<Deb> {
  const architecture = ARCHITECTURES[process.arch];
  if (architecture === undefined || process.platform !== "linux")
    throw new Error(`there is no Node to put into a package for ${process.platform}-${process.arch}`);
  const { version: upstream } = JSON.parse(readFileSync(join(TOP, "package.json"), "utf8")) as {
    readonly version: string;
  };
  const version = `${upstream}-${revision}`;
  const seconds = sourceDate();
  const work = mkdtempSync(join(tmpdir(), "samebits-deb-"));
  try {
    const tree = join(work, "tree");
    const { metafiles, nodeFolder } = await stage(tree, { version, seconds });
    copyrightOf(tree, { metafiles, nodeFolder });
    writeControl(tree, { version, architecture });
    settle(tree, seconds);
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `samebits_${version}_${architecture}.deb`);
    pack(tree, file, { seconds, level });
    const purl = `pkg:deb/debian/samebits@${version}?arch=${architecture}`;
    return { file, purl, bytes: statSync(file).size };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Seconds since 1970 that all files get: SOURCE_DATE_EPOCH (reproducible-builds.org/specs/source-date-epoch), else of the last commit. */
function sourceDate(): number {
  const said = process.env["SOURCE_DATE_EPOCH"];
  if (said !== undefined && /^[0-9]{1,11}$/.test(said)) return Number(said);
  const { stdout } = spawnSync("git", ["log", "-1", "--format=%ct"], { cwd: TOP, encoding: "utf8" });
  const seconds = Number(stdout ?? "");
  if (seconds > 0) return seconds;
  throw new Error(
    "this is no checkout with a last commit: set SOURCE_DATE_EPOCH to the release's time, in seconds",
  );
}

function pack(
  tree: string,
  file: string,
  options: { readonly seconds: number; readonly level: number },
): void {
  const args = ["--root-owner-group", "-Zxz", `-z${options.level}`, "--uniform-compression"];
  // With one thread liblzma makes one block of it, with more the same blocks whatever their number.
  const env = { ...process.env, LC_ALL: "C", SOURCE_DATE_EPOCH: String(options.seconds) };
  const ran = spawnSync("dpkg-deb", [...args, "--threads-max=2", "--build", tree, file], {
    env,
    encoding: "utf8",
  });
  if (ran.error !== undefined) throw new Error("dpkg-deb is not here: apt-get install dpkg");
  if (ran.status !== 0) throw new Error(`dpkg-deb: ${ran.stderr}`);
}

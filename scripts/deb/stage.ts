/** The files of the package where they will lie. */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Metafile } from "esbuild";
import { buildSingle, SINGLE_NAME } from "../build/single.ts";
import { buildInstalled, OUTSIDE } from "../build/whole.ts";
import { completionOf } from "./completion.ts";
import { manualOf } from "./manual.ts";

export const TOP: string = join(import.meta.dirname, "../..");
const DEBIAN = join(import.meta.dirname, "debian");
const HOME = "usr/lib/samebits";
const DOC = "usr/share/doc/samebits";
const UNITS = "usr/lib/systemd/system";
/** Of a package that is not bundled: what runs, what it says of itself, and nothing for other machines. */
const RUNS = /(^|\/)(package\.json|[^/]*\.(js|cjs|mjs))$/;
const NOT_RUN =
  /(^|\/)(test|tests|test-.*|bench|benchmark|build-test|bin\.js|optional\.js|deps|dist\/(?!node\/)|types|browser)(\/|$)|\.min\.|test\.js$/;

interface Locked {
  readonly dependencies?: Readonly<Record<string, string>>;
}

export interface Staged {
  readonly metafiles: readonly Metafile[];
  /** Where the Node is from. */
  readonly nodeFolder: string;
}

/** Fills `tree`, which is not there yet. `seconds` since 1970 stand in what bears a date. */
export async function stage(
  tree: string,
  { version, seconds }: { readonly version: string; readonly seconds: number },
): Promise<Staged> {
  const metafiles = await buildInstalled(join(tree, HOME, "lib"));
  await buildSingle(join(tree, HOME, SINGLE_NAME));
  const nodeFolder = stageNode(tree);
  for (const name of packagesBeside()) stagePackage(tree, name);
  mkdirSync(join(tree, "usr/bin"), { recursive: true });
  symlinkSync("../lib/samebits/lib/samebits.sh", join(tree, "usr/bin/samebits"));
  put(tree, "etc/samebits/config.toml", readFileSync(join(TOP, "docs/examples/config.toml")));
  for (const unit of readdirSync(DEBIAN).filter((name) => name.endsWith(".service")))
    put(tree, join(UNITS, unit), readFileSync(join(DEBIAN, unit)));
  stageDocuments(tree, version, seconds);
  return { metafiles, nodeFolder };
}

/** The very file that npm's lock file names: who builds with another Node puts the same one in. */
function stageNode(tree: string): string {
  const folder = join(TOP, `scripts/runtime/node_modules/node-linux-${process.arch}`);
  const file = join(folder, "bin/node");
  if (!existsSync(file))
    throw new Error(`${file} is not there: node scripts/setup.js --with-runtime brings it`);
  put(tree, join(HOME, "bin/node"), readFileSync(file));
  return folder;
}

/** What is not bundled, and what that needs, from the lock file. */
export function packagesBeside(): readonly string[] {
  const { packages } = JSON.parse(readFileSync(join(TOP, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, Locked>>;
  };
  const names = new Set(OUTSIDE);
  for (const name of names) {
    const locked = packages[`node_modules/${name}`];
    if (locked === undefined) throw new Error(`package-lock.json has no ${name}`);
    for (const needed of Object.keys(locked.dependencies ?? {}))
      if (!NEVER_LOADED.has(needed)) names.add(needed);
  }
  return [...names].sort();
}

/** For browsers; for compiling. */
const NEVER_LOADED: ReadonlySet<string> = new Set(["browser-level", "napi-macros"]);

function stagePackage(tree: string, name: string): void {
  const from = join(TOP, "node_modules", name);
  const own = `prebuilds/${process.platform}-${process.arch}/${name}.node`;
  for (const path of readdirSync(from, { recursive: true, encoding: "utf8" }))
    if (path === own || (RUNS.test(path) && !NOT_RUN.test(path)))
      put(tree, join(HOME, "node_modules", name, path), readFileSync(join(from, path)));
}

function stageDocuments(tree: string, version: string, seconds: number): void {
  for (const name of readdirSync(join(TOP, "docs")))
    cpSync(join(TOP, "docs", name), join(tree, DOC, "docs", name), { recursive: true });
  put(tree, join(DOC, "README.md"), readFileSync(join(TOP, "README.md")));
  put(tree, join(DOC, "changelog.gz"), gzip(readFileSync(join(TOP, "CHANGELOG.md"))));
  const date = new Date(1_000 * seconds).toUTCString().replace("GMT", "+0000");
  const entry = `samebits (${version}) unstable; urgency=medium\n\n  * What changed stands in changelog.gz.\n\n -- ${MAINTAINER}  ${date}\n`;
  put(tree, join(DOC, "changelog.Debian.gz"), gzip(Buffer.from(entry)));
  put(tree, "usr/share/man/man1/samebits.1.gz", gzip(Buffer.from(manualOf(seconds))));
  put(tree, "usr/share/bash-completion/completions/samebits", Buffer.from(completionOf()));
  put(tree, "usr/share/lintian/overrides/samebits", readFileSync(join(DEBIAN, "lintian-overrides")));
}

export const MAINTAINER = "samebits developers <samebits@localhost>";

/** By Debian's gzip, whose bytes don't depend on the Node that builds. */
function gzip(bytes: Uint8Array): Uint8Array {
  const { status, stdout } = spawnSync("gzip", ["-9n"], { input: bytes, maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error("gzip failed");
  return stdout;
}

/** Writes a file of the tree. */
export function put(tree: string, path: string, bytes: Uint8Array): void {
  const file = join(tree, path);
  if (existsSync(file)) throw new Error(`${path} is there twice`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
}

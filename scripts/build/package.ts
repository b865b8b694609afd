/**
 * The published package: `lib/` with JavaScript in chunks (a command loads only what it needs), `types/` with the
 * declarations of the three doors, `spec/`, and a package.json of its own that knows nothing of the checkout.
 */
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, type BuildOptions, type Metafile, type Plugin } from "esbuild";
import { assetsBeside } from "./assets.ts";
import { byHand } from "./builtins.ts";
import { early } from "./early.ts";
import { noticesOf } from "./notices.ts";
import { pastDoors } from "./past-doors.ts";
import { declareTypes } from "./types.ts";
import { withoutStreams } from "./xz.ts";

const TOP = join(import.meta.dirname, "../..");

/** Names in lib/ and what is bundled under them. Workers keep the names that their starters know them by. */
const ENTRIES: Readonly<Record<string, string>> = {
  protocol: "protocol/index.ts",
  node: "node/index.ts",
  client: "client/index.ts",
  "check-worker": "node/check-worker.ts",
  "hash-worker": "client/artifact/hash-worker.ts",
};
/** The command in one file, but for the node: reading it in chunks would cost a verdict half as much time again as Node's own start. */
const CLI_ENTRIES: Readonly<Record<string, string>> = { main: "client/cli/main.ts" };
const BROWSER_ENTRIES: Readonly<Record<string, string>> = { "protocol.browser": "protocol/index.ts" };

/**
 * Small pure packages, bundled with our code: loading their many files would cost a verdict as much time as Node's
 * own start. All others (libp2p, level, HTTP) stay dependencies.
 */
const BUNDLED: ReadonlySet<string> = new Set([
  "@noble/ed25519",
  "@noble/hashes",
  "commander",
  "multiformats",
  "packageurl-js",
  "protons-runtime",
  "smol-toml",
  "uint8arraylist",
  "xz-decompress",
]);

const DOORS = ["protocol", "node", "client"];
const LAUNCHER = ["samebits.sh", "samebits.js", "runtime.js", "brought-node.js"];
const DOCUMENTS = ["README.md", "CHANGELOG.md", "LICENSE"];

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly [member: string]: unknown;
}

/** Builds into `out`, which is emptied first. Resolves to the paths of what is in it. */
export async function buildPackage(out: string): Promise<string[]> {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(TOP, "package.json"), "utf8")) as Manifest;
  const names = Object.keys(manifest.dependencies).filter((name) => !BUNDLED.has(name));
  const outdir = join(out, "lib");
  const common = { outdir, external: names.flatMap((name) => [name, `${name}/*`]) };
  const metafiles = [
    await bundle({ ...common, entryPoints: ENTRIES, platform: "node", target: "node22.18", splitting: true }),
    // Node reads all of it before a verdict: without blanks and comments that takes a fortieth of a verdict's time less.
    await bundle({
      ...common,
      entryPoints: CLI_ENTRIES,
      platform: "node",
      target: "node22.18",
      minifyWhitespace: true,
    }),
    await bundle({ ...common, entryPoints: BROWSER_ENTRIES, platform: "browser", target: "es2024" }),
  ];
  copyLauncher(outdir);
  declareTypes(TOP, DOORS, join(out, "types"));
  for (const name of DOCUMENTS) cpSync(join(TOP, name), join(out, name));
  cpSync(join(TOP, "protocol/spec"), join(out, "spec"), { recursive: true });
  writeFileSync(join(out, "THIRD-PARTY.md"), noticesOf(TOP, metafiles));
  writeFileSync(join(out, "package.json"), `${JSON.stringify(published(manifest), undefined, 2)}\n`);
  return readdirSync(out, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(out.length + 1))
    .sort();
}

/** Bundles our sources as the package has them. */
export async function bundle(
  options: BuildOptions & { readonly outdir: string },
  isEarly: boolean = false,
): Promise<Metafile> {
  const { metafile } = await build({
    ...options,
    absWorkingDir: TOP,
    bundle: true,
    format: "esm",
    chunkNames: "[name]-[hash]",
    plugins: [...(options.plugins ?? []), ourSources(options.outdir, isEarly)],
    metafile: true,
    logLevel: "error",
  });
  return metafile;
}

/** Our sources as the bundler should see them. */
function ourSources(outdir: string, isEarly: boolean): Plugin {
  const withAssets = assetsBeside(outdir);
  return {
    name: "our-sources",
    setup(bundler) {
      // a peer is a door of its own: who only asks or shows doesn't load it
      bundler.onResolve({ filter: /\/node\/index\.ts$/ }, ({ kind }) =>
        kind === "dynamic-import" ? { path: "./node.js", external: true } : null,
      );
      bundler.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const text = readFileSync(path, "utf8");
        const direct = pastDoors(path, isEarly ? early(text) : text);
        return { contents: byHand(path, withAssets(path, direct), false), loader: "ts" };
      });
      bundler.onLoad({ filter: /node_modules\/commander\/.*\.js$/ }, ({ path }) => {
        return { contents: byHand(path, readFileSync(path, "utf8"), true), loader: "js" };
      });
      bundler.onLoad({ filter: /node_modules\/xz-decompress\/.*\.js$/ }, ({ path }) => {
        return { contents: withoutStreams(readFileSync(path, "utf8")), loader: "js" };
      });
    },
  };
}

/** The launcher as it is, but for the name of what it starts and the place of its cache. */
export function copyLauncher(outdir: string): void {
  for (const name of LAUNCHER) cpSync(join(TOP, "client/cli", name), join(outdir, name));
  chmodSync(join(outdir, "samebits.sh"), 0o755);
  const launcher = join(outdir, "samebits.js");
  const text = readFileSync(launcher, "utf8");
  const changed = text
    .replace('"./main.ts"', '"./main.js"')
    .replace('"../../node_modules/.cache/samebits"', '"./.cache"');
  if (!changed.includes('"./main.js"') || !changed.includes('"./.cache"'))
    throw new Error("samebits.js has changed");
  writeFileSync(launcher, changed);
}

/** package.json of the published package: no scripts, no tools, everything points into lib/ and types/. */
function published(manifest: Manifest): Record<string, unknown> {
  const { name, version, description, license, type } = manifest;
  const doors = DOORS.map((room) => {
    const types = `./types/${room}/index.d.ts`;
    const browser = room === "protocol" ? { browser: "./lib/protocol.browser.js" } : {};
    return [`./${room}`, { types, ...browser, default: `./lib/${room}.js` }] as const;
  });
  return {
    name,
    version,
    description,
    license,
    type,
    // the checkout takes any Node from 20 on, as it brings a newer one where it must
    engines: { node: ">=22.18" },
    bin: { samebits: "lib/samebits.sh" },
    exports: { ...Object.fromEntries(doors), "./spec/*": "./spec/*", "./package.json": "./package.json" },
    sideEffects: false,
    dependencies: Object.fromEntries(
      Object.entries(manifest.dependencies).filter(([dependency]) => !BUNDLED.has(dependency)),
    ),
  };
}

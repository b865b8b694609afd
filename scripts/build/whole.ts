/**
 * The command and the peer with all their packages in a few files: as Debian's package has them, and, with the peer of the end-to-end tests, for the
 * test suite, which starts them hundreds of times: from source a peer reads, strips and compiles thirteen hundred files before it is ready, which takes most of its CPU time.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildOptions, Metafile } from "esbuild";
import { bundle, copyLauncher } from "./package.ts";

/** Named as those who start them know them, see `test/built.ts`. The command is in one file, as in the package. */
const COMMAND: Readonly<Record<string, string>> = {
  main: "client/cli/main.ts",
  "hash-worker": "client/artifact/hash-worker.ts",
};
const PEERS: Readonly<Record<string, string>> = {
  node: "node/index.ts",
  "check-worker": "node/check-worker.ts",
};
const TEST_PEER: Readonly<Record<string, string>> = { "peer-process": "test/e2e/peer-process.ts" };
/** They stay outside: one finds its compiled half beside its own files, the other is started by few and has a `require` of its own. */
export const OUTSIDE: readonly string[] = ["level", "openpgp"];
/** What packages in CommonJS call; by a name that no module of theirs has. */
const REQUIRE = `import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);`;

/** Builds into `outdir`, which lies below the checkout, so that what stays outside is found. */
export async function buildWhole(outdir: string): Promise<void> {
  await bundleWhole(outdir, { ...PEERS, ...TEST_PEER });
}

/** The command and the peer as they are installed with a Node of their own; `node_modules/` with what stays outside has to be above `outdir` where they run. */
export async function buildInstalled(outdir: string): Promise<readonly Metafile[]> {
  // What is seen through links would be called by where they lead, and the same sources elsewhere give other bytes.
  return bundleWhole(outdir, PEERS, { minifyWhitespace: true, preserveSymlinks: true });
}

async function bundleWhole(
  outdir: string,
  peers: Readonly<Record<string, string>>,
  more: BuildOptions = {},
): Promise<readonly Metafile[]> {
  const common: BuildOptions & { readonly outdir: string } = {
    outdir,
    platform: "node",
    target: "node22.18",
    external: [...OUTSIDE],
    banner: { js: REQUIRE },
    ...more,
  };
  const metafiles = [
    await bundle({ ...common, entryPoints: COMMAND }),
    await bundle({ ...common, entryPoints: peers, splitting: true }),
  ];
  copyLauncher(outdir);
  // else Node would parse each file to see what it is
  writeFileSync(join(outdir, "package.json"), `{ "type": "module" }\n`);
  return metafiles;
}

/**
 * The command and the peer of the end-to-end tests with all their packages in a few files, for the test suite, which starts them
 * hundreds of times: from source a peer reads, strips and compiles thirteen hundred files before it is ready, which takes most of its CPU time.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildOptions } from "esbuild";
import { bundle, copyLauncher } from "./package.ts";

/** Named as those who start them know them, see `test/built.ts`. The command is in one file, as in the package. */
const COMMAND: Readonly<Record<string, string>> = {
  main: "client/cli/main.ts",
  "hash-worker": "client/artifact/hash-worker.ts",
};
const PEERS: Readonly<Record<string, string>> = {
  node: "node/index.ts",
  "check-worker": "node/check-worker.ts",
  "peer-process": "test/e2e/peer-process.ts",
};
/** They stay outside: one finds its compiled half beside its own files, the other is started by few and has a `require` of its own. */
const OUTSIDE = ["level", "openpgp"];
/** What packages in CommonJS call; by a name that no module of theirs has. */
const REQUIRE = `import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);`;

/** Builds into `outdir`, which lies below the checkout, so that what stays outside is found. */
export async function buildWhole(outdir: string): Promise<void> {
  const common: BuildOptions & { readonly outdir: string } = {
    outdir,
    platform: "node",
    target: "node22.18",
    external: OUTSIDE,
    banner: { js: REQUIRE },
  };
  await bundle({ ...common, entryPoints: COMMAND });
  await bundle({ ...common, entryPoints: PEERS, splitting: true });
  copyLauncher(outdir);
  // else Node would parse each file to see what it is
  writeFileSync(join(outdir, "package.json"), `{ "type": "module" }\n`);
}

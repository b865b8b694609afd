/**
 * `verify` in a single file without any package beside it, for installers and early boot: the command itself, bundled with a table that has no other
 * command, and with no peer. `npm run build:verify`
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Plugin } from "esbuild";
import { minify } from "terser";
import { bundle } from "./package.ts";
import { withPackedCode } from "./xz.ts";

const TOP = join(import.meta.dirname, "../..");
export const SINGLE_NAME = "samebits-verify.mjs";

/** What the launcher asks by, too. */
const WHICH_NODE = readFileSync(join(TOP, "client/cli/runtime.js"), "utf8").replaceAll(/^export /gm, "");
/** Runs before anything of ours: an older Node, which can read the file because of TARGET, gives no verdict by failing somewhere (RULES R31). */
const BEFORE = `#!/usr/bin/env node
// samebits verify, Apache-2.0; of the packages in it: THIRD-PARTY.md of samebits
{ ${WHICH_NODE}
  if (!isNewEnough(process.versions.node)) {
    process.stderr.write("samebits-verify: needs Node " + OLDEST_NODE + " or newer, this is " + process.versions.node + " [internal/impossible]\\n");
    process.exit(70);
  }
}`;
const TARGET = "node18";
/** The year of the language that this Node reads. */
const SYNTAX = 2022;

/** Writes the file; resolves to its length and the paths of all that went into it, from the top of the checkout. */
export async function buildSingle(
  file: string,
): Promise<{ readonly bytes: number; readonly inputs: readonly string[] }> {
  const outdir = mkdtempSync(join(tmpdir(), "samebits-single-"));
  try {
    const { outputs } = await bundle(
      {
        outdir,
        entryPoints: { single: "client/cli/single.ts" },
        platform: "node",
        target: TARGET,
        banner: { js: BEFORE },
        minify: true,
        legalComments: "none",
        charset: "utf8",
        preserveSymlinks: true,
        plugins: [onlyVerify],
      },
      true,
    );
    const text = await smaller(readFileSync(join(outdir, "single.js"), "utf8"));
    writeFileSync(file, text);
    chmodSync(file, 0o755);
    return {
      bytes: Buffer.byteLength(text),
      inputs: Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs)),
    };
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** What the bundler has made small is made a little smaller, by folding what it leaves: 8 KB. Our own line about licences stays. */
async function smaller(text: string): Promise<string> {
  const { code } = await minify(text, {
    module: true,
    ecma: SYNTAX,
    compress: { passes: 2 },
    format: { comments: /Apache-2\.0/, ecma: SYNTAX },
  });
  if (code === undefined) throw new Error("nothing is left of the file");
  return code;
}

const OF_DOMAINS = /\/(?:export|folder-source|make|mesh-source|owner|rounds|sign|source|update)\.ts$/;

const onlyVerify: Plugin = {
  name: "only-verify",
  setup(bundler) {
    bundler.onResolve({ filter: /\/table\.ts$/ }, () => ({ path: "table", namespace: "only-verify" }));
    bundler.onLoad({ filter: /./, namespace: "only-verify" }, () => ({ contents: TABLE, resolveDir: TOP }));
    bundler.onResolve({ filter: /\/node\/index\.ts$/ }, ({ importer, kind }) =>
      kind === "dynamic-import" && !importer.includes("/no-peer.ts")
        ? { path: join(import.meta.dirname, "no-peer.ts") }
        : null,
    );
    // Verdicts rest on what is kept of a trust domain: making one, and keeping it up to date, is for the whole samebits.
    bundler.onResolve({ filter: OF_DOMAINS }, ({ importer }) =>
      importer.endsWith("/client/trust/index.ts") ? { path: "trust", namespace: "not-needed" } : null,
    );
    bundler.onLoad({ filter: /./, namespace: "not-needed" }, () => ({ contents: "module.exports = {};" }));
    // The key that signs a summary is a file's.
    bundler.onResolve({ filter: /\/(?:gnupg|ssh-agent)\.ts$/ }, ({ importer }) =>
      importer.includes("/client/keys/") ? { path: "agents", namespace: "no-agents" } : null,
    );
    bundler.onLoad({ filter: /./, namespace: "no-agents" }, () => ({ contents: AGENTS, resolveDir: TOP }));
    bundler.onLoad({ filter: /node_modules\/xz-decompress\/.*\.js$/ }, ({ path }) => ({
      contents: withPackedCode(readFileSync(path, "utf8")),
      loader: "js",
    }));
    // Certificates are read when a policy is written, never for a verdict.
    bundler.onResolve({ filter: /\/certificate\.ts$/ }, ({ importer }) =>
      importer.includes("/client/keys/") ? { path: "certificate", namespace: "no-certificates" } : null,
    );
    bundler.onLoad({ filter: /./, namespace: "no-certificates" }, () => ({ contents: CERTIFICATES }));
    // Nobody follows a node's findings here.
    bundler.onResolve({ filter: /\/(?:events|read-finding)\.ts$/ }, ({ importer }) =>
      importer.endsWith("/client/source/api.ts") ? { path: "findings", namespace: "not-needed" } : null,
    );
    // What a node and a watch are told in the configuration is theirs to read, and there is no peer that could go to an address.
    bundler.onResolve({ filter: /\/(?:node|watch)\.ts$/ }, ({ importer }) =>
      importer.endsWith("/client/settings/read.ts") ? { path: "settings", namespace: "no-settings" } : null,
    );
    bundler.onLoad({ filter: /./, namespace: "no-settings" }, () => ({ contents: SETTINGS }));
    bundler.onResolve({ filter: /\/multiaddr\.ts$/ }, ({ importer }) =>
      importer.endsWith("/protocol/places/index.ts")
        ? { path: "addresses", namespace: "no-addresses" }
        : null,
    );
    bundler.onLoad({ filter: /./, namespace: "no-addresses" }, () => ({ contents: ADDRESSES }));
  },
};

const TABLE = `import { define } from "./client/cli/verify.ts";
export const COMMANDS = [{
  name: "verify",
  summary: "did a quorum of independent builders get these bits?",
  load: () => Promise.resolve({ define }),
}];`;

const CERTIFICATES = `export function readCertificate() {
  throw new Error("OpenPGP certificates are read by the whole samebits only");
}`;

const SETTINGS = `const none = () => ({});
export { none as readNode, none as readWatch };`;

const ADDRESSES = `export const isPeerId = () => false;
export const isMultiaddr = (text) => text.startsWith("/");`;

const AGENTS = `import { ClientError } from "./client/errors.ts";
function refuse() {
  throw new ClientError("key/no-agent", "keys in an ssh-agent or with GnuPG sign with the whole samebits only: name a key file");
}
export { refuse as agentSigner, refuse as gpgSigner, refuse as openPgpSignatureIn };`;
